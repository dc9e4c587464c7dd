import { connect, type Socket } from 'node:net'
import { onlooker } from './stand.ts'

/** Other clients of the same Postgres, as many as it lets in. */
export class SlotTaker {
  readonly #port: number
  readonly #sockets = new Set<Socket>()
  #isTaking = true

  constructor(port: number) {
    this.#port = port
    void this.#takeAll()
  }

  /** One attempt after the other; one that is refused is tried again, as long as it goes on. */
  async #takeAll(): Promise<void> {
    while (this.#isTaking) {
      if (!(await this.#take())) await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  /** Whether there was a slot. */
  #take(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.#port, '127.0.0.1')
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => {
        this.#sockets.delete(socket)
        resolve(false)
      })
      socket.once('connect', () => socket.write(startupMessage({ user: 'postgres', application_name: onlooker })))
      // AuthenticationOk, or an error.
      socket.once('data', (answer: Buffer) => resolve(answer[0] === 'R'.charCodeAt(0)))
      socket.on('data', () => {})
    })
  }

  release(): void {
    this.#isTaking = false
    for (const socket of this.#sockets) socket.destroy()
  }
}

function startupMessage(parameters: Readonly<Record<string, string>>): Buffer {
  const text = Object.entries(parameters).flatMap(([name, value]) => [name, value])
  const body = Buffer.from(`${text.join('\0')}\0\0`)
  const head = Buffer.alloc(8)
  head.writeInt32BE(head.length + body.length, 0)
  // Protocol 3.0
  head.writeInt32BE(196_608, 4)
  return Buffer.concat([head, body])
}
