import { makeScratch } from '../support/scratch.ts'
import { startServerProcess, type ServerProcess } from '../support/server-process.ts'

/** Three members of etcd, each at an address of its own. */
export interface Etcd extends AsyncDisposable {
  /** Ends all of them at once; what they have stored stays. */
  kill(): Promise<void>
  start(): Promise<void>
}

export async function startEtcd(addresses: readonly string[]): Promise<Etcd> {
  await using started = new AsyncDisposableStack()
  const all = addresses.map((address, at) => `etcd${at + 1}=http://${address}:2380`).join()
  const scratches = await Promise.all(addresses.map(() => makeScratch()))
  for (const scratch of scratches) started.use(scratch)
  const processes = new Map<string, ServerProcess>()
  const start = async (): Promise<void> => {
    await Promise.all(
      addresses.map(async (address, at) => {
        const [client, peer] = [`http://${address}:2379`, `http://${address}:2380`]
        const options = {
          name: `etcd${at + 1}`,
          'data-dir': 'data',
          logger: 'zap',
          'enable-v2': 'true',
          'listen-client-urls': client,
          'advertise-client-urls': client,
          'listen-peer-urls': peer,
          'initial-advertise-peer-urls': peer,
          'initial-cluster': all,
        }
        const server = await startServerProcess({
          scratch: scratches[at]!,
          command: 'etcd',
          args: Object.entries(options).map(([name, value]) => `--${name}=${value}`),
          ready: 'serving client traffic',
        })
        processes.set(address, server)
      }),
    )
  }
  const kill = async (): Promise<void> => {
    await Promise.all([...processes.values()].map((server) => server.end('SIGKILL')))
  }
  started.defer(kill)
  await start()
  const rest = started.move()
  return { start, kill, [Symbol.asyncDispose]: () => rest.disposeAsync() }
}
