import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Why a data directory cannot be used, as a sentence for the operator. */
export class DataDirectoryError extends Error {
  override readonly name = 'DataDirectoryError'
}

/** A lock whose handle is collected as garbage is gone. */
const held = new Set<DatabaseSync>()

/** The primary part of SQLite's result codes, and the one that says that another holds the lock. */
const primaryCode = 0xff
const busy = 5

/**
 * Keeps a second process out of a data directory: two openers of the embedded engine would destroy it. Answers how to unlock.
 *
 * The lock is the kernel's, on the file `lock`, taken by SQLite. It holds between containers that share the folder and while its owner is
 * stopped, and ends with its owner, however that ends; so no lock is ever broken because of its age. Nothing else may open that file: a process
 * that closes any descriptor of a file loses all of its locks on it.
 */
export function lockDirectory(directory: string): () => void {
  let handle: DatabaseSync | undefined
  try {
    handle = new DatabaseSync(join(directory, 'lock'), { timeout: 0 })
    // The write is never committed. A file that cannot be written would be opened for reading, and its lock excludes nobody.
    handle.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE; PRAGMA user_version = 1')
  } catch (error) {
    handle?.close()
    throw refusal(directory, error)
  }
  const lock = handle
  held.add(lock)
  return () => {
    if (held.delete(lock)) lock.close()
  }
}

function refusal(directory: string, error: unknown): DataDirectoryError {
  if (error instanceof Error && 'errcode' in error && (Number(error.errcode) & primaryCode) === busy) {
    return new DataDirectoryError(
      `DATA_DIR: ${directory} is in use by another process, perhaps in another container; stop it, or choose another folder. ` +
        'Where there is none, the file system has no locks, which the embedded engine needs.',
      { cause: error },
    )
  }
  const reason = error instanceof Error ? error.message : String(error)
  return new DataDirectoryError(
    `DATA_DIR: ${directory} cannot be locked (${reason}); the embedded engine needs a folder that it can write to, on a file system with locks`,
    { cause: error },
  )
}
