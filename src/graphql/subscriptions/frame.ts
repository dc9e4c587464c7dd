import type { ExecutionResult, GraphQLFormattedError } from 'graphql'

export interface FormattedResult {
  readonly data?: ExecutionResult['data']
  readonly errors?: readonly GraphQLFormattedError[]
}

/** One result that many subscribers share, serialised once. */
export class Frame {
  readonly result: FormattedResult
  #bytes: string | undefined
  #message: SharedMessage | undefined

  constructor(result: FormattedResult) {
    this.result = result
  }

  /** The UTF-8 bytes of the result as JSON, one character each, so that a socket can write them as latin1. */
  get bytes(): string {
    return (this.#bytes ??= toByteString(JSON.stringify(this.result)))
  }

  /**
   * The WebSocket message `prefix + result + "}"`. The memory is used again for the next prefix of the same length, as those of stock clients
   * are, so the message must be written before the next call.
   */
  messageFor(prefix: string): Buffer {
    if (this.#message?.prefixLength !== prefix.length) this.#message = new SharedMessage(prefix.length, this.bytes)
    return this.#message.with(prefix)
  }
}

class SharedMessage {
  readonly prefixLength: number
  readonly #message: Buffer
  readonly #prefixAt: number

  constructor(prefixLength: number, result: string) {
    const header = frameHeader(prefixLength + result.length + 1)
    this.prefixLength = prefixLength
    this.#prefixAt = header.length
    this.#message = Buffer.from(`${header}${' '.repeat(prefixLength)}${result}}`, 'latin1')
  }

  with(prefix: string): Buffer {
    this.#message.write(prefix, this.#prefixAt, 'latin1')
    return this.#message
  }
}

/** The header of a final, unmasked text frame with a payload of so many bytes (RFC 6455 §5.2), one character each. */
export function frameHeader(length: number): string {
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

// oxlint-disable-next-line no-control-regex -- the question is whether there is anything but ASCII
const ascii = /^[\x00-\x7f]*$/

export function toByteString(text: string): string {
  return ascii.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}
