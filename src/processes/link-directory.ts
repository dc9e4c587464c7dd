import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SettingError } from '../model/setting-error.ts'

const prefix = 'fonechat-link-'

/** Its socket says that the folder is in use: process numbers say nothing in another container. */
const ownerSocket = 'primary'

/** A folder that was made just now may not have its socket yet, in milliseconds. */
const freshMilliseconds = 10_000

/** Longer paths of sockets are refused by the system: 104 bytes on macOS, 108 on Linux. */
const maxPath = 100

/** The folder in which the sockets of the workers are. Only this user may enter it. */
export interface LinkDirectory {
  readonly path: string
  /** Removes it. May be called while the process exits. */
  remove(): void
}

/** Makes the folder, below the temporary folder of the system, and removes those that processes which were killed have left. */
export async function makeLinkDirectory(): Promise<LinkDirectory> {
  await removeAbandoned()
  // Nobody else may enter what it makes (0700).
  const path = makeFolder()
  const remove = (): void => rmSync(path, { recursive: true, force: true })
  try {
    if (Buffer.byteLength(join(path, ownerSocket)) > maxPath) {
      throw new SettingError(`TMPDIR: ${tmpdir()} is too long a path for sockets`)
    }
    const server = createServer((socket) => socket.destroy())
    await listen(server, join(path, ownerSocket))
    server.unref()
    return { path, remove }
  } catch (error) {
    remove()
    throw error
  }
}

function makeFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), prefix))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new SettingError(`TMPDIR: ${tmpdir()} must be a folder that this user can write to (${code})`)
  }
}

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(path, () => {
      // A connection that cannot be taken, for want of open files, must not end the primary.
      server.off('error', reject).on('error', () => {})
      resolve()
    })
  })
}

async function removeAbandoned(): Promise<void> {
  for (const name of namesIn(tmpdir()).filter((each) => each.startsWith(prefix))) {
    const path = join(tmpdir(), name)
    if (await isAbandoned(path)) rmSync(path, { recursive: true, force: true })
  }
}

/** None where the folder cannot be read: then nothing can be made in it either, or nothing that is seen was left. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    // Not what a link leads to: another user may have made it, and nobody but that user can remove it.
    const { uid, mtimeMs } = lstatSync(path)
    if (uid !== process.getuid?.() || Date.now() - mtimeMs < freshMilliseconds) return false
  } catch {
    return false
  }
  return new Promise((resolve) => {
    const socket = connect(join(path, ownerSocket))
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED' || code === 'ENOENT'))
  })
}
