import { EventEmitter } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SettingError } from '../model/setting-error.ts'
import { BusCounts, type Bus, type Unsubscribe } from './bus.ts'
import { parseHint } from './hint-text.ts'
import { FrameReader, FrameWriter } from './link-frame.ts'
import { LinkPeer, type LinkNote } from './link-peer.ts'
import { createMemoryBus } from './memory-bus.ts'

/** How long a worker that starts waits for the others to connect to it, in milliseconds. One that stands still is not waited for longer. */
const joinMilliseconds = 2000

/** So many bytes leave before the turn is over. */
const earlyBytes = 256 * 1024

export interface LinkOptions {
  /** The folder of the sockets, which only this user may enter. */
  readonly directory: string
  /** The number of this worker, from 1 to `count`. */
  readonly worker: number
  readonly count: number
  readonly onError: (error: unknown) => void
}

/** The bus between the workers of one machine. */
export interface LinkBus extends Bus {
  close(): Promise<void>
}

/**
 * Every worker writes to a Unix socket of every other one: each hint goes to all of them, in one write per turn, and is read as JSON only where
 * somebody listens. To announce who listens to what would cost each subscription an answer of every worker, which is more than a hint that nobody
 * wants (`bench:cores`). Local listeners get the object itself.
 */
export async function openLinkBus(options: LinkOptions): Promise<LinkBus> {
  const link = new Link(options)
  await link.open()
  return link
}

class Link implements LinkBus {
  readonly counts = new BusCounts()
  readonly #options: LinkOptions
  readonly #emitter = new EventEmitter().setMaxListeners(0)
  readonly #local = createMemoryBus(this.#emitter)
  readonly #gapListeners = new Set<() => void>()
  readonly #peers = new Map<number, LinkPeer>()
  readonly #writer = new FrameWriter()
  readonly #server: Server
  /** What other workers write to. */
  readonly #incoming = new Map<Socket, number | undefined>()
  #isFlushDue = false
  #onJoined = (): void => {}

  constructor(options: LinkOptions) {
    this.#options = options
    const { worker, count } = options
    for (let other = 1; other <= count; other++)
      if (other !== worker) this.#peers.set(other, new LinkPeer(this.#pathOf(other), worker))
    this.#server = createServer((socket) => this.#accept(socket))
  }

  #pathOf(worker: number): string {
    return join(this.#options.directory, `worker-${worker}`)
  }

  /** Resolves when every other worker that is there has connected, so that all that is published from then on arrives. */
  async open(): Promise<void> {
    const path = this.#pathOf(this.#options.worker)
    // Of the worker before.
    await rm(path, { force: true })
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) =>
        reject(new SettingError(`TMPDIR: the folder of the link between workers is gone (${error.message})`)),
      )
      // Else the primary would listen, and hand over each connection.
      this.#server.listen({ path, exclusive: true }, () => {
        this.#server.removeAllListeners('error').on('error', this.#options.onError)
        resolve()
      })
    })
    await Promise.all(Array.from(this.#peers.values(), (peer) => peer.connect()))
    const joined = new Promise<void>((resolve) => {
      this.#onJoined = () => {
        const known = new Set(this.#incoming.values())
        if (Array.from(this.#peers).every(([other, peer]) => !peer.isOpen || known.has(other))) resolve()
      }
      this.#onJoined()
    })
    await Promise.race([joined, delay(joinMilliseconds, undefined, { ref: false })])
  }

  #accept(socket: Socket): void {
    const reader = new FrameReader()
    this.#incoming.set(socket, undefined)
    socket.on('error', () => {})
    socket.on('close', () => this.#incoming.delete(socket))
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.read(chunk, (topic, json) => {
          if (topic === '') return this.#onNote(socket, JSON.parse(json()) as LinkNote)
          this.counts.received++
          if (this.#emitter.listenerCount(topic) > 0) this.#local.publish(topic, parseHint(json()))
        })
      } catch (error) {
        this.#options.onError(error)
        socket.destroy()
      }
    })
  }

  #onNote(socket: Socket, note: LinkNote): void {
    if ('worker' in note) {
      this.#incoming.set(socket, note.worker)
      void this.#peers.get(note.worker)?.connect()
      this.#onJoined()
    }
    if (!note.hasGap) return
    this.counts.gaps++
    for (const listener of this.#gapListeners) listener()
  }

  publish(topic: string, payload: unknown): void {
    this.counts.published++
    this.#local.publish(topic, payload)
    if (!this.#writer.add(topic, JSON.stringify(payload))) {
      this.counts.dropped++
      for (const peer of this.#peers.values()) peer.skip()
    }
    if (this.#writer.length > earlyBytes) this.#flush()
    else if (!this.#isFlushDue) {
      this.#isFlushDue = true
      setImmediate(() => {
        this.#isFlushDue = false
        if (this.#writer.length > 0) this.#flush()
      })
    }
  }

  #flush(): void {
    const frames = this.#writer.take()
    for (const peer of this.#peers.values()) peer.send(frames)
  }

  subscribe(topic: string, listener: (payload: unknown) => void): Promise<Unsubscribe> {
    return this.#local.subscribe(topic, listener)
  }

  onGap(listener: () => void): Unsubscribe {
    this.#gapListeners.add(listener)
    return () => this.#gapListeners.delete(listener)
  }

  async close(): Promise<void> {
    if (this.#writer.length > 0) this.#flush()
    for (const peer of this.#peers.values()) peer.close()
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#incoming.keys()) socket.destroy()
    await closed
  }
}
