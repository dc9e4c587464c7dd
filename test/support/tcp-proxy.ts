import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** Stands between a server and what it depends on, so that a test can cut the one off from the other. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number
  /** How many connections it has taken in all. */
  readonly taken: number
  /** Ends all connections and refuses new ones. */
  cut(): Promise<void>
  restore(): Promise<void>
  /**
   * Forwards nothing and closes nothing any more, as a network that drops every packet. New connections are accepted and get
   * nothing either, unless only those that are open are meant.
   */
  stall(options?: { readonly onlyOpen?: boolean }): void
  /** Forwards again, also what was written meanwhile. */
  resume(): void
}

export async function openTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const pairs = new Set<readonly [Socket, Socket]>()
  let isStalled = false
  let taken = 0
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('error', () => {}).once('close', () => sockets.delete(socket))
  }
  const join = ([inbound, outbound]: readonly [Socket, Socket]): void => void inbound.pipe(outbound).pipe(inbound)
  // A socket that is not read does not learn that the other side has closed it.
  const part = (pair: readonly [Socket, Socket]): void => pair.forEach((socket) => socket.unpipe().pause())
  const server = createServer((inbound) => {
    taken++
    const outbound = keep(connect(target.port, target.host))
    const pair = [keep(inbound), outbound] as const
    pairs.add(pair)
    for (const socket of pair) {
      socket.once('close', () => {
        pairs.delete(pair)
        for (const each of pair) each.destroy()
      })
    }
    if (isStalled) part(pair)
    else join(pair)
  })
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  const cut = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return {
    port,
    get taken() {
      return taken
    },
    cut,
    restore: () => listen(port),
    stall: ({ onlyOpen = false } = {}) => {
      isStalled = !onlyOpen
      pairs.forEach(part)
    },
    resume: () => {
      isStalled = false
      pairs.forEach(join)
    },
    [Symbol.asyncDispose]: cut,
  }
}
