import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { within } from '../support/wait.ts'
import type { ClientReport } from './client-program.ts'
import type { Version } from './version.ts'

const program = fileURLToPath(new URL('client-program.ts', import.meta.url))

interface ClientArguments {
  readonly url: string
  readonly identity: string
  readonly token: string
  readonly channelId: string
}

/** A client of some version, with its own package, in a process of its own: it sends one message after the other. */
export class ClientProcess implements AsyncDisposable {
  readonly identity: string
  readonly #child: ChildProcess

  constructor(version: Version, { url, identity, token, channelId }: ClientArguments) {
    this.identity = identity
    const entry = join(version.path, 'client/src/index.ts')
    // Ends with the channel to this process, however that ends.
    this.#child = fork(program, [entry, url, identity, token, channelId], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
  }

  async report(): Promise<ClientReport> {
    const answer = once(this.#child, 'message')
    this.#child.send('report')
    const [report] = (await within(answer, 10_000, 'the report of a client')) as [ClientReport]
    return report
  }

  /** Ends its sending, and waits until everything was answered. */
  async rest(): Promise<void> {
    const still = once(this.#child, 'message')
    this.#child.send('rest')
    await within(still, 60_000, 'the answers to what a client has sent')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}
