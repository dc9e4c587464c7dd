import type { Db } from '../../store/engine/db.ts'
import { isUnavailable } from '../../store/engine/fault.ts'
import { storeStreamedTexts } from '../../store/message-stream.ts'
import type { Clock } from '../clock.ts'
import type { OwnedStream } from './owned-stream.ts'

/** How often what is new of a text is written, in milliseconds. */
const writeMilliseconds = 2000

/** What one statement writes at most. */
const batchCharacters = 1024 * 1024

interface WriterParts {
  readonly db: Db
  readonly clock: Clock
  /** Called for a text that another process has taken over, or that has ended. */
  readonly onLost: (stream: OwnedStream) => void
  readonly onError: (error: unknown) => void
}

/** Writes what is new of texts that stream, every two seconds in one statement for all. While nothing is new, no timer runs. */
export class TextWriter {
  readonly #parts: WriterParts
  readonly #unwritten = new Set<OwnedStream>()
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  #isClosed = false

  constructor(parts: WriterParts) {
    this.#parts = parts
  }

  /** Something of a text is new. */
  add(stream: OwnedStream): void {
    this.#unwritten.add(stream)
    this.#timer ??= setTimeout(() => void this.write(), writeMilliseconds)
  }

  delete(stream: OwnedStream): void {
    this.#unwritten.delete(stream)
  }

  /** Writes all that is new. Never throws: what is not written is tried again. */
  write(): Promise<void> {
    clearTimeout(this.#timer)
    this.#writing ??= this.#writeAll()
      .catch((error: unknown) => {
        if (!isUnavailable(error)) this.#parts.onError(error)
      })
      .finally(() => {
        this.#writing = undefined
        const isLeft = this.#unwritten.size > 0 && !this.#isClosed
        this.#timer = isLeft ? setTimeout(() => void this.write(), writeMilliseconds) : undefined
      })
    return this.#writing
  }

  async #writeAll(): Promise<void> {
    const waiting = [...this.#unwritten]
    while (waiting.length > 0) {
      let characters = 0
      const end = waiting.findIndex(({ text }, at) => (characters += text.length) > batchCharacters && at > 0)
      await this.#writeBatch(waiting.splice(0, end === -1 ? waiting.length : end).filter((one) => !one.isDropped))
    }
  }

  async #writeBatch(batch: readonly OwnedStream[]): Promise<void> {
    if (batch.length === 0) return
    const now = performance.now()
    const lengths = batch.map(({ text }) => text.length)
    const { stored, lost } = await storeStreamedTexts(
      this.#parts.db,
      batch.map(({ channelId, messageId, epoch, text, visible, appendedAt }) => ({
        channelId,
        messageId,
        epoch,
        body: visible,
        text: text === visible ? null : text,
        appendedAt: new Date(this.#parts.clock.now() - (now - appendedAt)),
      })),
    )
    batch.forEach((stream, at) => {
      if (lost.has(stream.messageId)) return this.#parts.onLost(stream)
      if (!stored.has(stream.messageId)) return
      stream.storedLength = lengths[at]!
      if (stream.text.length === lengths[at]) this.#unwritten.delete(stream)
    })
  }

  /** Writes what is new, for whoever takes the texts over. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#writing
    if (this.#unwritten.size > 0) await this.write()
  }
}
