import { topics, type Bus, type Unsubscribe } from '../../live/bus.ts'
import type { DeviceConnected, UserEvent, UserHint } from '../../model/event.ts'
import { readUserHint } from '../../model/hint.ts'
import type { UserId } from '../../model/sid.ts'
import type { Counter } from '../../store/counter.ts'
import type { Db } from '../../store/engine/db.ts'
import { readUserSharing } from '../../store/history.ts'
import { readUserChanges } from '../../store/user-change.ts'
import type { UserCounter } from '../../store/user.ts'
import type { BatchedRead } from '../batched-read.ts'
import type { Instruments, RefillReason } from '../instruments.ts'
import { retryWhileUnavailable } from '../retry.ts'
import { toUserEvents } from './user-event.ts'

/** Before everything. */
const never = new Date(0)

/** Changes of each kind that are read at once. */
const pageSize = 1000

interface UserFeedParts {
  readonly db: Db
  /** Reads how far the changes of users have come: all clients of another process may come at once. */
  readonly counters: BatchedRead<UserId, UserCounter>
  readonly bus: Bus
  readonly instruments: Pick<Instruments, 'refills'>
  readonly onError: (error: unknown) => void
}

export interface UserListener {
  onUserEvent(event: UserHint): void
  /** Hints from this process may not have reached others. */
  onGap?(): void
}

/** The changes of one user, its memberships, its channels' state and its invites, in order and without gaps, for all listeners of this process. */
export class UserFeed {
  readonly id: UserId
  readonly ready: Promise<void>
  /** Resolves when the bus delivers hints; within seconds when it is away, and then a gap follows. */
  readonly listening: Promise<void>
  holders = 0
  /** The user was deleted, at or before the feed's position. */
  isOver = false
  readonly #parts: UserFeedParts
  /** A list: there are a handful, and a set takes four times the memory. */
  #listeners: readonly UserListener[] = []
  #seq = 0
  #isReady = false
  #isClosed = false
  #refill: Promise<void> | undefined
  #isStale = false
  /** How much of what was emitted the store certainly has, by its time; undefined when it need not go back. */
  #sharedUntil: Date | undefined
  #unsubscribe: Unsubscribe | undefined

  constructor(userId: UserId, parts: UserFeedParts) {
    this.id = userId
    this.#parts = parts
    this.listening = this.#listen()
    this.ready = this.#open()
  }

  async #listen(): Promise<void> {
    const { bus, onError } = this.#parts
    try {
      const topic = topics.user(this.id)
      const unsubscribe = await bus.subscribe(topic, (payload) => this.#onHint(payload))
      this.#unsubscribe = unsubscribe
      if (this.#isClosed) unsubscribe()
      else void this.#checkMissed()
    } catch (error) {
      onError(error)
    }
  }

  /** Hints between the reading of the counter and this moment were missed. What cannot be read now the sweep finds. */
  async #checkMissed(): Promise<void> {
    await this.ready.catch(() => {})
    const counter = await this.#parts.counters.read(this.id).catch(() => undefined)
    if (!counter || counter.lastSeq > this.#seq) this.refill('missing')
  }

  async #open(): Promise<void> {
    const counter = await this.#parts.counters.read(this.id)
    this.#seq = counter?.lastSeq ?? 0
    this.isOver = counter?.isDeleted === true
    this.#isReady = true
    if (this.#sharedUntil) this.refill('history')
  }

  get counter(): Counter<UserId> {
    return { id: this.id, lastSeq: this.#seq }
  }

  /** How far it has come. */
  get seq(): number {
    return this.#seq
  }

  get listenerCount(): number {
    return this.#listeners.length
  }

  addListener(listener: UserListener): void {
    this.#listeners = [...this.#listeners, listener]
  }

  removeListener(listener: UserListener): void {
    this.#listeners = this.#listeners.filter((known) => known !== listener)
  }

  /** Publishes to the feeds of all processes. */
  publish(event: DeviceConnected): void {
    this.#parts.bus.publish(topics.user(this.id), event)
  }

  #onHint(payload: unknown): void {
    if (this.#isClosed) return
    const event = readUserHint(payload)
    if (!event) return
    if (event.seq === undefined) {
      this.#emit(event)
      return
    }
    if (!this.#isReady || event.seq <= this.#seq) return
    if (event.type === 'unreadable' || event.seq !== this.#seq + 1 || this.#refill) {
      this.refill(event.type === 'unreadable' ? 'unreadable' : 'missing')
      return
    }
    this.#pass(event)
  }

  check(lastSeq: number | undefined, knownSeq: number): void {
    if (this.isOver || !this.#isReady) return
    if (lastSeq === undefined || lastSeq < knownSeq) void this.goBack()
    else if (lastSeq > this.#seq) this.refill('sweep')
  }

  /**
   * Events of the user may be lost, but none from before `sharedUntil`: the feed goes on from the store's position, and its listeners read what
   * they need.
   */
  async goBack(sharedUntil = never): Promise<void> {
    if (!this.#sharedUntil || sharedUntil < this.#sharedUntil) this.#sharedUntil = sharedUntil
    while (this.#sharedUntil && this.#isReady && !this.isOver && !this.#isClosed) {
      this.refill('history')
      await this.#refill
    }
  }

  /** Reads what is missing, once more when a hint has come meanwhile. Unlike a channel's feed it keeps no early hints: a user changes rarely. */
  refill(reason: RefillReason): void {
    if (this.#isClosed || !this.#isReady) return
    if (!this.#refill) this.#parts.instruments.refills.add({ feed: 'user', reason })
    this.#readAgain()
  }

  #readAgain(): void {
    if (this.#isClosed) return
    this.#isStale = true
    this.#refill ??= retryWhileUnavailable(
      () => this.#readMissing(),
      () => !this.#isClosed,
    )
      .catch((error: unknown) => {
        this.#parts.onError(error)
        // Repeating events is better than missing some.
        if (this.#sharedUntil) this.#seq = 0
        this.#sharedUntil = undefined
      })
      .finally(() => {
        this.#refill = undefined
        if (this.#isStale) this.#readAgain()
      })
  }

  /** The bus works again: hints may have been lost in both directions. */
  onGap(): void {
    this.refill('gap')
    for (const listener of this.#listeners) listener.onGap?.()
  }

  async #readMissing(): Promise<void> {
    this.#isStale = false
    const sharedUntil = this.#sharedUntil
    if (sharedUntil) {
      const found = await readUserSharing(this.#parts.db, this.id, this.#seq, sharedUntil)
      // It has to go back further meanwhile.
      if (this.#sharedUntil !== sharedUntil) {
        this.#isStale = true
        return
      }
      this.#sharedUntil = undefined
      const sharedSeq = found?.isShared ? this.#seq : -1
      this.#seq = found?.lastSeq ?? 0
      this.isOver = found?.isDeleted ?? true
      this.#emit({ type: 'wentBack', isGone: this.isOver, sharedSeq })
      return
    }
    const changes = await readUserChanges(this.#parts.db, this.id, this.#seq, pageSize)
    for (const event of toUserEvents(changes)) if (!this.#isClosed) this.#pass(event)
    if (changes.hasMore) this.#isStale = true
    // Numbers without a row were superseded.
    this.#seq = Math.max(this.#seq, changes.through)
  }

  #pass(event: UserEvent): void {
    if (event.seq <= this.#seq) return
    this.#seq = event.seq
    if (event.type === 'userDeleted') this.isOver = true
    this.#emit(event)
  }

  #emit(event: UserHint): void {
    for (const listener of this.#listeners) listener.onUserEvent(event)
  }

  close(): void {
    this.#isClosed = true
    this.#unsubscribe?.()
  }
}
