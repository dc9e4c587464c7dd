import { earlierOf, isBeyond, type Position } from '../../model/cursor.ts'
import { notFound } from '../../model/error.ts'
import type { DurableEvent } from '../../model/event.ts'
import type { Message } from '../../model/message.ts'
import type { ChannelId, MemberId } from '../../model/sid.ts'
import { readAddedAfter, readChanges } from '../../store/change.ts'
import type { Db } from '../../store/engine/db.ts'
import { changeEvents, durableEvents } from './durable-event.ts'
import { Progress } from './progress.ts'

/** An event from the store, and the position that its reader has reached with it. */
export interface CaughtUpEvent {
  readonly event: DurableEvent | Gap
  readonly position: Position
}

/** Messages that the store no longer holds, first and last index. */
export interface Gap {
  readonly type: 'gap'
  readonly seq: number
  readonly from: number
  readonly to: number
  /** The reader has seen them and the database may have lost them: the reader goes back to before them. */
  readonly isBack: boolean
}

/** The gap of a reader that must go back from one position to another. */
export function gapBack(from: Position, to: Position): CaughtUpEvent {
  return { event: { type: 'gap', seq: to.seq, from: to.index + 1, to: from.index, isBack: true }, position: to }
}

export interface ReplayOptions {
  /** Leave out everything but added messages. */
  readonly addedOnly: boolean
  /** Read as this member: everything up to and including its leaving, and nothing after. */
  readonly memberId?: MemberId | undefined
}

/**
 * Reads what changed in a channel after a position: first the messages added since, by index and in their latest state, then all other
 * changes by `seq`, each thing once in its latest state. It reads page by page while the channel goes on changing. A message that was
 * deleted meanwhile is reported as removed, since the reader may have received it without confirming it.
 *
 * A round ends at the `lastSeq` of its first page. It reads messages up to the newest of its last page; those newer than the end are
 * remembered as seen ahead. Then it reads the changes up to the end. Later changes belong to the next round, or to the feed. For a member
 * that has left, the last round ends with its leaving.
 */
export class Replay {
  readonly progress: Progress
  /** The member has left, and everything that it may see was returned. */
  ended = false
  readonly #db: Db
  readonly #channelId: ChannelId
  readonly #options: ReplayOptions
  /** Messages up to here were known before this round. */
  #knownIndex: number
  #startSeq: number
  #throughSeq: number | undefined
  /** Messages up to here have been read, returned or not. */
  #readIndex: number
  #addedRead = false
  /** Numbers of this round that were taken by the adding of a message and by nothing else. */
  #addedAlone = 0
  /** Messages below were truncated when messages were last read. */
  #firstIndex = 0
  /** Messages that were read by a call that then failed to read the changes. */
  #unreturned: CaughtUpEvent[] = []
  #hasLeft = false

  constructor(db: Db, channelId: ChannelId, from: Position, options: ReplayOptions) {
    this.progress = new Progress(from)
    this.#db = db
    this.#channelId = channelId
    this.#options = options
    this.#knownIndex = from.index
    this.#readIndex = from.index
    this.#startSeq = from.seq
  }

  /** Whether a round is complete: everything up to `progress` was returned. */
  get isRoundComplete(): boolean {
    return this.#throughSeq === undefined
  }

  /**
   * Returns the next page, which is empty when a round had nothing left. After an error it can be called again without repeating or skipping
   * anything.
   */
  async read(limit: number): Promise<CaughtUpEvent[]> {
    if (!this.#addedRead) {
      this.#unreturned = await this.#readAdded(limit)
      if (this.#addedRead && (this.#options.addedOnly || this.#hasNoOtherChanges()))
        this.#finishRound(this.#throughSeq!)
    }
    const changes = this.#addedRead ? await this.#readChanges(limit) : []
    const events = [...this.#unreturned, ...changes]
    this.#unreturned = []
    return events
  }

  async #readAdded(limit: number): Promise<CaughtUpEvent[]> {
    const { progress } = this
    const page = await readAddedAfter(this.#db, this.#channelId, this.#readIndex, limit, this.#options.memberId)
    if (!page) throw notFound('the channel', 50300)
    const events: CaughtUpEvent[] = []
    const end = { index: page.lastIndex, seq: page.lastSeq }
    if (isBeyond(progress, end)) events.push(this.#goBackTo(earlierOf(progress, end)))
    this.#firstIndex = page.firstIndex
    // What is truncated is no gap: the truncation is one of the changes.
    progress.moveTo(page.firstIndex - 1, progress.seq)
    this.#readIndex = Math.max(this.#readIndex, progress.index)
    const { memberLeftSeq: leftSeq = Infinity } = page
    this.#hasLeft = page.memberLeftSeq !== undefined
    this.#throughSeq = page.memberLeftSeq ?? this.#throughSeq ?? page.lastSeq
    this.#addedRead = page.messages.length < limit
    for (const message of page.messages) {
      this.#readIndex = message.index
      if (message.seq >= leftSeq) {
        if (message.deletedAt !== null) this.#passDeleted(message)
        // It was added after the leaving, and so were all that follow.
        else if ((message.addedSeq ?? message.seq) >= leftSeq) this.#addedRead = true
        continue
      }
      if (this.#isAddedAlone(message)) this.#addedAlone++
      if (message.index > progress.index + 1) events.push(this.#gap(progress.index + 1, message.index - 1))
      progress.moveTo(message.index, progress.seq)
      if (message.seq > this.#throughSeq) progress.sawAhead(message.index, message.seq)
      const event: DurableEvent = {
        type: message.deletedAt === null ? 'messageAdded' : 'messageRemoved',
        seq: message.seq,
        message,
      }
      if (durableEvents[event.type].inMessageStream || !this.#options.addedOnly)
        events.push({ event, position: progress.position })
    }
    if (this.#addedRead && !this.#hasLeft && page.lastIndex > progress.index) {
      events.push(this.#gap(progress.index + 1, page.lastIndex))
      progress.moveTo(page.lastIndex, progress.seq)
    }
    return events
  }

  /** Most who come back have missed nothing but messages, which have taken every number of the round: nothing is left to be read. */
  #hasNoOtherChanges(): boolean {
    const through = this.#throughSeq!
    return this.progress.seq >= through || this.#addedAlone === through - this.#startSeq
  }

  /** A reply shares its number with the message that it answers. */
  #isAddedAlone({ seq, addedSeq, parentIndex }: Message): boolean {
    return addedSeq === null && parentIndex == null && seq > this.#startSeq && seq <= this.#throughSeq!
  }

  /** The store holds less than the reader has seen. */
  #goBackTo(position: Position): CaughtUpEvent {
    const gap = gapBack(this.progress.position, position)
    this.progress.goBackTo(position)
    this.#knownIndex = Math.min(this.#knownIndex, position.index)
    this.#readIndex = position.index
    this.#startSeq = Math.min(this.#startSeq, position.seq)
    this.#throughSeq = undefined
    this.#addedAlone = 0
    return gap
  }

  /** A deleted message is no gap, whenever it was deleted. */
  #passDeleted({ index }: Message): void {
    if (index === this.progress.index + 1) this.progress.moveTo(index, this.progress.seq)
  }

  #gap(from: number, to: number): CaughtUpEvent {
    return {
      event: { type: 'gap', seq: this.progress.seq, from, to, isBack: false },
      position: { index: to, seq: this.progress.seq },
    }
  }

  async #readChanges(limit: number): Promise<CaughtUpEvent[]> {
    const { progress } = this
    const through = this.#throughSeq!
    const page = await readChanges(this.#db, {
      channelId: this.#channelId,
      after: progress.seq,
      through,
      firstIndex: this.#firstIndex,
      index: this.#knownIndex,
      limit,
    })
    const events: CaughtUpEvent[] = []
    const changes = changeEvents(page, this.#startSeq)
    for (const [at, event] of changes.entries()) {
      if (!progress.isNew(event)) continue
      // A reply that was deleted shares its number with what it answered: the reader has reached it with the last of them.
      const isLast = changes[at + 1]?.seq !== event.seq
      progress.moveTo(progress.index, isLast ? event.seq : event.seq - 1)
      events.push({ event, position: progress.position })
    }
    if (page.throughSeq === through) this.#finishRound(through)
    else progress.moveTo(progress.index, page.throughSeq)
    return events
  }

  #finishRound(through: number): void {
    this.progress.moveTo(this.progress.index, through)
    this.#knownIndex = this.progress.index
    this.#readIndex = this.progress.index
    this.#startSeq = through
    this.#throughSeq = undefined
    this.#addedAlone = 0
    this.#addedRead = false
    this.ended = this.#hasLeft
  }
}
