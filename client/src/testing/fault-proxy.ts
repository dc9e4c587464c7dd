import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { deferred, type Deferred } from '../deferred.ts'

/** How a slow network treats what passes, each way. */
export interface Slowness {
  /** Milliseconds that each piece of data waits. 0 by default. */
  readonly delayMs?: number
  /** Bytes a second of each connection. No limit by default. */
  readonly bytesPerSecond?: number
}

/**
 * Stands between a client and a server and does to their connections what networks do. A driver's "offline" leaves open WebSockets
 * working; this does not. It holds back no more than what the operating system buffers for a socket that nobody reads.
 */
export class FaultProxy implements AsyncDisposable {
  /** Port on 127.0.0.1 that clients connect to. */
  readonly port: number
  readonly #server: Server
  readonly #links = new Set<Link>()
  readonly #target: () => number | undefined
  #state: 'online' | 'offline' | 'stalled' = 'online'
  #slowness: Slowness = {}
  #connectionsCount = 0

  private constructor(server: Server, target: () => number | undefined) {
    this.port = (server.address() as AddressInfo).port
    this.#server = server.on('connection', (socket) => this.#onConnection(socket))
    this.#target = target
  }

  /** Listens on a free port of the loopback address; `target` gives the port of the server, or undefined while there is none. */
  static async open(target: () => number | undefined): Promise<FaultProxy> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new FaultProxy(server, target)
  }

  /** Address that clients use instead of the server's, such as `http://127.0.0.1:41234`. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Number of connections ever opened through it. */
  get connectionsCount(): number {
    return this.#connectionsCount
  }

  /** Number of connections open now, those that were lost included. */
  get openCount(): number {
    return this.#links.size
  }

  /** Ends all faults. What was stalled arrives late; connections that were lost stay lost. */
  online(): void {
    this.#state = 'online'
    this.#slowness = {}
    for (const link of this.#links) link.release()
  }

  /** Resets all connections, and each new one at once. */
  offline(): void {
    this.#state = 'offline'
    for (const link of this.#links) link.reset()
  }

  /** Resets all connections that are open now; new ones work. */
  cut(): void {
    for (const link of this.#links) link.reset()
  }

  /** Forwards nothing and closes nothing, for new connections too, until `online`: a network that hangs. */
  stalled(): void {
    this.#state = 'stalled'
    for (const link of this.#links) link.hold()
  }

  /**
   * The connections that are open now go silent for good, and neither side learns of it: what a change of network leaves behind. New ones
   * work.
   */
  lost(): void {
    for (const link of this.#links) link.lose()
  }

  /** Delays and throttles what passes from now on, until `online`. */
  slow(slowness: Slowness): void {
    this.#slowness = slowness
  }

  /** Ends all connections and stops listening. */
  async close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.offline()
    await closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #onConnection(inbound: Socket): void {
    this.#connectionsCount++
    // Without a listener an error of a socket would end the process.
    inbound.on('error', () => {})
    const port = this.#state === 'offline' ? undefined : this.#target()
    if (port === undefined) return void inbound.resetAndDestroy()
    const outbound = connect({ port, host: '127.0.0.1' }).on('error', () => {})
    const link = new Link(inbound, outbound, () => this.#slowness)
    if (this.#state === 'stalled') link.hold()
    this.#links.add(link)
    void link.closed.then(() => this.#links.delete(link))
  }
}

/** One connection that is forwarded. */
class Link {
  readonly closed: Promise<void>
  readonly #sockets: readonly [Socket, Socket]
  readonly #slowness: () => Slowness
  #isLost = false
  #held: Deferred<void> | undefined

  constructor(inbound: Socket, outbound: Socket, slowness: () => Slowness) {
    this.#sockets = [inbound.setNoDelay(true), outbound.setNoDelay(true)]
    this.#slowness = slowness
    this.closed = Promise.all([this.#pump(inbound, outbound), this.#pump(outbound, inbound)]).then(() => {})
  }

  hold(): void {
    this.#held ??= deferred()
  }

  release(): void {
    if (this.#isLost) return
    this.#held?.resolve()
    this.#held = undefined
  }

  lose(): void {
    this.#isLost = true
    this.hold()
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
    this.#held?.resolve()
  }

  async #pump(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        await this.#wait(chunk.length)
        await write(to, chunk)
      }
      await this.#held?.promise
      to.end()
    } catch {
      await this.#held?.promise
      to.resetAndDestroy()
    }
  }

  async #wait(bytes: number): Promise<void> {
    const { delayMs = 0, bytesPerSecond = Infinity } = this.#slowness()
    const milliseconds = delayMs + (bytes / bytesPerSecond) * 1000
    if (milliseconds > 0) await delay(milliseconds)
    await this.#held?.promise
  }
}

/** Resolves also when the socket has gone. */
function write(socket: Socket, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve()
    else socket.write(chunk, () => resolve())
  })
}
