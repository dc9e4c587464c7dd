import type { Span } from '@opentelemetry/api'
import { LRUCache } from 'lru-cache'
import { ChatError } from '../../model/error.ts'
import type { Message } from '../../model/message.ts'
import type { ChannelId } from '../../model/sid.ts'
import { readUnlockedChannels } from '../../store/channel.ts'
import type { Db } from '../../store/engine/db.ts'
import {
  DatabaseFault,
  isLockTimeout,
  isOutcomeUnknown,
  isRowError,
  uniqueViolation,
} from '../../store/engine/fault.ts'
import { insertExtendedMessages } from '../../store/extended-message.ts'
import { insertFlags, type NewFlag } from '../../store/flag.ts'
import {
  insertMessages,
  readRepeatedMessages,
  readReplicatedMessages,
  senderOfNew,
  type NewMessage,
} from '../../store/message.ts'
import { insertWebhookDeliveries, type NewWebhookDelivery } from '../../store/webhooks/webhook-delivery.ts'
import type { WebhookJobs } from '../../store/webhooks/webhook-job.ts'
import { tracing, type Tracing } from '../../tracing/tracing.ts'

/** What one statement takes at most, so that a batch does not keep the locks of its channels for long. */
const batchRows = 256
const batchCharacters = 1024 * 1024

/** Sends that wait for a batch. More would only be answered too late. */
const maxWaiting = 20_000

/** Lanes of channels that somebody else keeps locked. Each holds a connection while it waits for the lock. */
const maxLanes = 4

/** How long a channel that was locked is taken to be locked still, in milliseconds, and how many are remembered. */
const lockedMilliseconds = 10_000
const maxLocked = 1000

/** A message to be written, with its extras, its deliveries and its flags. Each of them takes a transaction. */
export interface Sending extends NewMessage {
  readonly deliveries?: ((written: Message) => readonly NewWebhookDelivery[]) | undefined
  readonly flags?: readonly NewFlag[] | undefined
}

interface Waiting {
  readonly message: Sending
  /** Of the send, where it is traced. */
  readonly span: Span | undefined
  resolve(written: Message | undefined): void
  reject(error: unknown): void
}

/** The sends of one channel, in the order they came. Only one batch at a time has any of them. */
interface Queue {
  waiting: Waiting[]
  /** Its lane while somebody else keeps the channel locked. */
  ownLane?: Lane
}

/** Writes one batch after the other. */
interface Lane {
  /** Queues with something to write in this lane, and nothing under way. */
  readonly ready: Set<Queue>
  readonly isWritten: (message: Sending) => boolean
  isWriting: boolean
}

/**
 * Writes messages in batches. Sends that come in while one batch is written wait, and are written together by one statement: they share
 * the channel's lock and the commit. A lone send is written at once; nothing waits for a timer. A send that fails fails alone.
 *
 * Sends that need a transaction have a lane beside the one of single statements, so that neither waits for the other. A channel is in one
 * lane at a time, chosen by the first of its waiting sends: this keeps its order, and no statement waits for a channel that our own
 * transaction has locked. A channel that somebody else keeps locked gets a lane of its own.
 */
export class MessageWriter {
  readonly #db: Db
  readonly #webhookJobs: Pick<WebhookJobs, 'insert'>
  /** How many messages were written. */
  written = 0
  readonly #statements: Lane = {
    ready: new Set(),
    isWritten: (message) => !takesTransaction(message),
    isWriting: false,
  }
  /** Also writes the sends that follow in its channels: they would wait for its locks anyhow. */
  readonly #transactions: Lane = { ready: new Set(), isWritten: () => true, isWriting: false }
  /** By channel: those with sends that wait or are under way. */
  readonly #queues = new Map<ChannelId, Queue>()
  /** Channels that somebody else kept locked a moment ago: their next sends get a lane of their own at once. */
  readonly #locked = new LRUCache<string, true>({ max: maxLocked, ttl: lockedMilliseconds })
  #ownLanes = 0
  #waitingCount = 0

  /** Sends that wait to be written. */
  get waitingCount(): number {
    return this.#waitingCount
  }

  constructor(db: Db, webhookJobs: Pick<WebhookJobs, 'insert'>) {
    this.#db = db
    this.#webhookJobs = webhookJobs
  }

  /**
   * The message as it was written, or the first one of which it is a repetition; undefined when the channel is gone or the author's
   * membership must be read again. The sends of a channel are answered in its order, and all of a batch in one turn of the event loop.
   */
  write(message: Sending): Promise<Message | undefined> {
    if (this.#waitingCount >= maxWaiting) {
      return Promise.reject(new ChatError('UNAVAILABLE', 'too many sends are waiting; try again'))
    }
    this.#waitingCount++
    return new Promise((resolve, reject) => {
      const waiting = { message, span: tracing?.active(), resolve, reject }
      const queue = this.#queues.get(message.channelId)
      if (queue) queue.waiting.push(waiting)
      else this.#lineUp(message.channelId, { waiting: [waiting] })
    })
  }

  /** To be called when nothing of the queue is under way: puts it into the lane that its first send needs, or ends it. */
  #lineUp(channelId: ChannelId, queue: Queue): void {
    const [first] = queue.waiting
    if (first) {
      this.#queues.set(channelId, queue)
      if (this.#locked.has(channelId)) this.#setApart(queue)
      const lane = queue.ownLane ?? (takesTransaction(first.message) ? this.#transactions : this.#statements)
      lane.ready.add(queue)
      if (!lane.isWriting) void this.#writeAll(lane)
    } else {
      this.#queues.delete(channelId)
      if (queue.ownLane) this.#ownLanes--
    }
  }

  /** Gives the queue a lane of its own, where there is one left, and answers whether it has one. */
  #setApart(queue: Queue): boolean {
    if (!queue.ownLane && this.#ownLanes < maxLanes) {
      this.#ownLanes++
      queue.ownLane = { ready: new Set(), isWritten: () => true, isWriting: false }
    }
    return queue.ownLane !== undefined
  }

  async #writeAll(lane: Lane): Promise<void> {
    lane.isWriting = true
    while (lane.ready.size > 0) {
      const batch = takeBatch(lane)
      this.#waitingCount -= batch.length
      await (tracing === undefined ? this.#writeBatch(batch) : this.#trace(tracing, batch))
    }
    lane.isWriting = false
  }

  #trace(by: Tracing, batch: Waiting[]): Promise<void> {
    const spans = batch.map(({ span }) => span)
    return by.batch('write messages', spans, () => this.#writeBatch(batch))
  }

  /** Never throws: every send of the batch gets its own answer. */
  async #writeBatch(batch: Waiting[]): Promise<void> {
    const { firsts, repeats } = splitRepeats(batch)
    const again = byChannel([...(await this.#insert(firsts)), ...repeats])
    for (const channelId of byChannel(batch).keys()) {
      const queue = this.#queues.get(channelId)!
      const first = again.get(channelId) ?? []
      queue.waiting.unshift(...first)
      this.#waitingCount += first.length
      this.#lineUp(channelId, queue)
    }
  }

  /** Inserts what it can, and answers the sends that must be tried again. */
  async #insert(batch: Waiting[]): Promise<Waiting[]> {
    try {
      const messages = batch.map(({ message }) => message)
      const written = await (messages.some(takesTransaction)
        ? this.#insertInTransaction(messages)
        : insertMessages(this.#db, messages))
      written.forEach((message, at) => {
        if (message) this.#count(message)
        batch[at]!.resolve(message)
      })
      return []
    } catch (error) {
      try {
        return await this.#recover(batch, error)
      } catch (failure) {
        for (const { reject } of batch) reject(failure)
        return []
      }
    }
  }

  /** Writes messages together with their extras, deliveries and flags. */
  #insertInTransaction(messages: readonly Sending[]): Promise<(Message | undefined)[]> {
    return this.#db.transaction(async (tx) => {
      const isExtended = messages.some(({ extras }) => extras !== undefined)
      const written = await (isExtended ? insertExtendedMessages(tx, messages) : insertMessages(tx, messages))
      const deliveries = messages.flatMap((message, at) => (written[at] && message.deliveries?.(written[at])) ?? [])
      const flags = messages.flatMap((message, at) => (written[at] && message.flags) ?? [])
      await insertFlags(tx, flags)
      await insertWebhookDeliveries(tx, this.#webhookJobs, deliveries)
      return written
    })
  }

  #count({ channelId }: Message): void {
    this.written++
    if (this.#locked.size > 0) this.#locked.delete(channelId)
  }

  /** An error that is no row's fault fails the whole batch: its parts would meet the same again. */
  async #recover(batch: Waiting[], error: unknown): Promise<Waiting[]> {
    if (uniqueViolation(error) === 'messages_client_message_id') return this.#answerRepeats(batch, error)
    if (isOutcomeUnknown(error)) {
      await this.#answerUnknown(batch, error)
      return []
    }
    if (isLockTimeout(error)) return this.#setLockedApart(batch, error)
    if (batch.length === 1 || !isRowError(error)) throw error
    // Which row it was is not known: halving the batch lets all others through.
    const middle = batch.length >> 1
    const rest = await this.#insert(batch.slice(0, middle))
    // Sends to be tried again stay before those that came after them.
    return rest.length > 0 ? [...rest, ...batch.slice(middle)] : this.#insert(batch.slice(middle))
  }

  /** Tries all of them again, those of each locked channel in a lane of its own. */
  async #setLockedApart(batch: Waiting[], error: unknown): Promise<Waiting[]> {
    const channelIds = [...byChannel(batch).keys()]
    if (channelIds.length === 1) {
      this.#locked.set(channelIds[0]!, true)
      throw error
    }
    const free = new Set(await readUnlockedChannels(this.#db, channelIds))
    // No channel's row is locked: the lock is in everybody's way.
    if (free.size === channelIds.length) throw error
    const refused = new Set<ChannelId>()
    for (const channelId of channelIds) {
      if (free.has(channelId)) continue
      this.#locked.set(channelId, true)
      if (!this.#setApart(this.#queues.get(channelId)!)) refused.add(channelId)
    }
    return batch.filter(({ message, reject }) => {
      const isRefused = refused.has(message.channelId)
      if (isRefused) reject(error)
      return !isRefused
    })
  }

  /** The statement was undone by a repetition. Repetitions are answered with their first message, the rest is tried again. */
  async #answerRepeats(batch: Waiting[], error: unknown): Promise<Waiting[]> {
    const messages = batch.map(({ message }) => message)
    const known = await this.#db
      .readReplicated((tx) => readRepeatedMessages(tx, messages))
      .catch((fault: unknown) => {
        // The first message exists, but it may not be replicated.
        throw new DatabaseFault('NOT_REPLICATED', 'unknown', 'a message that was sent before cannot be confirmed', {
          cause: fault,
        })
      })
    if (known.size === 0) throw error
    return batch.filter(({ message, resolve }) => {
      const first = known.get(message.id)
      if (first) resolve(first)
      return !first
    })
  }

  /** It is not known whether the statement took effect: looks for the ids. Running it again could send twice. */
  async #answerUnknown(batch: Waiting[], error: unknown): Promise<void> {
    const ids = batch.map(({ message }) => message.id)
    const found = await readReplicatedMessages(this.#db, ids).catch(() => {
      throw error
    })
    const byId = new Map(found.map((message) => [message.id, message]))
    for (const { message, resolve, reject } of batch) {
      const written = byId.get(message.id)
      if (written) {
        this.#count(written)
        resolve(written)
      }
      // Not found proves nothing: a statement that is still under way can be committed later.
      else reject(error)
    }
  }
}

const takesTransaction = ({ extras, deliveries, flags }: Sending): boolean =>
  extras !== undefined || deliveries !== undefined || flags !== undefined

function takeBatch({ ready, isWritten }: Lane): Waiting[] {
  const batch: Waiting[] = []
  let characters = 0
  for (const queue of ready) {
    const end = queue.waiting.findIndex(({ message }, at) => {
      if (!isWritten(message)) return true
      characters += message.body.length + message.attributes.length
      const rows = batch.length + at
      return rows >= batchRows || (rows > 0 && characters > batchCharacters)
    })
    // A queue that has no room in this batch is the first of the next one.
    if (end === 0) break
    ready.delete(queue)
    batch.push(...queue.waiting.splice(0, end === -1 ? queue.waiting.length : end))
  }
  return batch
}

function byChannel(batch: readonly Waiting[]): Map<ChannelId, Waiting[]> {
  return Map.groupBy(batch, ({ message }) => message.channelId)
}

/** Of sends with the same `clientMessageId` only the first may be in a statement; the others find it when they are tried again. */
function splitRepeats(batch: Waiting[]): { firsts: Waiting[]; repeats: Waiting[] } {
  const names = new Set<string>()
  const firsts: Waiting[] = []
  const repeats: Waiting[] = []
  for (const waiting of batch) {
    const { channelId, clientMessageId } = waiting.message
    const name =
      clientMessageId === null ? undefined : JSON.stringify([channelId, senderOfNew(waiting.message), clientMessageId])
    if (name !== undefined && names.has(name)) repeats.push(waiting)
    else firsts.push(waiting)
    if (name !== undefined) names.add(name)
  }
  return { firsts, repeats }
}
