import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { chmod, chown } from 'node:fs/promises'
import { childrenOf } from '../support/process-sockets.ts'
import { makeScratch, type Scratch } from '../support/scratch.ts'
import { startServerProcess, type ServerProcess } from '../support/server-process.ts'
import { nobody } from '../support/unprivileged-user.ts'
import { waitFor } from '../support/wait.ts'
import type { Network } from './network.ts'

/**
 * Processes that are as alone as on a machine of their own: with their own network, and with a first process whose death ends all of them at once. Its
 * folder survives, as a disk does.
 */
export class Machine implements AsyncDisposable {
  readonly number: number
  readonly scratch: Scratch
  readonly #network: Network
  #process: ServerProcess | undefined

  private constructor(number: number, network: Network, scratch: Scratch) {
    this.number = number
    this.#network = network
    this.scratch = scratch
  }

  static async open(number: number, network: Network): Promise<Machine> {
    const scratch = await makeScratch()
    await chmod(scratch.path, 0o711)
    await chown(scratch.path, nobody, nobody)
    return new Machine(number, network, scratch)
  }

  get address(): string {
    return this.#network.address(this.number)
  }

  get isRunning(): boolean {
    return this.#process !== undefined
  }

  /** Starts it with one command, which is run once the network is there. */
  async start(command: readonly string[]): Promise<void> {
    const script = `echo the machine is up
      until ip -brief address show eth0 2>/dev/null | grep -q ${this.address}/; do sleep 0.05; done
      ip link set lo up
      setpriv --reuid=${nobody} --regid=${nobody} --clear-groups "$@"
      exit 1`
    this.#process = await startServerProcess({
      scratch: this.scratch,
      command: 'unshare',
      args: ['--net', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', script, 'machine', ...command],
      ready: 'the machine is up',
    })
    await this.#network.connect(childrenOf(this.#process.pid)[0]!, this.number)
  }

  /** Ends everything on it at once, without a word to anybody. */
  async kill(): Promise<void> {
    const ending = this.#process
    this.#process = undefined
    if (!ending) return
    // Of a namespace the first process has gone when all others have.
    process.kill(childrenOf(ending.pid)[0]!, 'SIGKILL')
    await ending.exited
  }

  async unplug(): Promise<void> {
    await this.#network.unplug(this.number)
  }

  async plug(): Promise<void> {
    await this.#network.plug(this.number)
  }

  /** Ends all processes whose command line has this in it. */
  killCommand(part: string): void {
    this.#signalCommand(part, 'SIGKILL')
  }

  /** Stops them alone. */
  freezeCommand(part: string): void {
    this.#signalCommand(part, 'SIGSTOP')
  }

  #signalCommand(part: string, name: NodeJS.Signals): void {
    for (const pid of this.#pids()) if (commandOf(pid).includes(part)) signal(pid, name)
  }

  /** Stops everything on it, as a hypervisor does. */
  async freeze(): Promise<void> {
    const stopped = new Set<number>()
    await waitFor(() => {
      const running = this.#pids().filter((pid) => !stopped.has(pid))
      for (const pid of running) signal(pid, 'SIGSTOP')
      for (const pid of running) stopped.add(pid)
      return running.length === 0
    })
  }

  wake(): void {
    for (const pid of this.#pids()) signal(pid, 'SIGCONT')
  }

  #pids(): number[] {
    const namespaceOf = (pid: number | string): string | undefined => {
      try {
        return readlinkSync(`/proc/${pid}/ns/pid`)
      } catch {
        return undefined
      }
    }
    const own = namespaceOf(childrenOf(this.#process!.pid)[0]!)
    if (own === undefined) return []
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && namespaceOf(name) === own)
      .map(Number)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    await this.scratch[Symbol.asyncDispose]()
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

/** Also where it has just ended. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // Gone.
  }
}
