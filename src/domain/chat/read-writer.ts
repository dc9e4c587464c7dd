import type { Span } from '@opentelemetry/api'
import { ChatError } from '../../model/error.ts'
import type { MemberId } from '../../model/sid.ts'
import type { Db } from '../../store/engine/db.ts'
import { isLockTimeout } from '../../store/engine/fault.ts'
import { writeReads, type Read, type ReadResult, type WrittenRead } from '../../store/read-write.ts'
import { insertWebhookDeliveries, type NewWebhookDelivery } from '../../store/webhooks/webhook-delivery.ts'
import type { WebhookJobs } from '../../store/webhooks/webhook-job.ts'
import { tracing, type Tracing } from '../../tracing/tracing.ts'

/** What one statement takes at most, so that a batch does not keep the locks of its users for long. */
const batchRows = 256

/** Reads that wait for a batch. More would only be answered too late. */
const maxWaiting = 20_000

/** Reads that have waited for longer are refused, in milliseconds: their callers have had an answer. */
const maxWaitMilliseconds = 10_000

/** A read to be written, with its deliveries, which take a transaction. */
export interface Reading extends Read {
  readonly deliveries?: ((written: WrittenRead) => readonly NewWebhookDelivery[]) | undefined
}

interface Waiting {
  read: Reading
  readonly since: number
  /** Of the operation, where it is traced. */
  readonly span: Span | undefined
  isUnderWay: boolean
  readonly answers: {
    resolve(written: WrittenRead | undefined): void
    reject(error: unknown): void
  }[]
}

/** Writes one batch after the other. */
interface Lane {
  readonly isTransaction: boolean
  /** Whether it waits for users that somebody else keeps locked. */
  readonly waits: boolean
  readonly ready: Waiting[]
  isWriting: boolean
}

const openLane = (isTransaction: boolean, waits: boolean): Lane => ({
  isTransaction,
  waits,
  ready: [],
  isWriting: false,
})

/**
 * Writes what members have read in batches, as `MessageWriter` does messages: reads that come in while a statement is under way leave together
 * in the next one, and a lone one at once. Reads of one member are written one after the other; those that only move forwards become one.
 *
 * Users whose rows somebody else keeps locked are left out of a batch, and written in a lane that waits for them: nobody else does.
 */
export class ReadWriter {
  readonly #db: Db
  readonly #webhookJobs: Pick<WebhookJobs, 'insert'>
  readonly #lanes = [false, true].map((isTransaction) => ({
    first: openLane(isTransaction, false),
    patient: openLane(isTransaction, true),
  }))
  /** By member, in the order they came. The first is in a lane. */
  readonly #members = new Map<MemberId, Waiting[]>()
  #waitingCount = 0
  #onIdle: (() => void) | undefined

  /** Reads that wait to be written. */
  get waitingCount(): number {
    return this.#waitingCount
  }

  constructor(db: Db, webhookJobs: Pick<WebhookJobs, 'insert'>) {
    this.#db = db
    this.#webhookJobs = webhookJobs
  }

  /** The member as it was written; undefined when it has left. */
  write(read: Reading): Promise<WrittenRead | undefined> {
    if (this.#waitingCount >= maxWaiting) {
      return Promise.reject(new ChatError('UNAVAILABLE', 'too many reads are waiting; try again'))
    }
    this.#waitingCount++
    return new Promise((resolve, reject) => {
      const queue = this.#members.get(read.memberId)
      const last = queue?.at(-1)
      if (last && isOneRead(last, read)) {
        last.read = { ...read, index: Math.max(last.read.index!, read.index!) }
        last.answers.push({ resolve, reject })
        return
      }
      const waiting = {
        read,
        since: performance.now(),
        span: tracing?.active(),
        isUnderWay: false,
        answers: [{ resolve, reject }],
      }
      if (queue) {
        queue.push(waiting)
      } else {
        this.#members.set(read.memberId, [waiting])
        this.#lineUp(waiting, 'first')
      }
    })
  }

  /** Resolves when nothing waits or is under way. */
  async close(): Promise<void> {
    if (this.#waitingCount === 0) return
    await new Promise<void>((resolve) => (this.#onIdle = resolve))
  }

  #lineUp(waiting: Waiting, which: 'first' | 'patient'): void {
    const lane = this.#lanes[waiting.read.deliveries ? 1 : 0]![which]
    lane.ready.push(waiting)
    if (!lane.isWriting) void this.#writeAll(lane)
  }

  async #writeAll(lane: Lane): Promise<void> {
    lane.isWriting = true
    while (lane.ready.length > 0) {
      const batch = lane.ready.splice(0, batchRows)
      const until = performance.now() - maxWaitMilliseconds
      const late = batch.filter(({ since }) => since < until)
      for (const waiting of late) this.#reject(waiting, new ChatError('UNAVAILABLE', 'the read waited for too long'))
      const due = batch.filter(({ since }) => since >= until)
      await (tracing === undefined ? this.#writeBatch(lane, due) : this.#trace(tracing, lane, due))
    }
    lane.isWriting = false
  }

  #trace(by: Tracing, lane: Lane, batch: readonly Waiting[]): Promise<void> {
    const spans = batch.map(({ span }) => span)
    return by.batch('write reads', spans, () => this.#writeBatch(lane, batch))
  }

  /** Never throws: every read of the batch gets its own answer. */
  async #writeBatch(lane: Lane, batch: readonly Waiting[]): Promise<void> {
    if (batch.length === 0) return
    for (const waiting of batch) waiting.isUnderWay = true
    try {
      const results = await this.#run(lane, batch, lane.waits)
      batch.forEach((waiting, at) => {
        const result = results[at]!
        if (result === 'locked') {
          waiting.isUnderWay = false
          this.#lineUp(waiting, 'patient')
        } else {
          this.#resolve(waiting, result)
        }
      })
    } catch (error) {
      if (lane.waits && isLockTimeout(error)) await this.#writeUnlocked(lane, batch, error)
      else for (const waiting of batch) this.#reject(waiting, error)
    }
  }

  /** After a lock that lasts: writes what is not behind it. */
  async #writeUnlocked(lane: Lane, batch: readonly Waiting[], lockTimeout: unknown): Promise<void> {
    try {
      const results = await this.#run(lane, batch, false)
      batch.forEach((waiting, at) => {
        const result = results[at]!
        if (result === 'locked') this.#reject(waiting, lockTimeout)
        else this.#resolve(waiting, result)
      })
    } catch (error) {
      for (const waiting of batch) this.#reject(waiting, error)
    }
  }

  #run({ isTransaction }: Lane, batch: readonly Waiting[], waits: boolean): Promise<ReadResult[]> {
    const reads = batch.map(({ read }) => read)
    if (!isTransaction) return writeReads(this.#db, reads, waits)
    return this.#db.transaction(async (tx) => {
      const results = await writeReads(tx, reads, waits)
      const deliveries = reads.flatMap(({ deliveries: deliveriesOf }, at) => {
        const result = results[at]!
        return typeof result === 'string' ? [] : (deliveriesOf?.(result) ?? [])
      })
      await insertWebhookDeliveries(tx, this.#webhookJobs, deliveries)
      return results
    })
  }

  #resolve(waiting: Waiting, result: WrittenRead | 'gone'): void {
    this.#end(waiting)
    for (const { resolve } of waiting.answers) resolve(result === 'gone' ? undefined : result)
  }

  #reject(waiting: Waiting, error: unknown): void {
    this.#end(waiting)
    for (const { reject } of waiting.answers) reject(error)
  }

  #end({ read, answers }: Waiting): void {
    this.#waitingCount -= answers.length
    const queue = this.#members.get(read.memberId)!
    queue.shift()
    const [next] = queue
    if (next) this.#lineUp(next, 'first')
    else this.#members.delete(read.memberId)
    if (this.#waitingCount === 0) this.#onIdle?.()
  }
}

/** Whether a read can be written together with one that waits: both only move forwards. */
function isOneRead({ isUnderWay, read: last }: Waiting, read: Reading): boolean {
  return (
    !isUnderWay &&
    last.kind === 'advance' &&
    read.kind === 'advance' &&
    (last.deliveries === undefined) === (read.deliveries === undefined)
  )
}
