import { connect, type Socket } from 'node:net'
import { toFrame } from './link-frame.ts'

/** Bytes that may wait for a worker that does not read. Beyond, hints to it are dropped, and it gets a gap when it reads again. */
export const maxWaitingBytes = 4 * 2 ** 20

/** The first and the longest wait before a worker that is away is tried again, in milliseconds. */
const minRetry = 20
const maxRetry = 500

/** What a worker says of itself on a connection that it opens, and what it says when it has dropped hints. */
export type LinkNote = { readonly worker: number; readonly hasGap: boolean } | { readonly hasGap: true }

export const toNote = (note: LinkNote): Buffer => toFrame('', JSON.stringify(note))

/** The way to one other worker: a connection that is made again whenever it is lost. It only writes. */
export class LinkPeer {
  readonly #path: string
  readonly #from: number
  #socket: Socket | undefined
  #isOpen = false
  #isBehind = false
  /** Whether the other worker may lack hints that were published while there was no connection. */
  #hasGap = false
  #retry = minRetry
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  /** `from` is the number of this worker; `path` the socket of the other one. */
  constructor(path: string, from: number) {
    this.#path = path
    this.#from = from
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Resolves when the first attempt has come to an end, whichever. */
  connect(): Promise<void> {
    if (this.#socket || this.#isClosed) return Promise.resolve()
    clearTimeout(this.#timer)
    const socket = connect(this.#path)
    this.#socket = socket
    return new Promise((resolve) => {
      socket.on('connect', () => {
        this.#isOpen = true
        this.#retry = minRetry
        socket.write(toNote({ worker: this.#from, hasGap: this.#hasGap }))
        this.#hasGap = false
        resolve()
      })
      // A worker that is away, which is tried again.
      socket.on('error', () => {})
      socket.on('drain', () => this.#onDrain(socket))
      socket.on('close', () => {
        this.#onClose()
        resolve()
      })
    })
  }

  #onDrain(socket: Socket): void {
    if (!this.#isBehind) return
    this.#isBehind = false
    socket.write(toNote({ hasGap: true }))
  }

  #onClose(): void {
    // What was on its way may be lost.
    if (this.#isOpen) this.#hasGap = true
    this.#socket = undefined
    this.#isOpen = false
    this.#isBehind = false
    if (this.#isClosed) return
    this.#timer = setTimeout(() => void this.connect(), this.#retry)
    this.#timer.unref()
    this.#retry = Math.min(2 * this.#retry, maxRetry)
  }

  /** Never waits. */
  send(frames: Buffer): void {
    if (!this.#isOpen) this.#hasGap = true
    else if (this.#isBehind || this.#socket!.writableLength > maxWaitingBytes) this.#isBehind = true
    else this.#socket!.write(frames)
  }

  /** Something was published that cannot be sent: the other worker gets a gap. */
  skip(): void {
    if (this.#isOpen && !this.#isBehind) this.#socket!.write(toNote({ hasGap: true }))
    else this.#hasGap = true
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    // What was published last still goes out.
    this.#socket?.destroySoon()
  }
}
