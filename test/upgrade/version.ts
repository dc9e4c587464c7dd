import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { makeScratch } from '../support/scratch.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A version of the whole repository that can be run. */
export interface Version {
  readonly name: string
  readonly path: string
  readonly main: string
}

const versionIn = (name: string, path: string): Version => ({ name, path, main: join(path, 'src/main.ts') })

export const presentVersion = versionIn('present', root)

const run = async (command: string, args: readonly string[], cwd = root): Promise<string> =>
  (await promisify(execFile)(command, args, { cwd, maxBuffer: 64 * 2 ** 20, timeout: 300_000 })).stdout

let last: Promise<Version> | undefined

/** The last release with its packages, in a folder that goes with this process. */
export function lastVersion(): Promise<Version> {
  last ??= makeScratch().then(({ path }) => layOutLast(path))
  return last
}

async function layOutLast(folder: string): Promise<Version> {
  const commit = await findLast()
  const path = join(folder, 'last')
  const archive = join(folder, 'last.tar')
  await mkdir(path)
  await run('git', ['archive', '--format=tar', `--output=${archive}`, commit])
  await run('tar', ['--extract', '--file', archive, '--directory', path])
  if (await hasPresentPackages(path)) await linkPackages(path)
  else await run('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], path)
  const { version } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8')) as { version: string }
  return versionIn(version, path)
}

/** The newest tag of a version, or, where a clone has no tags, the commit that brought the newest version into the changelog. */
async function findLast(): Promise<string> {
  try {
    await run('git', ['rev-parse', '--verify', 'HEAD'])
  } catch (error) {
    throw new Error('the last version is taken from the git history, which is not here: run this in a clone', {
      cause: error,
    })
  }
  const tag = await run('git', ['describe', '--tags', '--abbrev=0', '--match', 'v*']).catch(() => '')
  if (tag !== '') return tag.trim()
  const [heading] = /^## \d+\.\d+\.\d+ \(.*\)$/m.exec(await readFile(join(root, 'CHANGELOG.md'), 'utf8')) ?? []
  if (heading === undefined) throw new Error('CHANGELOG.md has no version yet')
  const commits = await run('git', ['log', '--format=%H', `-S${heading}`, '--', 'CHANGELOG.md'])
  const commit = commits.trim().split('\n').at(-1)!
  if (commit === '') throw new Error(`the history does not reach back to the commit that brought "${heading}"`)
  return commit
}

async function hasPresentPackages(path: string): Promise<boolean> {
  const [theirs, ours] = await Promise.all(
    [path, root].map((each) => readFile(join(each, 'package-lock.json'), 'utf8')),
  )
  return theirs === ours
}

const linkPackages = (path: string) => symlink(join(root, 'node_modules'), join(path, 'node_modules'))

/** Copies the present tree, as it is on the disk. */
export async function copyPresent(folder: string, name: string): Promise<Version> {
  const path = join(folder, name)
  const files = await run('git', [
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
    'src',
    'schema',
    'drizzle',
    'bin',
    'client/src',
    'package.json',
  ])
  for (const file of files.split('\0').filter((each) => each !== '')) {
    await mkdir(dirname(join(path, file)), { recursive: true })
    await cp(join(root, file), join(path, file)).catch((error: NodeJS.ErrnoException) => {
      // Deleted, and not committed yet.
      if (error.code !== 'ENOENT') throw error
    })
  }
  await linkPackages(path)
  return versionIn(name, path)
}
