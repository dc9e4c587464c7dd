import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
  type BigIntStats,
} from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { backupMark } from './data-directory.ts'
import type { Hold } from './server-socket.ts'

/** What of a data directory is the server's state. Its lock and its socket are of the process that runs. */
const parts = ['pgdata', 'pgdata.complete', 'secret-key']

/** A file that was changed so shortly before it was copied may have changed again within the same tick of its clock. */
const settledNanoseconds = 1_000_000_000n

/** While more than this changes during a pass, in bytes, another pass comes before the last one; but so many at most. */
const smallBytes = 16 * 2 ** 20
const maxPasses = 5

export interface DataCopySummary {
  readonly bytes: number
  /** How long the engine stood still, in milliseconds. */
  readonly heldMilliseconds: number
}

/** Says why a backup was not made, as a sentence for the operator. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
}

/**
 * Copies a data directory to a folder that does not exist yet, as it was at one moment: what a kill at that moment would have left. All is
 * copied while the engine runs, and then, while `hold` keeps it still, what has changed since. The folder appears when it is whole and
 * on the disk.
 */
export async function copyDataDirectory(directory: string, target: string, hold: Hold): Promise<DataCopySummary> {
  const part = `${target}.partial`
  if (lstatSync(target, { throwIfNoEntry: false })) throw new BackupError(`${target} exists already`)
  assertOutside(directory, target)
  assertRoom(directory, target)
  makePart(part, target)
  try {
    const copy = new DirectoryCopy(directory, part)
    for (let pass = 1; pass <= maxPasses && copy.pass() > smallBytes; pass++);
    const heldMilliseconds = await hold(async () => {
      const began = performance.now()
      copy.pass()
      return Math.round(performance.now() - began)
    })
    writeFileSync(join(part, backupMark), '', { mode: 0o600 })
    copy.sync()
    const { bytes } = copy
    renameSync(part, target)
    sync(dirname(target))
    return { bytes, heldMilliseconds }
  } catch (error) {
    rmSync(part, { recursive: true, force: true })
    const { code, path } = error as NodeJS.ErrnoException
    const at = (error as { dest?: string }).dest ?? path
    if (!at?.startsWith(target)) throw error
    throw new BackupError(`${target} cannot be written (${code})`, { cause: error })
  }
}

/** A copy within would be copied too, pass after pass, and be lost with what it is a copy of. */
function assertOutside(directory: string, target: string): void {
  let parent: string
  try {
    parent = realpathSync(dirname(target))
  } catch (error) {
    throw new BackupError(`${dirname(target)} is no folder (${(error as NodeJS.ErrnoException).code})`, {
      cause: error,
    })
  }
  if (`${parent}${sep}`.startsWith(`${realpathSync(directory)}${sep}`))
    throw new BackupError(`${target} is within ${directory}; a copy must be outside of it`)
}

function assertRoom(directory: string, target: string): void {
  const needed = filesOf(directory).reduce((sum, file) => sum + (sizeOf(join(directory, file)) ?? 0), 0)
  const { bavail, bsize } = statfsSync(dirname(target))
  const free = bavail * bsize
  if (free >= needed) return
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`
  throw new BackupError(`${dirname(target)} has ${megabytes(free)} left, and a copy takes ${megabytes(needed)}`)
}

function makePart(part: string, target: string): void {
  try {
    mkdirSync(part, { mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EEXIST') throw new BackupError(`${target} cannot be written (${code})`, { cause: error })
    throw new BackupError(`${part} exists: another backup is under way, or was killed; then remove it`, {
      cause: error,
    })
  }
}

/** The files and folders of the state, by their paths in the directory, folders first. */
function filesOf(directory: string): string[] {
  return parts.flatMap((name) => {
    const found = statSync(join(directory, name), { throwIfNoEntry: false })
    if (!found) return []
    if (!found.isDirectory()) return [name]
    const entries = readdirSync(join(directory, name), { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
  })
}

function foldersOf(directory: string): string[] {
  const entries = readdirSync(join(directory, 'pgdata'), { recursive: true, withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory())
  return ['pgdata', ...folders.map((entry) => relative(directory, join(entry.parentPath, entry.name)))]
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size
}

class DirectoryCopy {
  readonly #directory: string
  readonly #target: string
  /** How each file looked when it was copied last; undefined where it may have changed unseen since. */
  readonly #copied = new Map<string, BigIntStats | undefined>()

  constructor(directory: string, target: string) {
    this.#directory = directory
    this.#target = target
  }

  /** Copies what has changed since the last pass, and answers how many bytes that were. */
  pass(): number {
    for (const folder of foldersOf(this.#directory)) {
      mkdirSync(join(this.#target, folder), { recursive: true, mode: 0o700 })
    }
    const files = filesOf(this.#directory)
    let bytes = 0
    for (const file of files) bytes += this.#copy(file)
    const present = new Set(files)
    for (const file of this.#copied.keys()) if (!present.has(file)) this.#remove(file)
    return bytes
  }

  #copy(file: string): number {
    const from = join(this.#directory, file)
    const seen = statSync(from, { bigint: true, throwIfNoEntry: false })
    if (!seen) return 0
    const before = this.#copied.get(file)
    if (before && before.mtimeNs === seen.mtimeNs && before.size === seen.size && before.ino === seen.ino) return 0
    const isSettled = BigInt(Date.now()) * 1_000_000n - seen.mtimeNs > settledNanoseconds
    try {
      // On file systems that can, the copy shares its blocks with the original.
      copyFileSync(from, join(this.#target, file), constants.COPYFILE_FICLONE)
    } catch (error) {
      // The engine has removed it meanwhile: the next pass sees that.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || sizeOf(from) !== undefined) throw error
    }
    this.#copied.set(file, isSettled ? seen : undefined)
    return Number(seen.size)
  }

  #remove(file: string): void {
    rmSync(join(this.#target, file), { force: true })
    this.#copied.delete(file)
  }

  get bytes(): number {
    return [...this.#copied.keys()].reduce((sum, file) => sum + (sizeOf(join(this.#target, file)) ?? 0), 0)
  }

  /** Leaves the copy on the disk. */
  sync(): void {
    for (const file of this.#copied.keys()) sync(join(this.#target, file))
    for (const folder of foldersOf(this.#target)) sync(join(this.#target, folder))
    sync(this.#target)
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
