import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** How often it asks who is ready, in milliseconds. */
const probeMilliseconds = 200

/** What stands before the processes, as a load balancer: a new connection goes to one that says on `/readyz` that it takes any. */
export interface Front extends AsyncDisposable {
  readonly url: string
}

export async function openFront(urls: readonly string[]): Promise<Front> {
  let ready: readonly string[] = urls
  let next = 0
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('error', () => {}).once('close', () => sockets.delete(socket))
  }
  const probe = async (): Promise<void> => {
    const answers = await Promise.all(
      urls.map((url) =>
        fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1000) }).then(
          ({ ok }) => ok,
          () => false,
        ),
      ),
    )
    ready = urls.filter((_, at) => answers[at])
  }
  let isProbing = false
  const timer = setInterval(() => {
    if (isProbing) return
    isProbing = true
    void probe().finally(() => {
      isProbing = false
    })
  }, probeMilliseconds)
  const server = createServer((inbound) => {
    const url = ready[next++ % ready.length]
    keep(inbound)
    if (url === undefined) return void inbound.destroy()
    const { hostname, port } = new URL(url)
    const outbound = keep(connect(Number(port), hostname))
    inbound.pipe(outbound).pipe(inbound)
    inbound.once('close', () => outbound.destroy())
    outbound.once('close', () => inbound.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer)
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
