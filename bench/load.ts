import { randomBytes, randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'

/** What a subscriber says to be subscribed, and how it recognises a delivery. */
export interface Protocol {
  readonly path: string
  readonly subprotocol?: string
  /** Answers to a text frame; undefined ends the hand-shake. */
  onText(text: string, send: (text: string) => void, ready: () => void): void
  open?(send: (text: string) => void): void
  isDelivery(text: string): boolean
}

export function graphqlTransportWs(query: string, payload: object | undefined, hasAck = true): Protocol {
  const id = randomUUID()
  const subscribe = JSON.stringify({ id, type: 'subscribe', payload: { query } })
  return {
    path: '/graphql',
    subprotocol: 'graphql-transport-ws',
    open: (send) => send(JSON.stringify({ type: 'connection_init', payload })),
    onText: (text, send, ready) => {
      if (hasAck && text.includes('"connection_ack"')) {
        send(subscribe)
        ready()
      } else if (text.includes('"type":"ping"')) {
        send(text.replace('"ping"', '"pong"'))
      }
    },
    isDelivery: (text) => text.includes('"type":"next"'),
  }
}

export function engineIo(): Protocol {
  return {
    path: '/socket.io/?EIO=4&transport=websocket',
    onText: (text, send, ready) => {
      if (text.startsWith('0')) send('40')
      else if (text.startsWith('40')) ready()
      else if (text === '2') send('3')
    },
    isDelivery: (text) => text.startsWith('42'),
  }
}

/** Counts what arrives, and when. */
export class Load {
  received = 0
  /** Deliveries that were missing, doubled or out of order. */
  faults = 0
  readonly latencies: number[] = []
  readonly #sockets: Socket[] = []
  #goal = Infinity
  #reached: () => void = () => {}

  /** Resolves when so many more have arrived than now; throws when they do not. */
  expect(count: number): Promise<void> {
    this.#goal = this.received + count
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`missing: ${this.#goal - this.received} of ${count}`)), 30_000)
      this.#reached = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async subscribe(port: number, protocol: Protocol): Promise<void> {
    const socket = connect(port, '127.0.0.1')
    this.#sockets.push(socket)
    const { path, subprotocol } = protocol
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n` +
        `${subprotocol === undefined ? '' : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`}\r\n`,
    )
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      this.#read(socket, protocol, resolve)
    })
  }

  #read(socket: Socket, protocol: Protocol, ready: () => void): void {
    const send = (text: string): void => void socket.write(maskedFrame(text))
    let buffer: Buffer = Buffer.alloc(0)
    let isOpen = false
    let next = -1
    socket.on('data', (data) => {
      buffer = buffer.length === 0 ? data : Buffer.concat([buffer, data])
      if (!isOpen) {
        const end = buffer.indexOf('\r\n\r\n')
        if (end < 0) return
        isOpen = true
        buffer = buffer.subarray(end + 4)
        protocol.open?.(send)
      }
      let offset = 0
      for (;;) {
        if (buffer.length - offset < 4) break
        const short = buffer[offset + 1]! & 127
        const header = short === 126 ? 4 : short === 127 ? 10 : 2
        if (buffer.length - offset < header) break
        const length =
          short === 126 ? buffer.readUInt16BE(offset + 2) : short === 127 ? buffer.readUInt32BE(offset + 6) : short
        if (buffer.length - offset < header + length) break
        const opcode = buffer[offset]! & 15
        if (opcode === 1) {
          const text = buffer.latin1Slice(offset + header, offset + header + length)
          if (protocol.isDelivery(text)) next = this.#count(text, next)
          else protocol.onText(text, send, ready)
        } else if (opcode === 9) socket.write(Buffer.from([0x8a, 0x80, 0, 0, 0, 0]))
        offset += header + length
      }
      buffer = buffer.subarray(offset)
    })
  }

  #count(text: string, next: number): number {
    const index = Number(/"index":(\d+)/.exec(text)?.[1])
    if (next >= 0 && index !== next) this.faults++
    const sentAt = /t=(\d+\.\d+)/.exec(text)?.[1]
    if (sentAt !== undefined) this.latencies.push(performance.now() - Number(sentAt))
    if (++this.received === this.#goal) this.#reached()
    return index + 1
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}

function maskedFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const mask = randomBytes(4)
  const header =
    payload.length < 126
      ? Buffer.from([0x81, 0x80 | payload.length])
      : Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 255])
  for (let at = 0; at < payload.length; at++) payload[at] = payload[at]! ^ mask[at & 3]!
  return Buffer.concat([header, mask, payload])
}
