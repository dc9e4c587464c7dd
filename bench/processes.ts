import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Reading } from './probe.ts'

/** The file beside this one. */
export const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export const canPin = ((): boolean => {
  try {
    execFileSync('taskset', ['-cp', '1', String(process.pid)], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

/** Servers have a core of their own; what belongs to the load shares its one, 1. */
export function startNode(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  core = 0,
): ChildProcess {
  const [command, ...rest] = [
    ...(canPin ? ['taskset', '-c', String(core)] : []),
    process.execPath,
    '--expose-gc',
    `--import=${at('probe.ts')}`,
    ...args,
  ]
  return spawn(command!, rest, {
    env: { ...process.env, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
}

let questions = 0

export async function ask(child: ChildProcess, collect: boolean): Promise<Reading> {
  const id = ++questions
  const answer = Promise.withResolvers<Reading>()
  const onMessage = (message: { id?: number; reading?: Reading }): void => {
    if (message.id === id) answer.resolve(message.reading!)
  }
  const onExit = (): void => answer.reject(new Error('the server has ended'))
  child.on('message', onMessage)
  child.once('exit', onExit)
  child.send({ read: id, collect })
  try {
    return await answer.promise
  } finally {
    child.off('message', onMessage)
    child.off('exit', onExit)
  }
}

/** The first line of its output, or message of its channel, that is what is waited for. */
export async function firstOf<Found>(
  child: ChildProcess,
  find: (seen: string | object) => Found | undefined,
): Promise<Found> {
  let output = ''
  return new Promise((resolve, reject) => {
    const look = (seen: string | object): void => {
      const found = find(seen)
      if (found !== undefined) resolve(found)
    }
    child.stdout!.on('data', (text: Buffer) => look((output += String(text))))
    child.on('message', look)
    child.once('exit', (code) => reject(new Error(`the server has ended with ${code}: ${output}`)))
  })
}

export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await exited
  clearTimeout(timer)
}
