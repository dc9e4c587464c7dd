import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'

/** Both ends of a real WebSocket within one process, for what stands behind the server's end. */
export interface SocketPair {
  readonly client: WebSocket
  readonly webSocket: WebSocket
  /** That the server's end writes to. */
  readonly socket: Socket
}

export interface SocketPairs {
  connect(): Promise<SocketPair>
  close(): Promise<void>
}

export async function openSocketPairs(): Promise<SocketPairs> {
  const server = createServer()
  const webSockets = new WebSocketServer({ server })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    connect: async () => {
      const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
      const [[webSocket, { socket }]] = (await Promise.all([once(webSockets, 'connection'), once(client, 'open')])) as [
        [WebSocket, { socket: Socket }],
        unknown,
      ]
      return { client, webSocket, socket }
    },
    close: async () => {
      for (const client of webSockets.clients) client.terminate()
      webSockets.close()
      server.close()
      await once(server, 'close')
    },
  }
}
