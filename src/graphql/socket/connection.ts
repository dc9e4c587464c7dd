import { writeSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { frameHeader, toByteString, type Frame } from '../subscriptions/frame.ts'
import { closeCodes } from './close-codes.ts'
import { pingClock, type Confirmation } from './confirmation.ts'

/** Catching up pauses when this many bytes wait for the reader, or half of what would close its socket. */
const highWater = 128 * 1024

/** Longest reason that fits into a close frame. */
const reasonBytes = 123

/** Time in which the peer must read its close frame, in milliseconds. */
const closeMilliseconds = 5000

interface TcpHandle {
  readonly fd?: number
}

/** Writes are assembled here. Longer ones go through the stream. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024)

/** Connections that are inspected before the first of them is flushed. */
const lookahead = 64

/** What all connections of a server have written. */
export interface SocketFigures {
  /** Events of subscriptions. */
  delivered: number
}

/** Connections with something to write in this turn. */
let dirty: Connection[] = []

/**
 * Each socket gets one write per turn, however many subscriptions and events there were. Whether a socket can be written is spread over
 * objects of ws and Node. Inspected right after each other, the processor fetches those of many sockets side by side; between two system
 * calls it would wait for each. This saves a twelfth of a delivery's time.
 */
function flushAll(): void {
  const connections = dirty
  dirty = []
  const now = pingClock()
  for (let from = 0; from < connections.length; from += lookahead) {
    const next = connections.slice(from, from + lookahead)
    for (const connection of next) connection.inspect()
    for (const connection of next) connection.flush(now)
  }
}

/**
 * The writing half of a WebSocket, straight to its TCP socket. Text frames are strings of bytes, so a frame that a thousand subscribers
 * share is encoded once. A frame that is alone in its turn, as most are, is written from memory that all of them share. Reading, control
 * frames and closing stay with ws. Compression must be off.
 */
export class Connection {
  readonly #webSocket: WebSocket
  readonly #socket: Socket
  readonly #bufferLimit: number
  readonly #highWater: number
  readonly #confirmation: Pick<Confirmation, 'nextPing'>
  readonly #figures: SocketFigures
  /** By the clock of pings. Kept here and not in the confirmation, since each flush reads it. */
  #pingDueAt = 0
  #isUnconfirmed = false
  #handle: TcpHandle | null = null
  #descriptor = -1
  /** As last inspected: whether the socket can be written, and whether past the stream. */
  #isOpen = false
  #isDirect = false
  /** To be written in this turn: one shared frame and its prefix, or bytes. */
  #prefix = ''
  #frame: Frame | undefined
  #pending = ''
  /** How many shared frames are to be written in this turn. */
  #sharedCount = 0
  #closeCode = 0
  #drain: PromiseWithResolvers<void> | undefined

  constructor(
    webSocket: WebSocket,
    socket: Socket,
    bufferLimit: number,
    confirmation: Pick<Confirmation, 'nextPing'>,
    figures: SocketFigures,
  ) {
    this.#webSocket = webSocket
    this.#socket = socket
    this.#bufferLimit = bufferLimit
    this.#confirmation = confirmation
    this.#figures = figures
    this.#highWater = Math.min(highWater, bufferLimit / 2)
  }

  /** Whether shared frames were written after the last ping. */
  get isUnconfirmed(): boolean {
    return this.#isUnconfirmed
  }

  /** From this moment, by the clock of pings, the next shared frame takes a ping along. */
  schedulePing(at: number): void {
    this.#pingDueAt = at
  }

  /** Sends the confirmation's next ping, if it has one. */
  sendPing(now: number): void {
    this.#isUnconfirmed = false
    const ping = this.#confirmation.nextPing(now)
    if (ping !== undefined) this.sendText(ping)
  }

  /** The code that this side has closed with; 0 when it has not. */
  get closeCode(): number {
    return this.#closeCode
  }

  get bufferedBytes(): number {
    const frame = this.#frame ? this.#frame.bytes.length : 0
    return frame + this.#pending.length + this.#socket.writableLength
  }

  /** Sends a message of the protocol. */
  sendText(text: string): void {
    const bytes = toByteString(text)
    this.#enlist()
    this.#pending += frameHeader(bytes.length) + bytes
  }

  /** Sends `prefix + result + "}"`: a message whose result is shared. The prefix is a string of bytes. */
  sendShared(prefix: string, frame: Frame): void {
    const isAlone = !this.#frame && this.#pending === ''
    this.#enlist()
    this.#sharedCount++
    if (isAlone) {
      this.#prefix = prefix
      this.#frame = frame
    } else {
      this.#pending += sharedBytes(prefix, frame)
    }
  }

  /** Has the connection flushed at the end of this turn. */
  #enlist(): void {
    if (this.#frame) {
      this.#pending = sharedBytes(this.#prefix, this.#frame)
      this.#frame = undefined
    } else if (this.#pending === '' && dirty.push(this) === 1) {
      setImmediate(flushAll)
    }
  }

  /** Writes what is pending, without waiting for the end of this turn. */
  flushNow(): void {
    this.inspect()
    this.flush(pingClock())
  }

  /** Finds how the socket can be written. The answer holds for this turn. */
  inspect(): void {
    const socket = this.#socket
    this.#isOpen = this.#webSocket.readyState === this.#webSocket.OPEN
    // A closed socket has no handle, and its descriptor may belong to another by now.
    const handle = (socket as unknown as { _handle: TcpHandle | null })._handle
    if (handle !== this.#handle) {
      this.#handle = handle
      this.#descriptor = handle?.fd ?? -1
    }
    this.#isDirect = this.#descriptor >= 0 && socket.writableLength === 0
  }

  /** Writes what is pending, right after `inspect`. `now` is by the clock of pings. */
  flush(now: number): void {
    const isOpen = this.#isOpen
    if (this.#sharedCount > 0) {
      if (isOpen) {
        this.#figures.delivered += this.#sharedCount
        this.#isUnconfirmed = true
        if (now >= this.#pingDueAt) this.sendPing(now)
      }
      this.#sharedCount = 0
    }
    const frame = this.#frame
    const bytes = this.#pending
    this.#frame = undefined
    this.#pending = ''
    if (!isOpen) return
    if (frame) {
      const message = frame.messageFor(this.#prefix)
      this.#writeNow(message, message.length)
    } else if (bytes.length > scratch.length) {
      this.#writeStream(Buffer.from(bytes, 'latin1'))
    } else if (bytes !== '') {
      this.#writeNow(scratch, scratch.write(bytes, 'latin1'))
    }
  }

  /**
   * Writes without Node's stream, which costs more than all the rest of a delivery but the system call. What the system does not take is
   * copied, since the memory is used again, and goes through the stream; so does everything while the stream has bytes of its own. With TLS
   * this would write past the encryption, but the server has none.
   */
  #writeNow(memory: Buffer, length: number): void {
    let written = 0
    if (this.#isDirect) {
      try {
        written = writeSync(this.#descriptor, memory, 0, length)
      } catch {
        // Full or closed: the stream finds out which.
      }
    }
    if (written < length) this.#writeStream(Buffer.from(memory.subarray(written, length)))
  }

  #writeStream(bytes: Buffer): void {
    this.#socket.write(bytes)
    this.closeIfTooSlow()
  }

  /** Closes the socket of a reader that is too slow. */
  closeIfTooSlow(): void {
    if (this.#socket.writableLength > this.#bufferLimit) this.close(closeCodes.slowReader)
  }

  /** Resolves when the reader has taken what was written; undefined when little is pending. */
  drained(): Promise<void> | undefined {
    if (this.bufferedBytes < this.#highWater || this.#webSocket.readyState !== this.#webSocket.OPEN) return undefined
    if (!this.#drain) {
      this.#drain = Promise.withResolvers<void>()
      this.flushNow()
      // The stream's own drain event does not come for what stays below its own mark.
      if (this.#socket.writable) this.#socket.write('', () => this.#onDrain())
      else this.#onDrain()
    }
    return this.#drain?.promise
  }

  /** The socket has closed. */
  end(): void {
    this.#onDrain()
  }

  #onDrain(): void {
    const drain = this.#drain
    this.#drain = undefined
    drain?.resolve()
  }

  /**
   * Writes what is pending, then the close frame, and cuts off a reader that does not take them. Subscriptions may call it many times at
   * once, for instance when the database is away: the first reason counts.
   */
  close({ code, reason }: { readonly code: number; readonly reason: string }): void {
    if (this.#closeCode !== 0) return
    this.#closeCode = code
    this.flushNow()
    // Later frames are not written, so no ping may confirm them.
    this.#isUnconfirmed = false
    this.#webSocket.close(code, clipped(reason))
    const timer = setTimeout(() => this.#webSocket.terminate(), closeMilliseconds)
    timer.unref()
    this.#webSocket.once('close', () => clearTimeout(timer))
  }
}

/** graphql-ws quotes clients in its reasons, and ws throws when one is too long. A UTF-16 unit has 3 bytes at most. */
const clipped = (reason: string): string =>
  Buffer.byteLength(reason) > reasonBytes ? reason.slice(0, reasonBytes / 3) : reason

const sharedBytes = (prefix: string, { bytes }: Frame): string =>
  `${frameHeader(prefix.length + bytes.length + 1)}${prefix}${bytes}}`
