import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../../..', import.meta.url))
export const clientFolder = join(root, 'client')
export const webFolder = join(root, 'web')

/** Runs a program to its end, for at most `timeout` milliseconds, and answers what it has printed; rejects with that when it fails. */
export async function run(command: string, args: readonly string[], cwd: string, timeout = 120_000): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { cwd, timeout, env: cleanEnvironment() })
    return stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${args.join(' ')} failed in ${cwd}:\n${stdout}${stderr}`, { cause: error })
  }
}

/** That of a user, and not that of the npm and the vitest that run the specs; where the registry stands behind a proxy, that one’s certificate stays. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_(?!EXTRA_CA_CERTS)|VITEST)/i.test(name)),
  )
}

/** A program of this repository’s packages, as an argument of Node. */
export const program = (path: string): string => join(root, 'node_modules', path)

export const node = process.execPath

/** Builds the client as it is published, into `folder`, and packs it; answers the tarball. */
export async function packClient(folder: string): Promise<string> {
  const copy = join(folder, 'package')
  await mkdir(copy, { recursive: true })
  for (const name of ['package.json', 'README.md', 'src']) {
    await cp(join(clientFolder, name), join(copy, name), { recursive: true })
  }
  await run(node, [program('.bin/tsc'), '-p', 'client/tsconfig.build.json', '--outDir', join(copy, 'dist')], root)
  return pack(copy, folder)
}

/** Packs the server, with the page as it is built, into `folder`; answers the tarball. */
export function packServer(folder: string): Promise<string> {
  return pack(root, folder)
}

async function pack(of: string, folder: string): Promise<string> {
  const packed = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], of)
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }]
  return join(folder, filename)
}

/**
 * An empty project with these files that has installed the tarball, and of this repository’s packages those that are named and those that
 * the tarball depends on. No registry is asked.
 */
export async function makeProject(
  folder: string,
  tarball: string,
  links: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const dependencies = Object.keys((await readManifest(join(tarball, '..', 'package'))).dependencies ?? {})
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const paths = [...new Set([...dependencies, ...links])].map((name) => join(root, 'node_modules', name))
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', ...paths, tarball], folder)
}

/** Milliseconds for a program that fetches or bundles a framework. */
export const patience = 600_000

/** A project with these files in `folder` that has installed these packages, tarballs or what the registry has. Answers the folder. */
export async function makeRegistryProject(
  folder: string,
  packages: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<string> {
  for (const [path, text] of Object.entries({ 'package.json': '{ "name": "project", "private": true }', ...files })) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  await run('npm', ['install', '--no-audit', '--no-fund', ...packages], folder, patience)
  return folder
}

export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

export async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest
}

/** All files in a folder, by their paths from there. */
export async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
}
