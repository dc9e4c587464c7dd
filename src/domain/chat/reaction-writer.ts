import type { Span } from '@opentelemetry/api'
import { LRUCache } from 'lru-cache'
import { ChatError, notFound } from '../../model/error.ts'
import type { ReactionsUpdated } from '../../model/event.ts'
import { limits } from '../../model/limits.ts'
import type { ChannelId } from '../../model/sid.ts'
import type { Db } from '../../store/engine/db.ts'
import { isLockTimeout } from '../../store/engine/fault.ts'
import { maxReactionsWritten } from '../../store/reaction.ts'
import { tracing, type Tracing } from '../../tracing/tracing.ts'
import { writeReactionBatch, type Reacting, type WrittenReaction } from './reaction-batch.ts'

/** The least time from the beginning of one batch of a channel to that of its next, in milliseconds: between them sends have its lock. */
const paceMilliseconds = 75

/** Reactions that wait for a batch. More would only be answered too late. */
const maxWaiting = 20_000

/** Reactions that have waited for longer are refused, in milliseconds: their callers have had an answer. */
const maxWaitMilliseconds = 10_000

/** Batches that are written at the same time, and those of channels that somebody else keeps locked. */
const maxBatches = 3
const maxPatientBatches = 1

/** How long a channel that was locked is taken to be locked still, in milliseconds, and how many are remembered. */
const lockedMilliseconds = 10_000
const maxLocked = 1000

/** A reaction to be written. */
export interface ReactionWrite extends Reacting {
  readonly channelId: ChannelId
}

interface Waiting {
  readonly write: ReactionWrite
  readonly since: number
  /** Of the operation, where it is traced. */
  readonly span: Span | undefined
  resolve(written: WrittenReaction | undefined): void
  reject(error: unknown): void
}

/** The reactions of one channel, in the order they came. */
interface Queue {
  waiting: Waiting[]
}

/** Batches of which a bounded number is under way. */
interface Lane {
  readonly size: number
  underWay: number
  readonly ready: Set<ChannelId>
}

/**
 * Writes reactions in batches, as `MessageWriter` does messages, but channel by channel: a lone one is written at once, and what comes within the
 * next 75 milliseconds leaves together. So however many react in a channel, its sends find its lock free most of the time, and its
 * readers get few events. Only a reaction that is refused fails alone; all else fails with its batch, which may be repeated.
 */
export class ReactionWriter {
  readonly #db: Db
  readonly #publish: (channelId: ChannelId, event: ReactionsUpdated) => void
  /** By channel: those with reactions that wait, or whose last batch began a moment ago. */
  readonly #queues = new Map<ChannelId, Queue>()
  readonly #lanes = {
    first: { size: maxBatches, underWay: 0, ready: new Set<ChannelId>() },
    patient: { size: maxPatientBatches, underWay: 0, ready: new Set<ChannelId>() },
  }
  /** Channels that somebody else kept locked a moment ago. */
  readonly #locked = new LRUCache<string, true>({ max: maxLocked, ttl: lockedMilliseconds })
  #waitingCount = 0
  #onIdle: (() => void) | undefined

  /** Reactions that wait to be written. */
  get waitingCount(): number {
    return this.#waitingCount
  }

  constructor(db: Db, publish: (channelId: ChannelId, event: ReactionsUpdated) => void) {
    this.#db = db
    this.#publish = publish
  }

  /**
   * The message with its reactions after the batch; undefined when the channel is gone or the caller's membership must be read again.
   * Throws CONFLICT, NOT_FOUND.
   */
  write(write: ReactionWrite): Promise<WrittenReaction | undefined> {
    if (this.#waitingCount >= maxWaiting) {
      return Promise.reject(new ChatError('UNAVAILABLE', 'too many reactions are waiting; try again'))
    }
    this.#waitingCount++
    return new Promise((resolve, reject) => {
      const waiting = { write, since: performance.now(), span: tracing?.active(), resolve, reject }
      const queue = this.#queues.get(write.channelId)
      if (queue) {
        queue.waiting.push(waiting)
      } else {
        this.#queues.set(write.channelId, { waiting: [waiting] })
        this.#lineUp(write.channelId)
      }
    })
  }

  /** Resolves when nothing waits or is under way. */
  async close(): Promise<void> {
    if (this.#waitingCount === 0) return
    await new Promise<void>((resolve) => (this.#onIdle = resolve))
  }

  #lineUp(channelId: ChannelId): void {
    const lane = this.#locked.has(channelId) ? this.#lanes.patient : this.#lanes.first
    lane.ready.add(channelId)
    this.#fill(lane)
  }

  #fill(lane: Lane): void {
    for (const channelId of lane.ready) {
      if (lane.underWay >= lane.size) return
      lane.ready.delete(channelId)
      lane.underWay++
      const began = performance.now()
      void this.#writeBatch(channelId).then(() => {
        lane.underWay--
        this.#fill(lane)
        setTimeout(() => this.#goOn(channelId), Math.max(0, began + paceMilliseconds - performance.now()))
      })
    }
  }

  #goOn(channelId: ChannelId): void {
    if (this.#queues.get(channelId)!.waiting.length > 0) this.#lineUp(channelId)
    else this.#queues.delete(channelId)
  }

  /** Never throws: every reaction of the batch gets its own answer. */
  async #writeBatch(channelId: ChannelId): Promise<void> {
    const taken = this.#queues.get(channelId)!.waiting.splice(0, maxReactionsWritten)
    const until = performance.now() - maxWaitMilliseconds
    const late = taken.filter(({ since }) => since < until)
    for (const { reject } of late) reject(new ChatError('UNAVAILABLE', 'the reaction waited for too long'))
    const batch = taken.filter(({ since }) => since >= until)
    try {
      if (batch.length > 0) await (tracing ? this.#trace(tracing, channelId, batch) : this.#answer(channelId, batch))
      this.#locked.delete(channelId)
    } catch (error) {
      if (isLockTimeout(error)) this.#locked.set(channelId, true)
      for (const { reject } of batch) reject(error)
    }
    this.#waitingCount -= taken.length
    if (this.#waitingCount === 0) this.#onIdle?.()
  }

  #trace(by: Tracing, channelId: ChannelId, batch: readonly Waiting[]): Promise<void> {
    const spans = batch.map(({ span }) => span)
    return by.batch('write reactions', spans, () => this.#answer(channelId, batch))
  }

  async #answer(channelId: ChannelId, batch: readonly Waiting[]): Promise<void> {
    const writes = batch.map(({ write }) => write)
    const { outcomes, events } = await writeReactionBatch(this.#db, channelId, writes)
    for (const event of events) this.#publish(channelId, event)
    outcomes.forEach((outcome, at) => {
      const { resolve, reject } = batch[at]!
      if (outcome === 'gone') reject(notFound('the message', 50500))
      else if (outcome === 'full') reject(tooManyKinds())
      else resolve(outcome === 'stale' ? undefined : outcome)
    })
  }
}

const tooManyKinds = (): ChatError =>
  new ChatError('CONFLICT', `a message has at most ${limits.messageReactions} different reactions`)
