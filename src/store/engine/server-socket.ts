import { rmSync } from 'node:fs'
import { createServer, connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** The file in a data directory by which commands reach the server that runs on it. Its first use names it: versions share it. */
export const socketName = 'backup.sock'

/** How long the engine stands still for a backup at most, in milliseconds: what waits for it longer than ten seconds fails. */
const holdMilliseconds = 5000

/** How long the server may take to answer, in milliseconds: a statement under way comes first. */
const answerMilliseconds = 30_000

/** The same for a call, which may look at the whole database. */
const callMilliseconds = 60_000

/** A call is a few names. In bytes. */
const maxCallBytes = 64 * 1024

/** Calls that are answered at once. More wait. */
const maxConnections = 4

/** Systems allow some more, and cut off the rest without a word. */
const maxPathBytes = 100

/** Says that the server that was asked did not answer. */
export class CallError extends Error {
  override readonly name = 'CallError'
}

/** Lets nothing reach the engine while the work is done. */
export type Hold = <Result>(work: () => Promise<Result>) => Promise<Result>

/** Says that the server did not hold its engine still for as long as the work took. What was copied meanwhile is worth nothing. */
export class HoldError extends Error {
  override readonly name = 'HoldError'
}

/** Answers a call of the operator, a line of JSON, with another one. */
export type Answer = (call: string) => Promise<string>

interface Service {
  readonly hold: Hold
  /** Undefined until the server has started. */
  readonly answer: () => Answer | undefined
}

/**
 * Lets `fonechat backup` ask this process to hold its engine still, and other commands ask what only it can know while it has the engine.
 * Whoever may write to the directory may, and could read its keys anyway; the socket's permissions are the owner's. Where there can be no
 * socket (the path is too long, the file system has none), commands wait until the server is stopped.
 */
export async function openServerSocket(directory: string, service: Service): Promise<() => void> {
  const path = join(directory, socketName)
  if (Buffer.byteLength(path) > maxPathBytes) return () => {}
  // The directory is locked, so a socket in it is of a process that was killed.
  rmSync(path, { force: true })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket)).unref()
    void serve(socket, service)
  })
  server.maxConnections = maxConnections
  // Also later: a connection that cannot be taken, for want of open files, must not end the server.
  await new Promise<void>((resolve) => server.on('error', () => resolve()).listen(path, resolve))
  server.unref()
  return () => {
    server.close()
    for (const each of sockets) each.destroy()
  }
}

async function serve(socket: Socket, { hold, answer }: Service): Promise<void> {
  const lines = createInterface({ input: socket }).on('error', () => {})
  const released = new Promise<'in time' | 'late' | 'gone'>((resolve) => {
    socket.once('close', () => resolve('gone'))
    lines.on('line', (line) => {
      if (line === 'release') resolve('in time')
      if (line === 'hold') void holdStill(resolve)
      if (line.startsWith('call ')) void answerCall(line.slice(5))
    })
  })
  let bytes = 0
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxCallBytes) socket.destroy()
  })
  const answerCall = async (call: string): Promise<void> => {
    // What fails within it is an answer; what is thrown is a fault that the caller learns nothing of.
    const text = await answer()?.(call).catch(() => undefined)
    socket.end(text === undefined ? 'failed\n' : `answer ${text}\n`)
  }
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

/** Asks the server that has the directory open; undefined where none listens. */
export async function callServer(directory: string, call: string): Promise<string | undefined> {
  const socket = await open(join(directory, socketName))
  if (!socket) return undefined
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  try {
    socket.write(`call ${call}\n`)
    const line = await readLine(socket, lines, callMilliseconds)
    if (line?.startsWith('answer ')) return line.slice(7)
    throw new CallError(
      line === undefined
        ? 'the server that runs on it did not answer in time, or is an older version'
        : 'the server that runs on it could not do it; its log says why, or it is still starting',
    )
  } finally {
    socket.destroy()
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
  const value = await readLine(socket, lines, answerMilliseconds)
  if (value === expected) return
  throw new HoldError(
    value === 'late'
      ? `the last step took longer than ${holdMilliseconds / 1000} seconds`
      : 'the server did not answer',
  )
}

/** The next line, or undefined when it does not come in time. */
async function readLine(
  socket: Socket,
  lines: AsyncIterator<string>,
  milliseconds: number,
): Promise<string | undefined> {
  const timer = setTimeout(() => socket.destroy(), milliseconds)
  // It fails where the server closes while something is written, as it does with a fifth connection at once.
  const { value, done } = await lines
    .next()
    .catch(() => ({ value: undefined, done: true }))
    .finally(() => clearTimeout(timer))
  return done ? undefined : (value as string)
}
