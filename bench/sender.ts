import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { Json } from './answer.ts'
import type { Operation } from './load.ts'

interface Waiting {
  resolve(data: Record<string, Json>): void
  reject(error: Error): void
}

/** The client that sends the messages: mutations over one WebSocket, those of a burst in one write. */
export class Sender {
  readonly #webSocket: WebSocket
  readonly #waiting = new Map<string, Waiting>()
  #ids = 0

  private constructor(webSocket: WebSocket) {
    this.#webSocket = webSocket
  }

  static async open(url: string, connectionParams: object): Promise<Sender> {
    const webSocket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false })
    const sender = new Sender(webSocket)
    await new Promise<void>((resolve, reject) => {
      webSocket.once('error', reject)
      webSocket.once('open', () => {
        webSocket.send(JSON.stringify({ type: 'connection_init', payload: connectionParams }))
      })
      webSocket.on('close', (code, reason) =>
        sender.#fail(new Error(`the sender was closed: ${code} ${reason.toString()}`)),
      )
      webSocket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString()) as { type: string; id: string; payload: Json }
        if (message.type === 'connection_ack') resolve()
        else if (message.type === 'ping') webSocket.send('{"type":"pong"}')
        else sender.#onMessage(message)
      })
    })
    return sender
  }

  #onMessage({ type, id, payload }: { type: string; id: string; payload: Json }): void {
    const waiting = this.#waiting.get(id)
    if (!waiting || type === 'complete') return
    this.#waiting.delete(id)
    if (type === 'next' && !payload.errors) waiting.resolve(payload.data)
    else waiting.reject(new Error(JSON.stringify(payload)))
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error)
  }

  async run(operations: readonly Operation[]): Promise<Record<string, Json>[]> {
    const socket = (this.#webSocket as unknown as { _socket: Socket })._socket
    socket.cork()
    const answers = operations.map(
      (payload) =>
        new Promise<Record<string, Json>>((resolve, reject) => {
          const id = String(++this.#ids)
          this.#waiting.set(id, { resolve, reject })
          this.#webSocket.send(JSON.stringify({ id, type: 'subscribe', payload }))
        }),
    )
    socket.uncork()
    return Promise.all(answers)
  }

  close(): void {
    this.#webSocket.removeAllListeners('close')
    this.#webSocket.terminate()
  }
}
