import { execFile } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import { promisify } from 'node:util'
import { childrenOf } from '../support/process-sockets.ts'
import { makeScratch } from '../support/scratch.ts'
import { startServerProcess } from '../support/server-process.ts'

const switchScript = `ip link add switch type bridge && ip link set switch up && ip link set lo up && echo the switch is up && exec sleep infinity`

/**
 * A network of this machine's own: a switch, which this process is connected to, and machines with their own addresses. What is unplugged from the switch
 * loses every packet, each way, and nobody is told. All of it is gone with the process of the switch, which ends with this one.
 */
export interface Network extends AsyncDisposable {
  /** The address of a machine by its number; 1 is this process. */
  address(number: number): string
  /** Gives the network namespace of a process an address and a cable to the switch. */
  connect(pid: number, number: number): Promise<void>
  unplug(number: number): Promise<void>
  plug(number: number): Promise<void>
}

export async function openNetwork(own: readonly number[]): Promise<Network> {
  const scratch = await makeScratch()
  const started = await startServerProcess({
    scratch,
    command: 'unshare',
    args: ['--net', '--fork', '--kill-child', 'sh', '-c', switchScript],
    ready: 'the switch is up',
  })
  // What `unshare` has begun.
  const pid = childrenOf(started.pid)[0]!
  const network = findFreeNetwork()
  const address = (number: number): string => `${network}.${number}`
  const cable = (number: number): string => `port${number}`
  const onSwitch = (...args: string[]) => run('nsenter', ['--target', `${pid}`, '--net', 'ip', ...args])
  const plug = (number: number) => onSwitch('link', 'set', cable(number), 'master', 'switch', 'up')
  const connect = async (peer: number, number: number): Promise<void> => {
    const inside = (...args: string[]) => run('nsenter', ['--target', `${peer}`, '--net', 'ip', ...args])
    await onSwitch('link', 'add', cable(number), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `${peer}`)
    await plug(number)
    await inside('link', 'set', 'eth0', 'up')
    // Whoever waits for the address finds everything there.
    await inside('address', 'add', `${address(number)}/24`, 'dev', 'eth0')
  }
  const name = `fc${network.split('.')[2]}`
  await run('ip', ['link', 'add', name, 'type', 'veth', 'peer', 'name', cable(1), 'netns', `${pid}`])
  await plug(1)
  for (const number of own) await run('ip', ['address', 'add', `${address(number)}/24`, 'dev', name])
  await run('ip', ['link', 'set', name, 'up'])
  return {
    address,
    connect,
    plug,
    unplug: (number) => onSwitch('link', 'set', cable(number), 'nomaster'),
    [Symbol.asyncDispose]: async () => {
      await started.end('SIGKILL')
      await scratch[Symbol.asyncDispose]()
    },
  }
}

/** One that no interface has, in the range that is set aside for tests of networks (RFC 2544). */
function findFreeNetwork(): string {
  const taken = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address))
  for (;;) {
    const network = `198.18.${randomInt(1, 255)}`
    if (!taken.some((address) => address.startsWith(`${network}.`))) return network
  }
}

async function run(command: string, args: readonly string[]): Promise<void> {
  await promisify(execFile)(command, args, { timeout: 10_000 })
}
