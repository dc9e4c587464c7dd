import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import { makeScratch, type Scratch } from '../support/scratch.ts'
import { startServerProcess, type ServerProcess } from '../support/server-process.ts'

/** The program of this version. */
const presentMain = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** A process of fonechat that is started again when it ends by itself, as a supervisor would; each such end is noted down. */
export class SupervisedProcess implements AsyncDisposable {
  readonly url: string
  /** How each process ended that nobody had asked to. */
  readonly deaths: string[] = []
  readonly #port: number
  readonly #scratch: Scratch
  readonly #environment: Readonly<Record<string, string>>
  #main: string
  #process: ServerProcess | undefined
  #starting: Promise<void> | undefined
  #isWanted = false

  private constructor(port: number, scratch: Scratch, environment: Readonly<Record<string, string>>, main: string) {
    this.#main = main
    this.url = `http://127.0.0.1:${port}`
    this.#port = port
    this.#scratch = scratch
    this.#environment = environment
  }

  static async start(environment: Readonly<Record<string, string>>, main = presentMain): Promise<SupervisedProcess> {
    const started = new SupervisedProcess(await freePort(), await makeScratch(), environment, main)
    await started.start()
    return started
  }

  async start(): Promise<void> {
    this.#isWanted = true
    const process = await this.#spawn()
    this.#process = process
    void process.exited.then((output) => {
      // One that was ended on purpose is not this one any more.
      if (this.#process === process) this.#onExit(output)
    })
  }

  #spawn(): Promise<ServerProcess> {
    return startServerProcess({
      scratch: this.#scratch,
      command: process.execPath,
      args: [this.#main],
      ready: 'fonechat is ready',
      environment: { ...this.#environment, PORT: String(this.#port) },
    })
  }

  #onExit(output: string): void {
    this.#process = undefined
    this.deaths.push(toReason(output))
    this.#starting = this.#startAgain()
  }

  /** As long as what broke is broken it may not start. */
  async #startAgain(): Promise<void> {
    while (this.#isWanted) {
      try {
        return await this.start()
      } catch {
        await delay(200)
      }
    }
  }

  get pid(): number {
    return this.#process!.pid
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    process.kill(this.#process!.pid, signal)
  }

  /** Ends it in order, and starts another version in its place. Throws when it does not end in time. */
  async swap(main: string, milliseconds: number): Promise<void> {
    await this.end('SIGTERM', milliseconds)
    this.#main = main
    await this.start()
  }

  async end(signal: NodeJS.Signals, milliseconds?: number): Promise<void> {
    this.#isWanted = false
    await this.#starting
    const ending = this.#process
    this.#process = undefined
    await ending?.end(signal, milliseconds)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL')
    await this.#scratch[Symbol.asyncDispose]()
  }
}

/** The line of what a dying process prints that says why. */
function toReason(output: string): string {
  const lines = output.split('\n').map((line) => line.trim())
  return lines.find((line) => /^\w*Error\b|^code:/.test(line)) ?? lines.filter((line) => line !== '').at(-1) ?? 'silent'
}
