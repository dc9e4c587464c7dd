import { ChatError } from '../model/error.ts'
import type { Message } from '../model/message.ts'
import { isConnectionLost, uniqueViolation, type Db } from '../store/db.ts'
import { insertFlags, type NewFlag } from '../store/flag.ts'
import { insertMessages, readMessagesById, readRepeatedMessages, type NewMessage } from '../store/message.ts'
import type { NoticeJobs } from '../store/notice-job.ts'
import { insertNotices, type NewNotice } from '../store/notice.ts'

/** One statement takes no more, so that a batch neither grows without bound nor keeps the locks of its channels for long. */
const batchRows = 256
const batchCharacters = 1024 * 1024

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

/**
 * Writes messages. While one write is in flight the sends that come in wait, and leave together as one statement: the channel's
 * lock and the commit are paid once for all of them. A lone send goes at once; nothing waits for a timer. A send that fails
 * fails alone.
 */
export class MessageWriter {
  readonly #db: Db
  readonly #onWritten: (message: Message) => void
  readonly #insertAll: Insert
  /** How many messages it has written. */
  written = 0
  #waiting: Waiting[] = []
  #isWriting = false

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
  write(message: Sending): Promise<Message | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message, resolve, reject })
      if (!this.#isWriting) void this.#writeAll()
    })
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true
    while (this.#waiting.length > 0) await this.#writeBatch(this.#takeBatch())
    this.#isWriting = false
  }

  #takeBatch(): Waiting[] {
    let characters = 0
    const end = this.#waiting.findIndex(({ message }, at) => {
      characters += message.body.length + message.attributes.length
      return at >= batchRows || (at > 0 && characters > batchCharacters)
    })
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end)
  }

  /** Never throws: every send of the batch gets its own answer. */
  async #writeBatch(batch: Waiting[]): Promise<void> {
    const { firsts, repeats } = splitRepeats(batch)
    const rest = await this.#insert(firsts)
    if (rest.length > 0 || repeats.length > 0) this.#waiting.unshift(...rest, ...repeats)
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

  async #recover(batch: Waiting[], error: unknown): Promise<Waiting[]> {
    if (uniqueViolation(error) === 'messages_client_message_id') return this.#answerRepeats(batch, error)
    if (isConnectionLost(error)) {
      await this.#answerLost(batch, error)
      return []
    }
    if (batch.length === 1) throw error
    // Which of them it was is not known: one by one, the others get through.
    for (const waiting of batch) {
      const rest = await this.#insert([waiting])
      for (const { reject } of rest) reject(error)
    }
    return []
  }

  /** Nothing of the statement stands. What was sent before is answered with its first message, the rest goes again. */
  async #answerRepeats(batch: Waiting[], error: unknown): Promise<Waiting[]> {
    const known = await readRepeatedMessages(
      this.#db,
      batch.map(({ message }) => message),
    )
    if (known.size === 0) throw error
    return batch.filter(({ message, resolve }) => {
      const first = known.get(message.id)
      if (first) resolve(first)
      return !first
    })
  }

  /** Whether the statement took effect is not known; the ids tell. Doing it again blindly could send twice. */
  async #answerLost(batch: Waiting[], error: unknown): Promise<void> {
    const found = await readMessagesById(
      this.#db,
      batch.map(({ message }) => message.id),
    )
    const byId = new Map(found.map((message) => [message.id, message]))
    for (const { message, resolve, reject } of batch) {
      const written = byId.get(message.id)
      if (written) this.#onCommitted(written)
      if (written) resolve(written)
      else
        reject(
          error instanceof ChatError ? error : new ChatError('UNAVAILABLE', 'the database does not answer; try again'),
        )
    }
  }
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
