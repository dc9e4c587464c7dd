import { rmSync } from 'node:fs'
import { createServer, connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** The file in a data directory by which `fonechat backup` reaches the server. */
export const socketName = 'backup.sock'

/** How long the engine stands still for a backup at most, in milliseconds: what waits for it longer than ten seconds fails. */
const holdMilliseconds = 5000

/** How long the server may take to answer, in milliseconds: a statement under way comes first. */
const answerMilliseconds = 30_000

/** Systems allow some more, and cut off the rest without a word. */
const maxPathBytes = 100

/** Lets nothing reach the engine while the work is done. */
export type Hold = <Result>(work: () => Promise<Result>) => Promise<Result>

/** Says that the server did not hold its engine still for as long as the work took. What was copied meanwhile is worth nothing. */
export class HoldError extends Error {
  override readonly name = 'HoldError'
}

/**
 * Lets `fonechat backup` ask this process to hold its engine still. Whoever may write to the directory may; the socket's permissions are the
 * owner's. Where there can be no socket (the path is too long, the file system has none), backups wait until the server is stopped.
 */
export async function openBackupSocket(directory: string, hold: Hold): Promise<() => void> {
  const path = join(directory, socketName)
  if (Buffer.byteLength(path) > maxPathBytes) return () => {}
  // The directory is locked, so a socket in it is of a process that was killed.
  rmSync(path, { force: true })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket)).unref()
    void serve(socket, hold)
  })
  server.maxConnections = 4
  // Also later: a connection that cannot be taken, for want of open files, must not end the server.
  await new Promise<void>((resolve) => server.on('error', () => resolve()).listen(path, resolve))
  server.unref()
  return () => {
    server.close()
    for (const each of sockets) each.destroy()
  }
}

async function serve(socket: Socket, hold: Hold): Promise<void> {
  const lines = createInterface({ input: socket }).on('error', () => {})
  const released = new Promise<'in time' | 'late' | 'gone'>((resolve) => {
    socket.once('close', () => resolve('gone'))
    lines.on('line', (line) => {
      if (line === 'release') resolve('in time')
      if (line === 'hold') void holdStill(resolve)
    })
  })
  const holdStill = async (resolve: (how: 'late') => void): Promise<void> => {
    try {
      const how = await hold(async () => {
        socket.write('held\n')
        const timer = setTimeout(() => resolve('late'), holdMilliseconds)
        return released.finally(() => clearTimeout(timer))
      })
      socket.end(`${how}\n`)
    } catch {
      socket.end('failed\n')
    }
  }
}

/** Reaches the server that has the directory open; undefined where none listens. */
export async function connectBackupSocket(directory: string): Promise<Hold | undefined> {
  const path = join(directory, socketName)
  const probe = await open(path)
  if (!probe) return undefined
  probe.destroy()
  return async (work) => {
    const socket = await open(path)
    if (!socket) throw new HoldError('the server has stopped meanwhile')
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
    try {
      socket.write('hold\n')
      await expectLine(socket, lines, 'held')
      const result = await work()
      socket.write('release\n')
      await expectLine(socket, lines, 'in time')
      return result
    } finally {
      socket.destroy()
    }
  }
}

function open(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket.off('error', fail).on('error', () => {})))
    const fail = (): void => resolve(undefined)
    socket.on('error', fail)
  })
}

async function expectLine(socket: Socket, lines: AsyncIterator<string>, expected: string): Promise<void> {
  const timer = setTimeout(() => socket.destroy(), answerMilliseconds)
  // It fails where the server closes while something is written, as it does with a fifth backup at once.
  const { value } = await lines
    .next()
    .catch(() => ({ value: undefined }))
    .finally(() => clearTimeout(timer))
  if (value === expected) return
  throw new HoldError(
    value === 'late'
      ? `the last step took longer than ${holdMilliseconds / 1000} seconds`
      : 'the server did not answer',
  )
}
