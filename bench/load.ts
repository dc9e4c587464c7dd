import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** What a subscriber says to be subscribed, and how it recognises what it gets. */
export interface Protocol {
  readonly path: string
  readonly subprotocol?: string
  /** What to say once the socket is open. */
  readonly greeting?: string
  /** What to say to a text that is no delivery. */
  answer(text: string): string | undefined
  /** Whether this answer makes it a subscriber. */
  subscribes(answer: string): boolean
  /** Told back with each delivery, where `onIndex` is set. */
  readonly tag?: number
  /** The message of a delivery, read in full; undefined when it is not this subscriber's. */
  parse(text: string): { readonly body?: unknown } | undefined
}

export interface Operation {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
}

/** A stock client: a new UUID per operation, an answer to each ping that sends its payload back. */
export function graphqlTransportWs(operation: Operation, connectionParams: object): Protocol {
  const id = randomUUID()
  const subscribe = JSON.stringify({ id, type: 'subscribe', payload: operation })
  return {
    path: '/graphql',
    subprotocol: 'graphql-transport-ws',
    greeting: JSON.stringify({ type: 'connection_init', payload: connectionParams }),
    answer: (text) => {
      const message = JSON.parse(text) as { type: string; payload?: unknown }
      if (message.type === 'connection_ack') return subscribe
      if (message.type === 'ping') return JSON.stringify({ ...message, type: 'pong' })
      if (message.type === 'pong') return undefined
      throw new Error(`unexpected: ${text}`)
    },
    subscribes: (answer) => answer === subscribe,
    parse: (text) => {
      const message = JSON.parse(text) as { id: string; payload: { data: { messageAdded: { body: string } } } }
      return message.id === id ? message.payload.data.messageAdded : undefined
    },
  }
}

export function socketIo(): Protocol {
  return {
    path: '/socket.io/?EIO=4&transport=websocket',
    answer: (text) => (text.startsWith('0') ? '40' : text === '2' ? '3' : undefined),
    subscribes: (answer) => answer === '40',
    parse: (text) => (JSON.parse(text.slice(2)) as [string, { body: string }])[1],
  }
}

const needle = Buffer.from('"index":')

/** What all sockets read into: each chunk is looked at before the next is read. */
const shared = Buffer.allocUnsafe(1 << 20)

/**
 * The subscribers. Reads frames straight from where the system put them and looks only for each message's number, since it must
 * not be what is measured; the first delivery of each subscriber is read in full.
 */
export class Load {
  received = 0
  /** Chunks that the deliveries came in: a server that joins frames needs fewer. */
  chunks = 0
  /** When set, the time of every delivery is added. */
  arrivals: number[] | undefined
  /** When set, called with every delivery. */
  onIndex: ((tag: number, index: number, now: number) => void) | undefined
  readonly #body: string
  readonly #subscribers: Subscriber[] = []
  #goal = Infinity
  #onGoal: () => void = () => {}
  #onFault: (error: Error) => void = () => {}
  fault: Error | undefined

  constructor(body: string) {
    this.#body = body
  }

  get size(): number {
    return this.#subscribers.length
  }

  async connect(port: number, protocols: readonly Protocol[]): Promise<void> {
    const waiting = protocols.values()
    const connectAll = async (): Promise<void> => {
      for (const protocol of waiting) {
        const subscriber = new Subscriber(this, protocol, this.#body)
        this.#subscribers.push(subscriber)
        await subscriber.connect(port)
      }
    }
    await Promise.all(Array.from({ length: 32 }, connectAll))
  }

  /** Resolves when every subscriber has received so many more than it has now. */
  async deliver(count: number, publish: () => Promise<unknown>): Promise<void> {
    if (this.fault) throw this.fault
    const goal = this.received + count * this.size
    const done = Promise.withResolvers<void>()
    this.#goal = goal
    this.#onGoal = done.resolve
    this.#onFault = done.reject
    const timer = setTimeout(() => done.reject(new Error(`${goal - this.received} deliveries missing`)), 20_000)
    try {
      await Promise.all([done.promise, publish()])
    } finally {
      clearTimeout(timer)
      this.#goal = Infinity
    }
  }

  /** Every subscriber has had the same number of messages, each once and in order, and nothing has gone wrong. */
  check(count: number): void {
    if (this.fault) throw this.fault
    const wrong = this.#subscribers.filter((subscriber) => subscriber.received !== count)
    if (wrong.length > 0) throw new Error(`${wrong.length} subscribers received ${wrong[0]!.received} of ${count}`)
  }

  onDelivery(now: number): void {
    this.arrivals?.push(now)
    if (++this.received === this.#goal) this.#onGoal()
  }

  onError(error: Error): void {
    this.fault ??= error
    this.#onFault(error)
  }

  close(): void {
    for (const subscriber of this.#subscribers) subscriber.close()
    this.#subscribers.length = 0
  }
}

class Subscriber {
  received = 0
  readonly #load: Load
  readonly #protocol: Protocol
  readonly #body: string
  readonly #subscribed = Promise.withResolvers<void>()
  #socket: Socket | undefined
  #isOpen = false
  #isClosed = false
  #rest: Buffer | undefined
  /** Where the number stood in the last delivery, counted from the frame's payload. */
  #numberAt = 0
  #next = -1

  constructor(load: Load, protocol: Protocol, body: string) {
    this.#load = load
    this.#protocol = protocol
    this.#body = body
  }

  async connect(port: number): Promise<void> {
    const { path, subprotocol } = this.#protocol
    const onread = {
      buffer: shared,
      callback: (length: number) => {
        try {
          this.#read(length)
        } catch (error) {
          this.#fail(error as Error)
        }
        return true
      },
    }
    const socket = connect({ port, host: '127.0.0.1', onread })
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the server closed the socket')))
    await once(socket, 'connect')
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n` +
        `${subprotocol === undefined ? '' : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`}\r\n`,
    )
    await this.#subscribed.promise
  }

  #fail(error: Error): void {
    if (this.#isClosed) return
    this.close()
    this.#subscribed.reject(error)
    this.#load.onError(error)
  }

  #read(length: number): void {
    const now = performance.now()
    let data = shared
    let end = length
    if (this.#rest) {
      data = Buffer.concat([this.#rest, shared.subarray(0, length)])
      end = data.length
      this.#rest = undefined
    }
    let at = 0
    if (!this.#isOpen) {
      const head = data.toString('latin1', 0, end)
      const headEnd = head.indexOf('\r\n\r\n')
      if (headEnd >= 0) {
        if (!head.startsWith('HTTP/1.1 101')) throw new Error(head)
        this.#isOpen = true
        at = headEnd + 4
        const { greeting } = this.#protocol
        if (greeting !== undefined) this.#send(1, Buffer.from(greeting))
      }
    }
    const before = this.received
    while (this.#isOpen) {
      const next = this.#readFrame(data, at, end, now)
      if (next < 0) break
      at = next
    }
    if (this.received > before) this.#load.chunks++
    if (at < end) this.#rest = Buffer.from(data.subarray(at, end))
  }

  /** Answers where the next frame begins, or -1 when this one is not complete. */
  #readFrame(data: Buffer, at: number, end: number, now: number): number {
    if (end - at < 2) return -1
    let length = data[at + 1]!
    let begin = at + 2
    if (length === 126) {
      if (end - at < 4) return -1
      length = (data[at + 2]! << 8) | data[at + 3]!
      begin = at + 4
    } else if (length > 126) throw new Error('a frame as large as none should be')
    const frameEnd = begin + length
    if (frameEnd > end) return -1
    if (data[at] === 0x81) this.#readText(data, begin, frameEnd, now)
    else if (data[at] === 0x89) this.#send(10, data.subarray(begin, frameEnd))
    else throw new Error(`a frame ${data[at]!.toString(16)}: ${data.toString('latin1', begin, frameEnd)}`)
    return frameEnd
  }

  #readText(data: Buffer, begin: number, end: number, now: number): void {
    let numberAt = begin + this.#numberAt
    // Beyond its end are the bytes of an earlier read, of another delivery at times.
    if (this.#next < 0 || numberAt >= end || !isAt(data, numberAt)) {
      const found = data.subarray(begin, end).indexOf(needle)
      if (found < 0) {
        this.#onText(data.toString('utf8', begin, end))
        return
      }
      numberAt = begin + found + needle.length
      this.#numberAt = numberAt - begin
    }
    let index = 0
    for (let digit = data[numberAt]!; digit >= 48 && digit <= 57; digit = data[++numberAt]!) {
      index = index * 10 + digit - 48
    }
    if (this.#next < 0) this.#checkFirst(data.toString('utf8', begin, end))
    else if (index !== this.#next) throw new Error(`message ${index} came in the place of ${this.#next}`)
    this.#next = index + 1
    this.received++
    this.#load.onDelivery(now)
    this.#load.onIndex?.(this.#protocol.tag!, index, now)
  }

  #checkFirst(text: string): void {
    if (this.#protocol.parse(text)?.body !== this.#body) throw new Error(`not what was sent: ${text}`)
  }

  #onText(text: string): void {
    const answer = this.#protocol.answer(text)
    if (answer === undefined) return
    this.#send(1, Buffer.from(answer))
    if (this.#protocol.subscribes(answer)) this.#subscribed.resolve()
  }

  /** Masked with zeros: as much work for the server as any mask. */
  #send(opcode: number, payload: Buffer): void {
    const isShort = payload.length < 126
    const header = Buffer.alloc(isShort ? 6 : 8)
    header[0] = 0x80 | opcode
    header[1] = 0x80 | (isShort ? payload.length : 126)
    if (!isShort) header.writeUInt16BE(payload.length, 2)
    this.#socket!.write(Buffer.concat([header, payload]))
  }

  close(): void {
    this.#isClosed = true
    this.#socket?.destroy()
  }
}

function isAt(data: Buffer, numberAt: number): boolean {
  for (let at = 1; at <= 8; at++) if (data[numberAt - at] !== needle[8 - at]) return false
  return true
}
