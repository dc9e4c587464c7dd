import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeScratch, type Scratch } from '../support/scratch.ts'
import { waitFor } from '../support/wait.ts'
import { run } from './system.ts'

/** A Debian that systemd has booted, on the network of this machine. */
export class Machine {
  readonly root: string
  readonly #scratch: Scratch
  #stack = new AsyncDisposableStack()
  #leader = 0

  private constructor(scratch: Scratch) {
    this.#scratch = scratch
    this.root = join(scratch.path, 'machine')
    this.#stack.use(scratch)
  }

  /** A copy of the system, with systemd, not booted yet. */
  static async make(system: string): Promise<Machine> {
    const machine = new Machine(await makeScratch())
    await run('cp', ['--archive', system, machine.root], 300_000)
    await writeFile(join(machine.root, 'etc/resolv.conf'), await readFile('/etc/resolv.conf'))
    await machine.change('apt-get', ['--quiet', 'update'])
    const packages = ['systemd-sysv', 'dbus']
    await machine.change('apt-get', ['--quiet', '--yes', '--no-install-recommends', 'install', ...packages])
    return machine
  }

  /** Runs a command in it before it is booted. */
  change(command: string, args: readonly string[]): Promise<string> {
    return run('chroot', [this.root, 'env', 'HOME=/root', 'DEBIAN_FRONTEND=noninteractive', command, ...args], 600_000)
  }

  async boot(): Promise<void> {
    const options = ['--register=no', '--keep-unit', '--console=pipe', '--boot', '--directory', this.root]
    const nspawn = spawn('/usr/bin/systemd-nspawn', options, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const gone = once(nspawn, 'exit')
    let output = ''
    for (const stream of [nspawn.stdout, nspawn.stderr])
      stream.on('data', (text) => (output = (output + text).slice(-4096)))
    const children = `/proc/${nspawn.pid}/task/${nspawn.pid}/children`
    const findLeader = async (): Promise<number | false> => {
      if (nspawn.exitCode !== null) throw new Error(`systemd-nspawn ended with ${nspawn.exitCode}:\n${output}`)
      const [pid] = (await readFile(children, 'utf8')).trim().split(' ')
      // Before it is systemd, it is what prepares for that.
      return (await readFile(`/proc/${pid}/comm`, 'utf8')).trim() === 'systemd' && Number(pid)
    }
    this.#leader = await waitFor(findLeader, { timeout: 30_000 })
    // All that runs in it ends with its first process, and not with the one that has started that.
    this.#scratch.guard(this.#leader)
    this.#stack.defer(async () => {
      process.kill(this.#leader, 'SIGKILL')
      await gone
      this.#scratch.guard(undefined)
    })
    // "degraded" where a unit of the system itself has failed.
    await waitFor(
      async () => /running|degraded/.test(await this.run('sh', '-c', 'systemctl is-system-running || true')),
      {
        timeout: 120_000,
      },
    )
  }

  /** Runs a command in it. */
  run(command: string, ...args: readonly string[]): Promise<string> {
    const namespaces = ['--mount', '--pid', '--uts', '--ipc', '--cgroup', '--root', '--wd=/']
    return run('nsenter', [`--target=${this.#leader}`, ...namespaces, command, ...args], 120_000)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}
