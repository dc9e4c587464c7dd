import type { ReceiptKind } from '../../model/event.ts'
import { limits } from '../../model/limits.ts'
import type { Receipt } from '../../model/receipt.ts'
import type { ChannelId, MemberId } from '../../model/sid.ts'
import type { Db } from '../../store/engine/db.ts'
import { readMemberReceipts, readReceipts } from '../../store/receipt.ts'
import { retryWhileUnavailable } from '../retry.ts'

/** The feed of one channel, as the reports see it. */
interface ReportedFeed {
  readonly id: ChannelId
  emitReceipts(receipts: readonly Receipt[], isSnapshot: boolean): void
}

/** The least time between two reports of what has moved, in milliseconds. */
const reportMilliseconds = 1000

/** For how long what comes at the same moment is collected, in milliseconds. */
const collectMilliseconds = 20

/** Bound the rows of one statement: of snapshots, each is of all members of a channel. */
const batchSizes = { moved: 1000, snapshot: 100 }

/**
 * Reports receipts to the feeds of one process. Hints only say whose have moved; what they are is read at most once a second, in one
 * statement for all channels, so neither reads nor confirmations cost a statement each. Statements run one after the other: what a subscriber
 * gets first is never newer than what follows. Nothing here is kept beyond a report, so a lost hint is made up by the member's next one and by
 * the next snapshot.
 */
export class ReceiptReports {
  readonly #db: Db
  readonly #onError: (error: unknown) => void
  /** By feed, what has moved of each member. */
  readonly #moved = new Map<ReportedFeed, Map<MemberId, Set<ReceiptKind>>>()
  /** Feeds with subscribers that know no receipts yet. */
  readonly #asked = new Set<ReportedFeed>()
  #movedTimer: NodeJS.Timeout | undefined
  #askedTimer: NodeJS.Timeout | undefined
  #reportedAt = -Infinity
  #reading: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(db: Db, onError: (error: unknown) => void) {
    this.#db = db
    this.#onError = onError
  }

  move(feed: ReportedFeed, of: ReceiptKind, memberIds: readonly MemberId[]): void {
    if (this.#isClosed) return
    const ofFeed = this.#moved.get(feed) ?? new Map<MemberId, Set<ReceiptKind>>()
    this.#moved.set(feed, ofFeed)
    for (const memberId of memberIds) {
      const known = ofFeed.get(memberId)
      if (known) known.add(of)
      // A channel has no more members; those beyond are of members that have left.
      else if (ofFeed.size < limits.channelMembers) ofFeed.set(memberId, new Set([of]))
    }
    this.#movedTimer ??= this.#nextReport()
  }

  #nextReport(): NodeJS.Timeout {
    const wait = Math.max(collectMilliseconds, this.#reportedAt + reportMilliseconds - performance.now())
    return setTimeout(() => this.#inTurn(() => this.#reportMoved()), Math.ceil(wait))
  }

  /** Asks for the receipts of all members, for subscribers that wait for them. */
  ask(feed: ReportedFeed): void {
    if (this.#isClosed) return
    this.#asked.add(feed)
    this.#askedTimer ??= setTimeout(() => this.#inTurn(() => this.#reportAsked()), collectMilliseconds)
  }

  forget(feed: ReportedFeed): void {
    this.#moved.delete(feed)
    this.#asked.delete(feed)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#movedTimer)
    clearTimeout(this.#askedTimer)
    await this.#reading
  }

  async #reportMoved(): Promise<void> {
    const moved = new Map(this.#moved)
    this.#moved.clear()
    const keys = Array.from(moved, ([{ id: channelId }, of]) =>
      Array.from(of.keys(), (memberId) => ({ channelId, memberId })),
    ).flat()
    try {
      const receipts = await this.#read(keys, batchSizes.moved, readMemberReceipts)
      for (const [feed, kinds] of moved) {
        // That somebody has read is not to be seen where what it has read is not.
        const isReported = ({ member, hidesReads }: Receipt) => !hidesReads || kinds.get(member.id)?.has('delivered')
        feed.emitReceipts(receipts.get(feed.id)?.filter(isReported) ?? [], false)
      }
    } finally {
      this.#reportedAt = performance.now()
      this.#movedTimer = this.#moved.size > 0 && !this.#isClosed ? this.#nextReport() : undefined
    }
  }

  async #reportAsked(): Promise<void> {
    this.#askedTimer = undefined
    const asked = [...this.#asked]
    this.#asked.clear()
    const ids = asked.map(({ id }) => id)
    const receipts = await this.#read(ids, batchSizes.snapshot, readReceipts)
    for (const feed of asked) feed.emitReceipts(receipts.get(feed.id) ?? [], true)
  }

  /** What is asked meanwhile is collected until the statement's turn has come. */
  #inTurn(report: () => Promise<void>): void {
    this.#reading = this.#reading.then(async () => {
      if (!this.#isClosed) await report().catch(this.#onError)
    })
  }

  async #read<Key>(
    keys: readonly Key[],
    batchSize: number,
    read: (db: Db, batch: readonly Key[]) => Promise<ReadonlyMap<ChannelId, readonly Receipt[]>>,
  ): Promise<ReadonlyMap<ChannelId, Receipt[]>> {
    const byChannel = new Map<ChannelId, Receipt[]>()
    for (let start = 0; start < keys.length; start += batchSize) {
      const batch = keys.slice(start, start + batchSize)
      const receipts = await retryWhileUnavailable(
        () => read(this.#db, batch),
        () => !this.#isClosed,
      )
      for (const [channelId, ofChannel] of receipts ?? []) {
        byChannel.set(channelId, [...(byChannel.get(channelId) ?? []), ...ofChannel])
      }
    }
    return byChannel
  }
}
