import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DataDirectoryError, lockDirectory } from './directory-lock.ts'
import { socketName } from './server-socket.ts'

export interface DataDirectory {
  /** Where the engine keeps its files. */
  readonly data: string
  readonly isNew: boolean
  /** Marks the first start as complete. */
  finish(): void
  /** Whether it is a copy, and nothing has been done yet about what it lacks. */
  readonly isBackup: boolean
  /** Says that it has been done. */
  forgetBackup(): void
  /** Marks the folder as moved to another place, where its server goes on. */
  markMoved(place: string): void
  unlock(): void
}

/** The file that says that a folder is a copy: what its server did after it was made is not here. */
export const backupMark = 'pgdata.backup'

/** The file that says that a folder was moved to another database, and to which. */
const movedMark = 'pgdata.moved'

/** All that fonechat puts into a data directory. */
const own = new Set([
  backupMark,
  'lock',
  movedMark,
  socketName,
  'pgdata',
  'pgdata.complete',
  'secret-key',
  'secret-key.new',
])

/** The permissions of everybody but the owner. */
const others = 0o077

/**
 * Makes and locks a data directory, for its owner only. PGlite does not survive a kill while it creates its files: without the marker
 * they are thrown away.
 */
export async function openDataDirectory(directory: string): Promise<DataDirectory> {
  try {
    // This also starts Node's pool of threads, which would inherit the low priority of the engine's thread if that came first.
    await makeDirectory(directory)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new DataDirectoryError(`DATA_DIR: ${directory} cannot be made (${reason})`, { cause: error })
  }
  refuseForeignData(directory)
  const unlock = lockDirectory(directory)
  try {
    refuseEarlierLock(directory)
    refuseMoved(directory)
    const names = readdirSync(directory)
    // A folder that holds other things, such as a home or /tmp, keeps its permissions.
    if (names.every((name) => own.has(name))) makePrivate(directory)
    else for (const name of names) if (own.has(name)) makePrivate(join(directory, name))
    const data = join(directory, 'pgdata')
    const marker = join(directory, 'pgdata.complete')
    const isNew = !existsSync(marker)
    const giveBack = isNew ? () => {} : keepOwner(directory, data)
    if (isNew) rmSync(data, { recursive: true, force: true })
    const finish = (): void => {
      // PGlite unpacks its files with the permissions that they were packed with.
      makePrivate(data)
      writeFileSync(marker, '', { mode: 0o600 })
    }
    const markMoved = (place: string): void =>
      writeFileSync(join(directory, movedMark), `${place}\n`, { mode: 0o600, flush: true })
    const isBackup = existsSync(join(directory, backupMark))
    const forgetBackup = (): void => rmSync(join(directory, backupMark), { force: true })
    const close = (): void => {
      giveBack()
      unlock()
    }
    return { data, isNew, finish, isBackup, forgetBackup, markMoved, unlock: close }
  } catch (error) {
    unlock()
    throw error
  }
}

/** Throws where a folder that is there is another program's, or was moved. Changes nothing. */
export function assertOwnFolder(directory: string): void {
  refuseForeignData(directory)
  refuseMoved(directory)
}

/** Makes a folder and its parents. Node's `recursive` does not return for a path in a folder that takes no others, such as /proc. */
async function makeDirectory(path: string): Promise<void> {
  const parent = dirname(path)
  if (!existsSync(parent)) await makeDirectory(parent)
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error
  })
}

/** The lock is made before any data, so data without one is not ours: `pgdata` is a usual name for the files of a server. */
function refuseForeignData(directory: string): void {
  const data = join(directory, 'pgdata')
  const isOurs = ['lock', 'locks', 'pgdata.complete'].some((name) => existsSync(join(directory, name)))
  if (isOurs || !existsSync(data)) return
  throw new DataDirectoryError(`DATA_DIR: ${data} was not made by fonechat; choose another folder`)
}

/**
 * Earlier versions kept a file per process in `locks`, which a kill left behind. In another container its process cannot be seen, so only
 * the operator can say that it has ended.
 */
function refuseEarlierLock(directory: string): void {
  const locks = join(directory, 'locks')
  if (!existsSync(locks)) return
  if (readdirSync(locks).some((name) => name.startsWith('lock.'))) {
    throw new DataDirectoryError(
      `DATA_DIR: an earlier version of fonechat runs on ${directory}, or was killed; when it has stopped, remove ${locks} and start again`,
    )
  }
  try {
    rmdirSync(locks)
  } catch {
    // It has files of the operator.
  }
}

/** What a server wrote here would be missing where the others go on. */
function refuseMoved(directory: string): void {
  const mark = join(directory, movedMark)
  if (!existsSync(mark)) return
  const place = readFileSync(mark, 'utf8').trim()
  throw new DataDirectoryError(
    `DATA_DIR: ${directory} was moved to the Postgres at ${place}; set DATABASE_URL. To go back to the folder as it was then, remove ${mark}`,
  )
}

/**
 * A command of root, as beside a service that was stopped, leaves files that the server's user cannot read. Answers how to give them to whom the
 * rest belongs.
 */
function keepOwner(directory: string, data: string): () => void {
  const { uid, gid } = statSync(data)
  if (process.geteuid?.() !== 0 || uid === 0) return () => {}
  const give = (path: string): void => {
    if (lstatSync(path).uid !== uid) lchownSync(path, uid, gid)
  }
  return () => {
    for (const name of readdirSync(directory)) if (own.has(name)) give(join(directory, name))
    for (const name of readdirSync(data, { recursive: true, encoding: 'utf8' })) give(join(data, name))
  }
}

/** Removes the permissions of others that earlier versions, or the operator, have left. */
function makePrivate(path: string): void {
  const found = statSync(path)
  try {
    if ((found.mode & others) !== 0) chmodSync(path, found.mode & 0o7777 & ~others)
  } catch (error) {
    // A mounted folder may belong to another user. The files in it are private all the same.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error
  }
  if (found.isDirectory()) for (const name of readdirSync(path)) makePrivate(join(path, name))
}
