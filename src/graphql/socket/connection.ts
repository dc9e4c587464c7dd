import { writeSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { frameHeader, toByteString, type Frame } from '../subscriptions/frame.ts'
import { closeCodes } from './close-codes.ts'
import { pingClock, type Confirmation } from './confirmation.ts'

/** Catching up waits for the reader when this many bytes are on the way to it, or half of what would close its socket. */
const highWater = 128 * 1024

/** What a close frame has room for beside its code. */
const reasonBytes = 123

/** How long a closed socket may take to read its close frame, in milliseconds. */
const closeMilliseconds = 5000

interface TcpHandle {
  readonly fd?: number
}

/** What a connection has to write is put together here. More goes through the stream. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024)

/** Connections whose state is looked at before the first of them is written. */
const lookahead = 64

/** Connections that have something to write in this turn. */
let dirty: Connection[] = []

/**
 * Everything written in one turn leaves in one write per socket, however many subscriptions and events there were. What tells whether a
 * socket can be written is spread over the objects of ws and of Node, and between two system calls the processor would wait for
 * each in turn; looked at one connection right after the other, it fetches them side by side, which saves a twelfth of a delivery's time.
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
 * The writing half of a WebSocket, straight to its TCP socket: text frames are put together as strings of bytes, so that what
 * a thousand subscribers share is never encoded for each. One that is alone in its turn, as most are, is not even put together: it
 * is written to the system from memory that all share. The socket's reading half, its control frames and its closing stay with
 * ws. Compression must be off.
 */
export class Connection {
  /** From when on shared frames take a ping along, by the clock of pings. */
  pingDueAt = 0
  /** Shared frames have left since the last ping. */
  isUnconfirmed = false
  readonly #webSocket: WebSocket
  readonly #socket: Socket
  readonly #bufferLimit: number
  readonly #highWater: number
  readonly #confirmation: Pick<Confirmation, 'nextPing'>
  /** Of the handle that the system knows the socket by. */
  #handle: TcpHandle | null = null
  #descriptor = -1
  /** What was seen at the last look: whether it can be written, and past the stream. */
  #isOpen = false
  #isDirect = false
  /** What is to be written in this turn: one shared frame and what precedes it, or whatever there is as bytes. */
  #prefix = ''
  #frame: Frame | undefined
  #pending = ''
  #isShared = false
  #isClosing = false
  #drain: PromiseWithResolvers<void> | undefined

  constructor(webSocket: WebSocket, socket: Socket, bufferLimit: number, confirmation: Pick<Confirmation, 'nextPing'>) {
    this.#webSocket = webSocket
    this.#socket = socket
    this.#bufferLimit = bufferLimit
    this.#confirmation = confirmation
    this.#highWater = Math.min(highWater, bufferLimit / 2)
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
    this.#isShared = true
    if (isAlone) {
      this.#prefix = prefix
      this.#frame = frame
    } else {
      this.#pending += sharedBytes(prefix, frame)
    }
  }

  /** Has it flushed at the end of this turn. What comes is written after what there is. */
  #enlist(): void {
    if (this.#frame) {
      this.#pending = sharedBytes(this.#prefix, this.#frame)
      this.#frame = undefined
    } else if (this.#pending === '' && dirty.push(this) === 1) {
      setImmediate(flushAll)
    }
  }

  #flushNow(): void {
    this.inspect()
    this.flush(pingClock())
  }

  /** Sees how it can be written. What it sees is out of date after this turn. */
  inspect(): void {
    const socket = this.#socket
    this.#isOpen = this.#webSocket.readyState === this.#webSocket.OPEN
    // A socket that has closed has no handle, and the number of the one it had may be another's by now.
    const handle = (socket as unknown as { _handle: TcpHandle | null })._handle
    if (handle !== this.#handle) {
      this.#handle = handle
      this.#descriptor = handle?.fd ?? -1
    }
    this.#isDirect = this.#descriptor >= 0 && socket.writableLength === 0
  }

  /** Writes what there is, right after a look. `now` is by the clock of pings. */
  flush(now: number): void {
    const isOpen = this.#isOpen
    if (this.#isShared) {
      this.#isShared = false
      if (isOpen) this.isUnconfirmed = true
      const ping = isOpen && now >= this.pingDueAt ? this.#confirmation.nextPing(now) : undefined
      if (ping !== undefined) this.sendText(ping)
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
   * Hands the first bytes of a memory to the system without Node's stream, which costs more than all the rest of a delivery but the
   * system call. What the system does not take goes through the stream, copied, since the memory is used again; and so does everything while the stream has something of its own to write. The server speaks no TLS, or this would write past it.
   */
  #writeNow(memory: Buffer, length: number): void {
    let written = 0
    if (this.#isDirect) {
      try {
        written = writeSync(this.#descriptor, memory, 0, length)
      } catch {
        // Full, or gone: the stream finds out which.
      }
    }
    if (written < length) this.#writeStream(Buffer.from(memory.subarray(written, length)))
  }

  #writeStream(bytes: Buffer): void {
    this.#socket.write(bytes)
    this.limit()
  }

  /** Closes what has more to read than it may. */
  limit(): void {
    if (this.#socket.writableLength > this.#bufferLimit) this.close(closeCodes.slowReader)
  }

  /** Resolves when the reader has taken what was written; undefined when little is on the way. */
  drained(): Promise<void> | undefined {
    if (this.bufferedBytes < this.#highWater || this.#webSocket.readyState !== this.#webSocket.OPEN) return undefined
    if (!this.#drain) {
      this.#drain = Promise.withResolvers<void>()
      this.#flushNow()
      // The stream's own drain event does not come for what stays below its own mark.
      if (this.#socket.writable) this.#socket.write('', () => this.#onDrain())
      else this.#onDrain()
    }
    return this.#drain?.promise
  }

  /** The socket has closed: nobody waits for its reader any more. */
  end(): void {
    this.#onDrain()
  }

  #onDrain(): void {
    const drain = this.#drain
    this.#drain = undefined
    drain?.resolve()
  }

  /**
   * What was written before still goes out, then the close frame; a reader that does not take them is cut off. Many may find a
   * reason at once, as subscriptions do when the database is away: the first counts.
   */
  close({ code, reason }: { readonly code: number; readonly reason: string }): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#flushNow()
    // What comes now is not written: no ping may tell of it.
    this.isUnconfirmed = false
    this.#webSocket.close(code, clipped(reason))
    const timer = setTimeout(() => this.#webSocket.terminate(), closeMilliseconds)
    timer.unref()
    this.#webSocket.once('close', () => clearTimeout(timer))
  }
}

/** graphql-ws quotes the client in some of its reasons, at any length: ws would throw, and the socket stay. A unit has 3 bytes at most. */
const clipped = (reason: string): string =>
  Buffer.byteLength(reason) > reasonBytes ? reason.slice(0, reasonBytes / 3) : reason

const sharedBytes = (prefix: string, { bytes }: Frame): string =>
  `${frameHeader(prefix.length + bytes.length + 1)}${prefix}${bytes}}`
