import { ChatError } from '../model/error.ts'
import type { Message } from '../model/message.ts'
import { readUnlockedChannels } from '../store/channel.ts'
import type { Db } from '../store/db.ts'
import { DatabaseFault, isLockTimeout, isOutcomeUnknown, isRowError, uniqueViolation } from '../store/engine/fault.ts'
import { insertFlags, type NewFlag } from '../store/flag.ts'
import { insertMessages, readRepeatedMessages, readReplicatedMessages, type NewMessage } from '../store/message.ts'
import type { NoticeJobs } from '../store/notice-job.ts'
import { insertNotices, type NewNotice } from '../store/notice.ts'

/** One statement takes no more, so that a batch neither grows without bound nor keeps the locks of its channels for long. */
const batchRows = 256
const batchCharacters = 1024 * 1024

/** Sends that wait for their turn: more would only be answered too late. */
const maxWaiting = 20_000

/** Channels that somebody else keeps locked and that have a lane of their own. Each holds a connection for as long as a lock is waited for. */
const maxLanes = 4

/** A message to be written, what webhooks are then to be told of it, and what is noted down. */
export interface Sending extends NewMessage {
  notices?(written: Message): readonly NewNotice[]
  readonly flags?: readonly NewFlag[]
}

type Insert = (messages: readonly Sending[]) => Promise<(Message | undefined)[]>

interface Waiting {
  readonly message: Sending
  resolve(written: Message | undefined): void
  reject(error: unknown): void
}

/** Sends that are written one batch after the other. */
interface Lane {
  /** Whose sends they are; undefined for all that have no lane of their own. */
  readonly channelId?: string
  waiting: Waiting[]
  isWriting: boolean
}

/**
 * Writes messages. While one write is in flight the sends that come in wait, and leave together as one statement: the channel's
 * lock and the commit are paid once for all of them. A lone send goes at once; nothing waits for a timer. A send that fails
 * fails alone. A channel whose row somebody else keeps locked goes on in a lane of its own, so that no other waits for it.
 */
export class MessageWriter {
  readonly #db: Db
  readonly #onWritten: (message: Message) => void
  readonly #insertAll: Insert
  /** How many messages it has written. */
  written = 0
  readonly #main: Lane = { waiting: [], isWriting: false }
  /** By the channel that was found locked. */
  readonly #lanes = new Map<string, Lane>()
  #waitingCount = 0

  /** `onWritten` is called for each committed message, in the order of its channel, for all of a batch in one turn. */
  constructor(
    db: Db,
    onWritten: (message: Message) => void,
    insert: Insert = (messages) => insertMessages(db, messages),
  ) {
    this.#db = db
    this.#onWritten = onWritten
    this.#insertAll = insert
  }

  /** Undefined when the channel is gone or the author's membership must be looked at again. */
  async write(message: Sending): Promise<Message | undefined> {
    if (this.#waitingCount >= maxWaiting) throw new ChatError('UNAVAILABLE', 'too many sends are waiting; try again')
    this.#waitingCount++
    try {
      return await new Promise((resolve, reject) => {
        const lane = this.#lanes.get(message.channelId) ?? this.#main
        lane.waiting.push({ message, resolve, reject })
        if (!lane.isWriting) void this.#writeAll(lane)
      })
    } finally {
      this.#waitingCount--
    }
  }

  async #writeAll(lane: Lane): Promise<void> {
    lane.isWriting = true
    while (lane.waiting.length > 0) await this.#writeBatch(lane, takeBatch(lane))
    lane.isWriting = false
    // In the same turn: what comes next goes the common way, and nothing of the channel is under way.
    if (lane.channelId !== undefined) this.#lanes.delete(lane.channelId)
  }

  /** Never throws: every send of the batch gets its own answer. */
  async #writeBatch(lane: Lane, batch: Waiting[]): Promise<void> {
    const { firsts, repeats } = splitRepeats(batch)
    const rest = await this.#insert(firsts)
    if (rest.length > 0 || repeats.length > 0) lane.waiting.unshift(...rest, ...repeats)
  }

  /** Inserts what it can, and answers what must be tried again. */
  async #insert(batch: Waiting[]): Promise<Waiting[]> {
    try {
      const written = await this.#insertAll(batch.map(({ message }) => message))
      for (const message of written) if (message) this.#onCommitted(message)
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

  #onCommitted(message: Message): void {
    this.written++
    this.#onWritten(message)
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
    return [...rest, ...(await this.#insert(batch.slice(middle)))]
  }

  /** The sends to channels that are free go again; those of each that is locked go on in its own lane. */
  async #setLockedApart(batch: Waiting[], error: unknown): Promise<Waiting[]> {
    const channelIds = [...new Set(batch.map(({ message }) => message.channelId))]
    if (channelIds.length === 1) throw error
    const free = new Set(await readUnlockedChannels(this.#db, channelIds))
    // No channel's row was in the way, but a lock that is in everybody's.
    if (free.size === channelIds.length) throw error
    for (const channelId of channelIds) {
      if (free.has(channelId)) continue
      const locked = batch.filter(({ message }) => message.channelId === channelId)
      if (this.#lanes.size < maxLanes) void this.#writeApart(channelId, locked)
      else for (const { reject } of locked) reject(error)
    }
    return batch.filter(({ message }) => free.has(message.channelId))
  }

  /** Until nothing of the channel waits any more. */
  #writeApart(channelId: string, waiting: Waiting[]): Promise<void> {
    const isOfChannel = ({ message }: Waiting): boolean => message.channelId === channelId
    const lane: Lane = {
      channelId,
      waiting: [...waiting, ...this.#main.waiting.filter(isOfChannel)],
      isWriting: false,
    }
    this.#main.waiting = this.#main.waiting.filter((one) => !isOfChannel(one))
    this.#lanes.set(channelId, lane)
    return this.#writeAll(lane)
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
      if (written) this.#onCommitted(written)
      if (written) resolve(written)
      // Not found says nothing: a statement that is still on its way can be committed later.
      else reject(error)
    }
  }
}

function takeBatch(lane: Lane): Waiting[] {
  let characters = 0
  const end = lane.waiting.findIndex(({ message }, at) => {
    characters += message.body.length + message.attributes.length
    return at >= batchRows || (at > 0 && characters > batchCharacters)
  })
  return lane.waiting.splice(0, end === -1 ? lane.waiting.length : end)
}

/** Writes messages together with what webhooks are told of them. */
export function insertToldMessages(db: Db, jobs: NoticeJobs): Insert {
  return (messages) =>
    db.transaction(async (tx) => {
      const written = await insertMessages(tx, messages)
      const notices = messages.map((message, at) => (written[at] && message.notices?.(written[at])) ?? [])
      await insertFlags(
        tx,
        messages.flatMap(({ flags = [] }, at) => (written[at] ? flags : [])),
      )
      await insertNotices(tx, jobs, notices.flat())
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
