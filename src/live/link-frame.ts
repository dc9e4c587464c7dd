/**
 * What travels between the workers of one machine: the length of what follows (4 bytes), the length of the topic (2 bytes), the topic, and the
 * hint as JSON. A frame without a topic is about the link itself.
 */
const headerBytes = 6

/** A longer frame is not sent, and ends the connection where it comes in. */
export const maxFrameBytes = 4 * 2 ** 20

/** Collects the frames of one turn, which leave in one write. */
export class FrameWriter {
  #buffer = Buffer.allocUnsafe(64 * 1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Answers whether the frame was taken; one that is too long is not. */
  add(topic: string, json: string): boolean {
    // UTF-8 takes three bytes for a UTF-16 code unit at most.
    this.#reserve(headerBytes + 3 * (topic.length + json.length))
    const begin = this.#length
    const buffer = this.#buffer
    const topicLength = buffer.write(topic, begin + headerBytes)
    const length = 2 + topicLength + buffer.write(json, begin + headerBytes + topicLength)
    if (length > maxFrameBytes || topicLength > 0xffff) return false
    buffer.writeUInt32BE(length, begin)
    buffer.writeUInt16BE(topicLength, begin + 4)
    this.#length = begin + 4 + length
    return true
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length))
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
  }

  /** All that was added since the last call, for several sockets to keep. */
  take(): Buffer {
    const taken = Buffer.from(this.#buffer.subarray(0, this.#length))
    this.#length = 0
    // One long hint must not be paid for ever.
    if (this.#buffer.length > maxFrameBytes) this.#buffer = Buffer.allocUnsafe(64 * 1024)
    return taken
  }
}

/** The frame as a buffer of its own. */
export function toFrame(topic: string, json: string): Buffer {
  const writer = new FrameWriter()
  writer.add(topic, json)
  return writer.take()
}

/** Takes what a socket brings apart into frames. */
export class FrameReader {
  #rest: Buffer | undefined

  /** Calls back with each whole frame; `json` is only made where it is called. Throws when the bytes are no frames. */
  read(chunk: Buffer, onFrame: (topic: string, json: () => string) => void): void {
    const data = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk
    let at = 0
    while (data.length - at >= headerBytes) {
      const length = data.readUInt32BE(at)
      const topicLength = data.readUInt16BE(at + 4)
      if (length > maxFrameBytes || topicLength + 2 > length) throw new Error('a frame of the link is malformed')
      const end = at + 4 + length
      if (end > data.length) break
      const topicEnd = at + headerBytes + topicLength
      onFrame(data.toString('utf8', at + headerBytes, topicEnd), () => data.toString('utf8', topicEnd, end))
      at = end
    }
    this.#rest = at < data.length ? Buffer.from(data.subarray(at)) : undefined
  }
}
