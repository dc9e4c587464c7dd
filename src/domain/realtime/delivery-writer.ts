import type { ChannelId } from '../../model/sid.ts'
import { moveDeliveries, type DeliveryMove } from '../../store/delivery.ts'
import type { Db } from '../../store/engine/db.ts'

/** How long a confirmed position may wait to be written, in milliseconds. After a crash in that time its messages are delivered again. */
const flushMilliseconds = 500

/** The longest wait of positions that could not be written, in milliseconds. The next write takes them along. */
const retryMilliseconds = 2000

/** Bounds the parameters and row locks of one statement. */
const batchSize = 1000

/** Collects the positions that clients have confirmed, and writes them in batches. */
export class DeliveryWriter {
  readonly #db: Db
  readonly #onMoved: (members: Awaited<ReturnType<typeof moveDeliveries>>) => void
  readonly #onError: (error: unknown) => void
  readonly #moves = new Map<string, DeliveryMove>()
  #timer: NodeJS.Timeout | undefined
  #isClosed = false
  #writing: Promise<void> = Promise.resolve()
  #waiting: Promise<void> | undefined

  /** `onMoved` is called with the members whose receipts have moved. */
  constructor(
    db: Db,
    onMoved: (members: Awaited<ReturnType<typeof moveDeliveries>>) => void,
    onError: (error: unknown) => void,
  ) {
    this.#db = db
    this.#onMoved = onMoved
    this.#onError = onError
  }

  move(move: DeliveryMove): void {
    this.#keep(move)
    this.#timer ??= setTimeout(() => void this.flush(), flushMilliseconds)
  }

  #keep(move: DeliveryMove): void {
    const key = `${move.channelId}${move.memberId}${move.deviceId}`
    const before = this.#moves.get(key)
    this.#moves.set(
      key,
      before ? { ...move, index: Math.max(move.index, before.index), seq: Math.max(move.seq, before.seq) } : move,
    )
  }

  /** Drops unwritten positions of a channel, or of all: their messages are delivered again. Resolves when no write is under way. */
  async forget(channelId?: ChannelId): Promise<void> {
    const isWriting = this.#writing
    for (const [key, move] of this.#moves) {
      if (channelId === undefined || move.channelId === channelId) this.#moves.delete(key)
    }
    await isWriting
  }

  /** Resolves when every position so far was written or has failed, which is logged. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    // The waiting write takes everything, so a thousand sockets that close at once cause one write and not a thousand.
    this.#waiting ??= this.#writing.then(() => {
      this.#waiting = undefined
      return this.#write()
    })
    this.#writing = this.#waiting
    return this.#writing
  }

  /** Tries once more; what cannot be written is delivered again. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.flush()
  }

  async #write(): Promise<void> {
    while (this.#moves.size > 0) {
      const batch = [...this.#moves].slice(0, batchSize)
      for (const [key] of batch) this.#moves.delete(key)
      const moves = batch.map(([, move]) => move)
      try {
        this.#onMoved(await moveDeliveries(this.#db, moves))
      } catch (error) {
        this.#onError(error)
        for (const move of moves) this.#keep(move)
        if (!this.#isClosed) this.#timer ??= setTimeout(() => void this.flush(), retryMilliseconds)
        return
      }
    }
  }
}
