import { LRUCache } from 'lru-cache'
import { ChatError } from '../../model/error.ts'
import type { Message } from '../../model/message.ts'
import { readUnlockedChannels } from '../../store/channel.ts'
import type { Db } from '../../store/engine/db.ts'
import {
  DatabaseFault,
  isLockTimeout,
  isOutcomeUnknown,
  isRowError,
  uniqueViolation,
} from '../../store/engine/fault.ts'
import { insertFlags, type NewFlag } from '../../store/flag.ts'
import { insertMessages, readRepeatedMessages, readReplicatedMessages, type NewMessage } from '../../store/message.ts'
import { insertWebhookDeliveries, type NewWebhookDelivery } from '../../store/webhooks/webhook-delivery.ts'
import type { WebhookJobs } from '../../store/webhooks/webhook-job.ts'

/** One statement takes no more, so that a batch neither grows without bound nor keeps the locks of its channels for long. */
const batchRows = 256
const batchCharacters = 1024 * 1024

/** Sends that wait for their turn: more would only be answered too late. */
const maxWaiting = 20_000

/** Channels that somebody else keeps locked and that have a lane of their own. Each holds a connection for as long as a lock is waited for. */
const maxLanes = 4

/** How long a channel that was locked is taken to be so, and how many are known, in milliseconds. */
const lockedMilliseconds = 10_000
const maxLocked = 1000

/** A message to be written, what webhooks are then to be told of it, and what is noted down. Either takes a transaction. */
export interface Sending extends NewMessage {
  readonly deliveries?: ((written: Message) => readonly NewWebhookDelivery[]) | undefined
  readonly flags?: readonly NewFlag[] | undefined
}

type Insert = (messages: readonly Sending[]) => Promise<(Message | undefined)[]>

interface Waiting {
  readonly message: Sending
  resolve(written: Message | undefined): void
  reject(error: unknown): void
}

/** The sends of one channel, in the order they came. No batch has any of them while another has some. */
interface Queue {
  waiting: Waiting[]
  /** While somebody else keeps the channel locked. */
  ownLane?: Lane
}

/** Writes one batch after the other. */
interface Lane {
  /** Those with something to write in this lane, and nothing under way. */
  readonly ready: Set<Queue>
  readonly isWritten: (message: Sending) => boolean
  isWriting: boolean
}

/**
 * Writes messages. While one write is in flight the sends that come in wait, and leave together as one statement: the channel's
 * lock and the commit are paid once for all of them. A lone send goes at once; nothing waits for a timer. A send that fails
 * fails alone.
 *
 * What needs a transaction has a lane beside the one of single statements, so that neither waits for the other. A channel is in one lane
 * at a time, by the first of its sends: so they keep their order, and no statement waits for a channel that a transaction of ours has
 * locked. A channel that somebody else keeps locked goes on in a lane of its own.
 */
export class MessageWriter {
  readonly #db: Db
  readonly #onWritten: (message: Message, isTold: boolean) => void
  readonly #insertTold: Insert
  /** How many messages it has written. */
  written = 0
  readonly #plain: Lane = { ready: new Set(), isWritten: (message) => !isTold(message), isWriting: false }
  /** Takes along what follows in its channels: that would wait for its locks anyhow. */
  readonly #told: Lane = { ready: new Set(), isWritten: () => true, isWriting: false }
  /** By channel; those that have anything waiting or under way. */
  readonly #queues = new Map<string, Queue>()
  /** Channels that somebody else has kept locked a moment ago: their next sends hold up no others. */
  readonly #locked = new LRUCache<string, true>({ max: maxLocked, ttl: lockedMilliseconds })
  #ownLanes = 0
  #waitingCount = 0

  /**
   * `onWritten` is called for each committed message, in the order of its channel, for all of a batch in one turn. `insertTold` writes a
   * batch of which something is told or noted down.
   */
  constructor(
    db: Db,
    onWritten: (message: Message, isTold: boolean) => void,
    insertTold: Insert = (messages) => insertMessages(db, messages),
  ) {
    this.#db = db
    this.#onWritten = onWritten
    this.#insertTold = insertTold
  }

  /** Undefined when the channel is gone or the author's membership must be looked at again. */
  async write(message: Sending): Promise<Message | undefined> {
    if (this.#waitingCount >= maxWaiting) throw new ChatError('UNAVAILABLE', 'too many sends are waiting; try again')
    this.#waitingCount++
    try {
      return await new Promise((resolve, reject) => {
        const waiting = { message, resolve, reject }
        const queue = this.#queues.get(message.channelId)
        if (queue) queue.waiting.push(waiting)
        else this.#lineUp(message.channelId, { waiting: [waiting] })
      })
    } finally {
      this.#waitingCount--
    }
  }

  /** Nothing of the queue is under way: it goes on in the lane that its first send needs, or ends. */
  #lineUp(channelId: string, queue: Queue): void {
    const [first] = queue.waiting
    if (first) {
      this.#queues.set(channelId, queue)
      if (this.#locked.has(channelId)) this.#setApart(queue)
      const lane = queue.ownLane ?? (isTold(first.message) ? this.#told : this.#plain)
      lane.ready.add(queue)
      if (!lane.isWriting) void this.#writeAll(lane)
    } else {
      this.#queues.delete(channelId)
      if (queue.ownLane) this.#ownLanes--
    }
  }

  /** Answers whether it has a lane of its own. */
  #setApart(queue: Queue): boolean {
    if (!queue.ownLane && this.#ownLanes < maxLanes) {
      this.#ownLanes++
      queue.ownLane = { ready: new Set(), isWritten: () => true, isWriting: false }
    }
    return queue.ownLane !== undefined
  }

  async #writeAll(lane: Lane): Promise<void> {
    lane.isWriting = true
    while (lane.ready.size > 0) await this.#writeBatch(takeBatch(lane))
    lane.isWriting = false
  }

  /** Never throws: every send of the batch gets its own answer. */
  async #writeBatch(batch: Waiting[]): Promise<void> {
    const { firsts, repeats } = splitRepeats(batch)
    const again = byChannel([...(await this.#insert(firsts)), ...repeats])
    for (const channelId of byChannel(batch).keys()) {
      const queue = this.#queues.get(channelId)!
      queue.waiting.unshift(...(again.get(channelId) ?? []))
      this.#lineUp(channelId, queue)
    }
  }

  /** Inserts what it can, and answers what must be tried again. */
  async #insert(batch: Waiting[]): Promise<Waiting[]> {
    try {
      const messages = batch.map(({ message }) => message)
      const written = await (messages.some(isTold) ? this.#insertTold(messages) : insertMessages(this.#db, messages))
      written.forEach((message, at) => {
        if (message) this.#onCommitted(message, messages[at]!)
      })
      batch.forEach(({ resolve }, at) => resolve(written[at]))
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

  #onCommitted(message: Message, sending: Sending): void {
    this.written++
    if (this.#locked.size > 0) this.#locked.delete(message.channelId)
    this.#onWritten(message, isTold(sending))
  }

  /** What is no row's fault fails all of the batch: in parts they would meet the same again. */
  async #recover(batch: Waiting[], error: unknown): Promise<Waiting[]> {
    if (uniqueViolation(error) === 'messages_client_message_id') return this.#answerRepeats(batch, error)
    if (isOutcomeUnknown(error)) {
      await this.#answerUnknown(batch, error)
      return []
    }
    if (isLockTimeout(error)) return this.#setLockedApart(batch, error)
    if (batch.length === 1 || !isRowError(error)) throw error
    // Which of them it was is not known: half by half, all others get through.
    const middle = batch.length >> 1
    const rest = await this.#insert(batch.slice(0, middle))
    // What must go again goes before what comes after it.
    return rest.length > 0 ? [...rest, ...batch.slice(middle)] : this.#insert(batch.slice(middle))
  }

  /** All go again, those of each channel that is locked in a lane of its own. */
  async #setLockedApart(batch: Waiting[], error: unknown): Promise<Waiting[]> {
    const channelIds = [...byChannel(batch).keys()]
    if (channelIds.length === 1) {
      this.#locked.set(channelIds[0]!, true)
      throw error
    }
    const free = new Set(await readUnlockedChannels(this.#db, channelIds))
    // No channel's row was in the way, but a lock that is in everybody's.
    if (free.size === channelIds.length) throw error
    const refused = new Set<string>()
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

  /** Nothing of the statement stands. What was sent before is answered with its first message, the rest goes again. */
  async #answerRepeats(batch: Waiting[], error: unknown): Promise<Waiting[]> {
    const messages = batch.map(({ message }) => message)
    const known = await this.#db
      .readReplicated((tx) => readRepeatedMessages(tx, messages))
      .catch((fault: unknown) => {
        // The first one stands, and nobody knows how firmly.
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

  /** Whether the statement took effect is not known; the ids tell. Doing it again blindly could send twice. */
  async #answerUnknown(batch: Waiting[], error: unknown): Promise<void> {
    const ids = batch.map(({ message }) => message.id)
    const found = await readReplicatedMessages(this.#db, ids).catch(() => {
      throw error
    })
    const byId = new Map(found.map((message) => [message.id, message]))
    for (const { message, resolve, reject } of batch) {
      const written = byId.get(message.id)
      if (written) this.#onCommitted(written, message)
      if (written) resolve(written)
      // Not found says nothing: a statement that is still on its way can be committed later.
      else reject(error)
    }
  }
}

const isTold = ({ deliveries, flags }: Sending): boolean => deliveries !== undefined || flags !== undefined

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
    // One that has no room any more stays the first of those that are ready.
    if (end === 0) break
    ready.delete(queue)
    batch.push(...queue.waiting.splice(0, end === -1 ? queue.waiting.length : end))
  }
  return batch
}

function byChannel(batch: readonly Waiting[]): Map<string, Waiting[]> {
  return Map.groupBy(batch, ({ message }) => message.channelId)
}

/** Writes messages together with what webhooks are told of them. */
export function insertToldMessages(db: Db, jobs: WebhookJobs): Insert {
  return (messages) =>
    db.transaction(async (tx) => {
      const written = await insertMessages(tx, messages)
      const deliveries = messages.map((message, at) => (written[at] && message.deliveries?.(written[at])) ?? [])
      await insertFlags(
        tx,
        messages.flatMap(({ flags = [] }, at) => (written[at] ? flags : [])),
      )
      await insertWebhookDeliveries(tx, jobs, deliveries.flat())
      return written
    })
}

/** Of sends with the same name only the first may be in a statement; the others find it when their turn comes. */
function splitRepeats(batch: Waiting[]): { firsts: Waiting[]; repeats: Waiting[] } {
  const names = new Set<string>()
  const firsts: Waiting[] = []
  const repeats: Waiting[] = []
  for (const waiting of batch) {
    const { channelId, author, clientMessageId } = waiting.message
    const name = clientMessageId === null ? undefined : JSON.stringify([channelId, author, clientMessageId])
    if (name !== undefined && names.has(name)) repeats.push(waiting)
    else firsts.push(waiting)
    if (name !== undefined) names.add(name)
  }
  return { firsts, repeats }
}
