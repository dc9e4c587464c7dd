import { createServer, type AddressInfo, type Server } from 'node:net'

/** Answers the port that the server listens on then. */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
  return (server.address() as AddressInfo).port
}

/** Throws where nobody could listen now. To be asked before a start makes anything: the credentials of a new account are shown only once. */
export async function assertCanListen(port: number, host: string): Promise<void> {
  const server = createServer((socket) => socket.destroy())
  await listen(server, port, host)
  await new Promise((resolve) => server.close(resolve))
}
