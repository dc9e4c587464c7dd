import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from './free-port.ts'

/** How connections are treated that are opened from now on. */
type Welcome = 'forward' | 'close' | 'swallow'

interface Trap {
  readonly pattern: RegExp
  readonly onSprung: (link: Link) => void
}

/**
 * Stands between a client and a server, and does to their connections what networks do. It chooses nothing itself: which connections
 * are struck is the caller's choice, so that a seed repeats it.
 */
export class FaultProxy implements AsyncDisposable {
  readonly port: number
  readonly #server = createServer((inbound) => this.#onConnection(inbound))
  readonly #target: { readonly host: string; port: number }
  readonly #links = new Set<Link>()
  readonly #unforwarded = new Set<Socket>()
  #welcome: Welcome = 'forward'
  #fuse: (() => number) | undefined
  #trap: Trap | undefined
  /** How many connections were ever opened to it. */
  connectionsCount = 0
  /** Milliseconds that every chunk waits, each way. */
  delay = 0
  /** Each way and for each connection; Infinity is no limit. */
  bytesPerSecond = Infinity

  private constructor(target: { readonly host: string; port: number }, port: number) {
    this.#target = target
    this.port = port
  }

  static async open(target: { readonly host: string; readonly port: number }): Promise<FaultProxy> {
    const proxy = new FaultProxy({ ...target }, await freePort())
    await proxy.accept()
    return proxy
  }

  /** Connections that are forwarded, oldest first. */
  get links(): Link[] {
    return [...this.#links]
  }

  /** New connections go to another port from now on. */
  redirect(port: number): void {
    this.#target.port = port
  }

  welcome(how: Welcome): void {
    this.#welcome = how
  }

  /** Stops listening: new connections are refused by the system. */
  async refuse(): Promise<void> {
    if (!this.#server.listening) return
    // Its callback waits for the connections, which stay.
    this.#server.close()
    await delay(0)
  }

  async accept(): Promise<void> {
    if (this.#server.listening) return
    this.#server.listen(this.port, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  /** Every new connection is reset after so many bytes of the server, mostly within a message. Undefined ends this. */
  resetAfter(bytes: (() => number) | undefined): void {
    this.#fuse = bytes
  }

  /** Swallows the next connection whose client sends this, and this with it; answers the connection. */
  swallowAt(pattern: RegExp): Promise<Link> {
    return new Promise((resolve) => {
      this.#trap = { pattern, onSprung: resolve }
    })
  }

  /** Called with everything that a client sends. */
  inspect(link: Link, chunk: Buffer): void {
    if (!this.#trap?.pattern.test(chunk.toString('latin1'))) return
    const { onSprung } = this.#trap
    this.#trap = undefined
    link.swallow()
    onSprung(link)
  }

  /** Ends all faults. What was swallowed arrives late, or, with `isLost`, never. */
  async heal({ isLost = false } = {}): Promise<void> {
    this.#welcome = 'forward'
    this.#fuse = undefined
    this.#trap = undefined
    this.delay = 0
    this.bytesPerSecond = Infinity
    for (const socket of this.#unforwarded) socket.destroy()
    if (!isLost) for (const link of this.#links) link.release()
    await this.accept()
  }

  #onConnection(inbound: Socket): void {
    this.connectionsCount++
    inbound.on('error', () => {})
    if (this.#welcome === 'forward') {
      const outbound = connect(this.#target.port, this.#target.host).on('error', () => {})
      const link: Link = new Link(this, inbound, outbound, this.#fuse?.())
      this.#links.add(link)
      void link.closed.then(() => this.#links.delete(link))
    } else if (this.#welcome === 'close') {
      inbound.end()
    } else {
      this.#unforwarded.add(inbound)
      inbound.once('close', () => this.#unforwarded.delete(inbound))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.refuse()
    for (const socket of this.#unforwarded) socket.destroy()
    for (const link of this.#links) link.reset()
  }
}

/** One forwarded connection. */
export class Link {
  readonly closed: Promise<void>
  readonly #proxy: FaultProxy
  readonly #inbound: Socket
  readonly #outbound: Socket
  #fuse: number | undefined
  #hole: PromiseWithResolvers<void> | undefined

  constructor(proxy: FaultProxy, inbound: Socket, outbound: Socket, fuse: number | undefined) {
    this.#proxy = proxy
    this.#inbound = inbound
    this.#outbound = outbound
    this.#fuse = fuse
    for (const socket of [inbound, outbound]) socket.setNoDelay(true)
    this.closed = Promise.all([this.#pump(inbound, outbound), this.#pump(outbound, inbound)]).then(() => {})
  }

  /** The port that the server sees the client at. */
  get outboundPort(): number | undefined {
    return this.#outbound.localPort
  }

  get isSwallowed(): boolean {
    return this.#hole !== undefined
  }

  /** Ends it in order (FIN), each way. */
  cut(): void {
    for (const socket of [this.#inbound, this.#outbound]) {
      socket.end()
      socket.resume()
      setTimeout(() => socket.destroy(), 200).unref()
    }
    this.release()
  }

  /** Resets it (RST), each way. */
  reset(): void {
    for (const socket of [this.#inbound, this.#outbound]) socket.resetAndDestroy()
    this.release()
  }

  /** Lets nothing through any more, and closes neither side. */
  swallow(): void {
    this.#hole ??= Promise.withResolvers()
  }

  /** What was held back arrives. */
  release(): void {
    this.#hole?.resolve()
    this.#hole = undefined
  }

  async #pump(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        if (from === this.#inbound) this.#proxy.inspect(this, chunk)
        await this.#forward(chunk, from, to)
      }
      await this.#hole?.promise
      to.end()
    } catch {
      await this.#hole?.promise
      to.resetAndDestroy()
    }
  }

  async #forward(chunk: Buffer, from: Socket, to: Socket): Promise<void> {
    const { delay: wait, bytesPerSecond } = this.#proxy
    if (wait > 0) await delay(wait)
    if (bytesPerSecond < Infinity) await delay((chunk.length / bytesPerSecond) * 1000)
    await this.#hole?.promise
    const isCut = from === this.#outbound && this.#fuse !== undefined && chunk.length >= this.#fuse
    if (from === this.#outbound && this.#fuse !== undefined) this.#fuse -= chunk.length
    await write(to, isCut ? chunk.subarray(0, chunk.length + this.#fuse!) : chunk)
    if (isCut) this.reset()
  }
}

/** Also done when the socket is no more. */
function write(socket: Socket, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed || chunk.length === 0) resolve()
    else socket.write(chunk, () => resolve())
  })
}
