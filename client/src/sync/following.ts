import { backoffAfter } from '../backoff.ts'
import { ChatError } from '../errors.ts'
import { EventsDocument, ViewerEventsDocument } from '../graphql/generated/documents.ts'
import type { EventsSubscription, ViewerEventsSubscription } from '../graphql/generated/types.ts'
import type { Subscriber } from '../link/operations.ts'
import type { Change } from '../store/change.ts'
import { indexOfCursor } from '../store/cursor.ts'
import type { SyncContext } from './context.ts'
import { channelEventChanges, viewerEventChanges, type ViewerEvent } from './event-changes.ts'
import { Heads } from './heads.ts'
import { isFinal } from './is-final.ts'
import { positionsOf } from './positions.ts'
import { Progress } from './progress.ts'
import type { Refresh } from './refresh.ts'
import type { Unlisted } from './unlisted.ts'

export interface FollowingOptions extends SyncContext {
  readonly unlisted: Unlisted
  readonly refresh: Refresh
}

type ChannelEvent = EventsSubscription['events']
type Ready = Extract<ChannelEvent, { readonly __typename: 'Ready' }>

/** Time without anything new from streams that have not yet caught up, in milliseconds. */
const patienceMilliseconds = 30_000
/** Failures in a row after which the connection is given up, and the client says so. */
const maxFailures = 3
/** Streams that have been live for so long begin their back-off anew. */
const steadyMilliseconds = 10_000
/** Time between two reports of what remains, in milliseconds. */
const reportMilliseconds = 100

/**
 * Follows what happens, on one connection after the other: the user's own events, from its cursor; then the newest messages of the list, to know
 * what is missing; then the events of all channels, from their positions (L2). Whatever ends a stream begins all of this again, from where it was.
 */
export class Following {
  readonly #options: FollowingOptions
  readonly #progress = new Progress()
  readonly #heads: Heads
  /** What belongs to an earlier turn comes too late. */
  #turn = 0
  #ends: (() => void)[] = []
  #cancelTimer: (() => void) | undefined
  #phase: 'starting' | 'catchingUp' | 'live' = 'starting'
  #liveSince = Infinity
  #reportedAt = 0
  #failures = 0
  /** Cursors were refused: they are of another server. */
  #isWithoutCursors = false

  constructor(options: FollowingOptions) {
    this.#options = options
    this.#heads = new Heads({ ...options, progress: this.#progress, onPage: () => this.#watch() })
  }

  /** A connection is there. */
  start(): void {
    this.stop()
    const { link, state, commit } = this.#options
    commit([this.#toReport()])
    this.#watch()
    const after = this.#isWithoutCursors ? null : state().viewerCursor
    const isWhole = after === null || state().listStatus === 'empty'
    const subscriber = this.#subscriber(({ viewerEvents }: ViewerEventsSubscription) =>
      this.#receiveOwn(viewerEvents as ViewerEvent, isWhole),
    )
    this.#ends.push(link.subscribe(ViewerEventsDocument, after === null ? {} : { after }, subscriber))
  }

  /** The connection is gone. */
  stop(): void {
    this.#turn += 1
    this.#cancelTimer?.()
    for (const end of this.#ends) end()
    this.#ends = []
    this.#progress.clear()
    if (this.#options.env.clock.now() - this.#liveSince >= steadyMilliseconds) this.#failures = 0
    this.#phase = 'starting'
    this.#liveSince = Infinity
    this.#options.refresh.pause()
  }

  /** Hears only what belongs to this turn. */
  #subscriber<Result>(receive: (result: Result) => void): Subscriber<Result> {
    const turn = this.#turn
    return {
      next: (result) => {
        if (turn === this.#turn) receive(result)
      },
      error: (error) => {
        if (turn === this.#turn) this.#failed(error)
      },
    }
  }

  async #attempt(work: (isOver: () => boolean) => Promise<void>): Promise<void> {
    const turn = this.#turn
    try {
      await work(() => turn !== this.#turn)
      if (turn === this.#turn) this.#report()
    } catch (error) {
      if (turn !== this.#turn) return
      this.#failed(error instanceof ChatError ? error : new ChatError('INTERNAL_SERVER_ERROR', String(error)))
    }
  }

  #receiveOwn(event: ViewerEvent, isWhole: boolean): void {
    this.#options.commit(viewerEventChanges(event))
    if (event.__typename === 'Ready') void this.#attempt((isOver) => this.#readAndFollow(isOver, isWhole))
    else if (event.__typename === 'ViewerGap') void this.#attempt((isOver) => this.#heads.readAll(isOver))
    else if (event.__typename === 'ViewerChannelLeft') this.#progress.forget(event.channelId)
    this.#report()
  }

  async #readAndFollow(isOver: () => boolean, isWhole: boolean): Promise<void> {
    const { link, state, unlisted } = this.#options
    if (isWhole) await this.#heads.readList(isOver)
    if (!isOver()) await this.#heads.readNewest(isOver)
    if (isOver()) return
    const positions = this.#isWithoutCursors ? [] : positionsOf(state(), unlisted.cursors)
    const subscriber = this.#subscriber(({ events }: EventsSubscription) => this.#receive(events))
    this.#ends.push(link.subscribe(EventsDocument, { positions }, subscriber))
  }

  #receive(event: ChannelEvent): void {
    const { state, commit } = this.#options
    if (event.__typename === 'Ready') return this.#begin(event)
    const changes = this.#withBeginning(channelEventChanges(event, state()))
    for (const change of changes) {
      if (change.kind === 'position') this.#progress.reached(change.channelId, change.cursor)
      else if (change.kind === 'channelGone') this.#progress.forget(change.channelId)
    }
    commit(changes)
    this.#report()
  }

  /** A channel that was joined meanwhile begins with its first event; of one that is not listed the place is remembered. */
  #withBeginning(changes: readonly Change[]): readonly Change[] {
    const { state, unlisted, refresh } = this.#options
    const position = changes.find((change) => change.kind === 'position')
    if (!position) return changes
    const { channelId, cursor } = position
    const known = state().channels.get(channelId)
    if (!known) {
      unlisted.set(channelId, cursor)
      if (changes.some((change) => change.kind === 'messages' && this.#isToBeListed(change.messages)))
        refresh.add(channelId)
    }
    return known?.position === null ? [...changes, { kind: 'started', channelId, cursor }] : changes
  }

  /** Whether what was said is newer than the end of the list as far as it was read: then its channel stands above that. */
  #isToBeListed(messages: readonly { readonly createdAt: string }[]): boolean {
    const { channels, listStatus } = this.#options.state()
    if (listStatus !== 'partial') return true
    const at = Math.max(...messages.map(({ createdAt }) => Date.parse(createdAt)))
    return [...channels.values()].some(({ activityAt }) => activityAt < at)
  }

  /** The streams of all channels begin where the server says. */
  #begin({ cursors }: Ready): void {
    const { state, unlisted, refresh, commit } = this.#options
    const { channels } = state()
    const changes: Change[] = []
    for (const { channel, cursor } of cursors) {
      const channelId = channel.id
      const known = channels.get(channelId)
      this.#progress.reached(channelId, cursor)
      if (!known) {
        unlisted.set(channelId, cursor)
        continue
      }
      const { position } = known
      // The device has confirmed messages that the copy does not have. The seq alone may be ahead: it moves past what brings no event.
      const isBeyond = position !== null && indexOfCursor(cursor) > indexOfCursor(position)
      if (isBeyond || (position !== null && this.#isWithoutCursors)) changes.push({ kind: 'reset', channelId })
      changes.push({ kind: 'started', channelId, cursor })
    }
    commit(changes)
    // Where no stream has begun the user is no member any more.
    this.#progress.keep(new Set(cursors.map(({ channel }) => channel.id)))
    this.#isWithoutCursors = false
    this.#phase = 'catchingUp'
    refresh.resume()
    this.#report()
  }

  /** Says how many messages are missing, or that none is. */
  #report(): void {
    const { env, commit } = this.#options
    if (this.#phase !== 'catchingUp') return
    if (this.#progress.remaining > 0) {
      this.#watch()
      if (env.clock.now() - this.#reportedAt < reportMilliseconds) return
      this.#reportedAt = env.clock.now()
    } else {
      this.#phase = 'live'
      this.#liveSince = env.clock.now()
      this.#cancelTimer?.()
    }
    commit([this.#toReport()])
  }

  #toReport(): Change {
    const { remaining } = this.#progress
    return {
      kind: 'connection',
      connection: this.#phase === 'live' ? { status: 'live' } : { status: 'catchingUp', remaining },
    }
  }

  /** Something came: the streams are given more time. */
  #watch(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = this.#options.env.clock.after(patienceMilliseconds, () =>
      this.#failed(new ChatError('UNAVAILABLE', 'the streams did not catch up in time')),
    )
  }

  /** Begins again after a back-off. After three failures in a row the client says that it cannot: offline, or refused where it would go on so. */
  #failed(error: ChatError): void {
    // A lost connection says so itself; a request without an answer, the patience.
    if (error.code === 'OFFLINE') return
    const { link, log, env, commit } = this.#options
    this.stop()
    this.#failures += 1
    log.write('error', 'a stream ended', error)
    if (error.code === 'BAD_USER_INPUT') this.#isWithoutCursors = true
    if (this.#failures >= maxFailures) {
      if (isFinal(error)) return link.refuse('protocol', error.message)
      return link.fail('the streams cannot catch up', error.retryAfterMs)
    }
    commit([this.#toReport()])
    this.#cancelTimer = env.clock.after(backoffAfter(error, this.#failures, env.random()), () => this.start())
  }
}
