import { createServer, type AddressInfo, type Server } from 'node:net'

/** Connections that the system keeps until they are taken: all clients of another process may come at once. Systems have a lower limit of their own. */
const maxUnaccepted = 8192

/** Listens. Answers the port, which the system chooses for 0. */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host, backlog: maxUnaccepted }, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
  return (server.address() as AddressInfo).port
}

/** Throws when the address cannot be listened on. Called before a start makes an account, whose token is shown only once. */
export async function assertCanListen(port: number, host: string): Promise<void> {
  const server = createServer((socket) => socket.destroy())
  await listen(server, port, host)
  await new Promise((resolve) => server.close(resolve))
}
