import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { closeCodes } from './close-codes.ts'
import { toByteString } from './frame.ts'

/** Catching up waits for the reader when this many bytes are on the way to it, or half of what would close its socket. */
const highWater = 128 * 1024

/** How long a closed socket may take to read its close frame, in milliseconds. */
const closeMilliseconds = 5000

/** Connections that have something to write in this turn. */
let dirty: Connection[] = []

/** Everything written in one turn leaves in one write per socket, however many subscriptions and events there were. */
function flushAll(): void {
  const connections = dirty
  dirty = []
  for (const connection of connections) connection.flush()
}

/**
 * The writing half of a WebSocket, straight to its TCP socket: text frames are put together as strings of bytes, so that what
 * a thousand subscribers share is never encoded or copied for each. The socket's reading half, its control frames and its
 * closing stay with ws. Compression must be off.
 */
export class Connection {
  readonly #webSocket: WebSocket
  readonly #socket: Socket
  readonly #bufferLimit: number
  readonly #highWater: number
  #pending = ''
  #isClosing = false
  #drain: PromiseWithResolvers<void> | undefined

  constructor(webSocket: WebSocket, socket: Socket, bufferLimit: number) {
    this.#webSocket = webSocket
    this.#socket = socket
    this.#bufferLimit = bufferLimit
    this.#highWater = Math.min(highWater, bufferLimit / 2)
    socket.once('close', () => this.#onDrain())
  }

  get bufferedBytes(): number {
    return this.#pending.length + this.#socket.writableLength
  }

  /** Sends a message of the protocol. */
  sendText(text: string): void {
    const bytes = toByteString(text)
    this.#append(frameHeader(bytes.length) + bytes)
  }

  /** Sends `prefix + payload + "}"`: a message whose payload is shared. */
  sendShared(prefix: string, payload: string): void {
    this.#append(frameHeader(prefix.length + payload.length + 1) + prefix + payload + '}')
  }

  #append(frame: string): void {
    if (this.#pending === '') {
      if (dirty.push(this) === 1) setImmediate(flushAll)
      this.#pending = frame
    } else {
      this.#pending += frame
    }
  }

  flush(): void {
    const bytes = this.#pending
    this.#pending = ''
    if (bytes === '' || this.#webSocket.readyState !== this.#webSocket.OPEN) return
    this.#socket.write(bytes, 'latin1')
    if (this.#socket.writableLength > this.#bufferLimit) this.close(closeCodes.slowReader)
  }

  /** Resolves when the reader has taken what was written; undefined when little is on the way. */
  drained(): Promise<void> | undefined {
    if (this.bufferedBytes < this.#highWater || this.#webSocket.readyState !== this.#webSocket.OPEN) return undefined
    if (!this.#drain) {
      this.#drain = Promise.withResolvers<void>()
      this.flush()
      // The stream's own drain event does not come for what stays below its own mark.
      if (this.#socket.writable) this.#socket.write('', () => this.#onDrain())
      else this.#onDrain()
    }
    return this.#drain?.promise
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
    if (this.#pending !== '' && this.#webSocket.readyState === this.#webSocket.OPEN) {
      this.#socket.write(this.#pending, 'latin1')
      this.#pending = ''
    }
    this.#webSocket.close(code, reason)
    const timer = setTimeout(() => this.#webSocket.terminate(), closeMilliseconds)
    timer.unref()
    this.#webSocket.once('close', () => clearTimeout(timer))
  }
}

/** The header of a final, unmasked text frame with a payload of so many bytes (RFC 6455 §5.2). */
function frameHeader(length: number): string {
  if (length < 126) return String.fromCharCode(0x81, length)
  if (length < 65536) return String.fromCharCode(0x81, 126, length >> 8, length & 255)
  return String.fromCharCode(
    0x81,
    127,
    0,
    0,
    0,
    0,
    (length >>> 24) & 255,
    (length >>> 16) & 255,
    (length >>> 8) & 255,
    length & 255,
  )
}
