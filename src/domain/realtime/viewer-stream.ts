import type { Actor } from '../../model/actor.ts'
import { parseUserCursor, toUserCursor, type UserCursor } from '../../model/cursor.ts'
import type { Draft } from '../../model/draft.ts'
import { ChatError, notFound } from '../../model/error.ts'
import type { UserEvent, UserHint } from '../../model/event.ts'
import type { Invite } from '../../model/invite.ts'
import type { Member } from '../../model/member.ts'
import type { SavedMessage } from '../../model/saved-message.ts'
import type { ScheduledMessage } from '../../model/scheduled-message.ts'
import type { ChannelId, MemberId, ServiceId, UserId } from '../../model/sid.ts'
import type { FollowedThread } from '../../model/thread.ts'
import type { User } from '../../model/user.ts'
import { readUserSharing } from '../../store/history.ts'
import { readOwnMembers } from '../../store/member.ts'
import { readUserChanges } from '../../store/user-change.ts'
import { requireUser, userDeleted } from '../access/authority.ts'
import type { App } from '../app.ts'
import { retryWhileUnavailable } from '../retry.ts'
import type { Lease } from '../share.ts'
import type { Sink } from './group.ts'
import { toUserEvents } from './user-event.ts'
import type { UserFeed, UserListener } from './user-feed.ts'

/** What a stream of a user's own events delivers: what has happened, in its latest state. */
export type ViewerEvent =
  /** `gap`: what was delivered before may be lost. */
  | { readonly type: 'ready' | 'gap' }
  | { readonly type: 'joined' | 'channelStateChanged'; readonly member: Member }
  | { readonly type: 'left'; readonly channelId: ChannelId; readonly memberId: MemberId }
  | { readonly type: 'inviteAdded' | 'inviteRemoved'; readonly invite: Invite }
  | { readonly type: 'threadChanged'; readonly thread: FollowedThread }
  | { readonly type: 'userUpdated'; readonly user: User }
  | { readonly type: 'draftSaved' | 'draftRemoved'; readonly draft: Draft }
  | { readonly type: 'scheduledMessageChanged'; readonly scheduled: ScheduledMessage }
  | { readonly type: 'messageSaved' | 'messageUnsaved' | 'reminderDue'; readonly saved: SavedMessage }

export interface ViewerStreamOptions<Frame> {
  /** The cursor of what has been seen. */
  readonly after?: string | null | undefined
  /** Streams of one user with the same key share the frames of live events. */
  readonly key: string
  /** Whether it delivers an event; the same for all streams with one key. */
  wants(type: ViewerEvent['type']): boolean
  render(event: ViewerEvent, cursor: string): Frame | Promise<Frame>
  readonly sink: Sink<Frame>
  /** Ends with the stream. */
  readonly lease: Lease | undefined
  /** The stream is over; `reason` says why it could not go on. */
  readonly onEnd: (reason: ChatError) => void
}

/** Changes of each kind that are read at once while catching up. */
const pageSize = 100

/** Live events that may wait for their rendering or for a slow reader. With more, the stream catches up from the store. */
const maxPending = 100

interface Pending {
  readonly event: UserEvent
  /** The history of its cursor, taken with the event: stamped too new, the cursor would skip what was lost. */
  readonly history: number
}

/** The frames of live events, by the key of their streams. A feed emits one object to all of its listeners. */
const sharedFrames = new WeakMap<UserEvent, Map<string, Promise<unknown>>>()

/**
 * An open subscription of a user to what happens to itself, in the order of its `seq`. It listens to the feed, reads what was missed from the
 * store page by page, and compares its position with the feed's: once it has reached it, it is live in the same turn.
 */
export class ViewerStream<Frame> implements UserListener {
  readonly #app: App
  readonly #options: ViewerStreamOptions<Frame>
  readonly #userId: UserId
  #feed: UserFeed | undefined
  #watchedServiceId: ServiceId | undefined
  /** How far it was written. */
  #seq = 0
  #isStarted = false
  #isRunning = false
  /** The feed brings what comes next. Otherwise it is read from the store, and what the feed emits is left out. */
  #isLive = false
  #pending: Pending[] = []
  /** What was written may be lost: its reader must read everything again. */
  #hasGap = false
  /** How often the feed went back. What was read or rendered before is not written after. */
  #returns = 0
  #isClosed = false

  private constructor(app: App, userId: UserId, options: ViewerStreamOptions<Frame>) {
    this.#app = app
    this.#userId = userId
    this.#options = options
  }

  /** Throws what the caller may not have. Otherwise resolves when the beginning was written; events follow. */
  static async open<Frame>(app: App, actor: Actor, options: ViewerStreamOptions<Frame>): Promise<ViewerStream<Frame>> {
    const { userId, serviceId } = requireUser(actor)
    const after = options.after == null ? undefined : parseUserCursor(userId, options.after, 'after')
    const stream = new ViewerStream(app, userId, options)
    try {
      await stream.#start(serviceId, after)
      return stream
    } catch (error) {
      stream.close()
      throw error
    }
  }

  /** Streams of users move no delivery position. */
  subscribers(): [] {
    return []
  }

  async #start(serviceId: ServiceId, after: UserCursor | undefined): Promise<void> {
    const { userFeeds, deletionWatch, history } = this.#app
    const feed = await userFeeds.hold(this.#userId)
    this.#feed = feed
    if (feed.isOver) throw userDeleted()
    feed.addListener(this)
    this.#watchedServiceId = serviceId
    deletionWatch.watch(serviceId, this)
    const start = after ?? { seq: feed.seq, history: history.stamp }
    this.#seq = start.seq
    if (after && !(await this.#isShared(after))) this.#hasGap = true
    // Until the gap is written, the cursor is the one that leads to it.
    this.#options.sink.write(await this.#render({ type: 'ready' }, start))
    this.#isStarted = true
    void this.#run()
  }

  /** Whether the store has all that a cursor says was seen. */
  async #isShared({ seq, history }: UserCursor): Promise<boolean> {
    const until = this.#app.history.sharedUntil(history)
    if (!until && seq <= this.#feed!.seq) return true
    const found = await readUserSharing(this.#app.db, this.#userId, seq, until ?? new Date(0))
    if (!found) return false
    return until ? found.isShared : seq <= found.lastSeq
  }

  onDeleted(): void {
    this.#end(notFound('the service', 50050))
  }

  onUserEvent(event: UserHint): void {
    if (this.#isClosed) return
    if (event.type === 'userDeleted' || (event.type === 'wentBack' && event.isGone)) {
      this.#end(userDeleted())
    } else if (event.type === 'wentBack') {
      this.#returns++
      if (this.#seq > event.sharedSeq) this.#hasGap = true
      this.#requestCatchUp()
    } else if (event.seq !== undefined && this.#isLive) {
      if (this.#pending.length < maxPending) this.#pending.push({ event, history: this.#app.history.stamp })
      else this.#requestCatchUp()
      void this.#run()
    }
  }

  #requestCatchUp(): void {
    this.#isLive = false
    this.#pending = []
    void this.#run()
  }

  /** Writes what there is to write, one after the other, until there is nothing left. */
  async #run(): Promise<void> {
    if (this.#isRunning || !this.#isStarted) return
    this.#isRunning = true
    try {
      while (!this.#isClosed) {
        if (!this.#isLive) await this.#catchUp()
        const next = this.#pending.shift()
        if (next) await this.#writeLive(next)
        else if (this.#isLive) break
      }
    } catch (error) {
      if (!(error instanceof ChatError)) this.#app.logger.error({ err: error }, 'a subscription to the caller failed')
      this.#end(error instanceof ChatError ? error : new ChatError('UNAVAILABLE', 'the subscription failed'))
    } finally {
      this.#isRunning = false
    }
  }

  async #catchUp(): Promise<void> {
    const { db, history } = this.#app
    const feed = this.#feed!
    while (!this.#isClosed) {
      if (this.#hasGap) {
        await this.#writeGap({ seq: feed.seq, history: history.stamp })
        continue
      }
      if (this.#seq >= feed.seq) {
        this.#isLive = true
        return
      }
      const returns = this.#returns
      const stamp = history.stamp
      const changes = await this.#patiently(() => readUserChanges(db, this.#userId, this.#seq, pageSize))
      if (!changes || returns !== this.#returns) continue
      // The feed has emitted more than the store holds.
      if (changes.through <= this.#seq) await feed.goBack()
      else if (await this.#writePage(toUserEvents(changes), stamp)) this.#seq = changes.through
    }
  }

  /** Returns whether all of it was written. */
  async #writePage(events: readonly UserEvent[], history: number): Promise<boolean> {
    const channelIds = new Set(events.flatMap((event) => channelRead(event) ?? []))
    const returns = this.#returns
    const members = await this.#patiently(() => this.#readMembers([...channelIds]))
    if (!members || returns !== this.#returns) return false
    for (const event of events) {
      if (event.type === 'userDeleted') this.#end(userDeleted())
      const latest = this.#latestOf(event, members)
      if (latest && !(await this.#write(this.#render(latest, { seq: event.seq, history })))) return false
      this.#seq = event.seq
    }
    return !this.#isClosed
  }

  async #writeGap(at: UserCursor): Promise<void> {
    this.#hasGap = false
    if (await this.#write(this.#render({ type: 'gap' }, at))) this.#seq = at.seq
    else this.#hasGap = true
  }

  async #writeLive(pending: Pending): Promise<void> {
    const { key } = this.#options
    const { event } = pending
    if (event.seq <= this.#seq) return
    let frames = sharedFrames.get(event)
    if (!frames) sharedFrames.set(event, (frames = new Map()))
    let frame = frames.get(key) as Promise<Frame | undefined> | undefined
    if (!frame) frames.set(key, (frame = this.#renderLive(pending)))
    if (await this.#write(frame)) this.#seq = event.seq
  }

  /** Returns whether it was written, if there was anything to write. Not when the stream has ended or the feed gone back meanwhile. */
  async #write(frame: Frame | undefined | Promise<Frame | undefined>): Promise<boolean> {
    const { sink } = this.#options
    const returns = this.#returns
    const rendered = await frame
    // All subscriptions of a socket wake at once and the first may fill it again, hence the loop.
    for (let full = sink.drained(); full; full = sink.drained()) await full
    if (this.#isClosed || returns !== this.#returns) return false
    if (rendered !== undefined) sink.write(rendered)
    return true
  }

  /** Undefined also when it does not deliver such events. */
  #latestOf(event: UserEvent, members: ReadonlyMap<ChannelId, Member>): ViewerEvent | undefined {
    const latest = latestOf(event, members)
    return latest && this.#options.wants(latest.type) ? latest : undefined
  }

  #render(event: ViewerEvent, at: UserCursor): Frame | Promise<Frame> {
    return this.#options.render(event, toUserCursor(this.#userId, at))
  }

  /** For all streams that share it, so it does not end with this one. */
  async #renderLive({ event, history }: Pending): Promise<Frame | undefined> {
    const channelId = channelRead(event)
    const members = await retryWhileUnavailable(
      () => this.#readMembers(channelId === undefined ? [] : [channelId]),
      () => true,
    )
    const latest = this.#latestOf(event, members!)
    return latest && this.#render(latest, { seq: event.seq, history })
  }

  async #readMembers(channelIds: readonly ChannelId[]): Promise<ReadonlyMap<ChannelId, Member>> {
    const members = channelIds.length > 0 ? await readOwnMembers(this.#app.db, this.#userId, channelIds) : []
    return new Map(members.map(({ member }) => [member.channelId, member]))
  }

  #patiently<Result>(read: () => Promise<Result>): Promise<Result | undefined> {
    return retryWhileUnavailable(read, () => !this.#isClosed)
  }

  #end(reason: ChatError): void {
    if (this.#isClosed) return
    this.close()
    this.#options.onEnd(reason)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#pending = []
    this.#options.lease?.end()
    if (this.#watchedServiceId !== undefined) this.#app.deletionWatch.unwatch(this.#watchedServiceId, this)
    if (!this.#feed) return
    this.#feed.removeListener(this)
    this.#app.userFeeds.release(this.#feed)
  }
}

/** The channel whose membership the event needs. */
function channelRead(event: UserEvent): ChannelId | undefined {
  return event.type === 'joined' || event.type === 'channelStateChanged' ? event.channelId : undefined
}

/** The event in its latest state. Undefined when what it is about is over: a later event says so, or the channel was deleted. */
function latestOf(event: UserEvent, members: ReadonlyMap<ChannelId, Member>): ViewerEvent | undefined {
  switch (event.type) {
    case 'joined':
    case 'channelStateChanged': {
      const member = members.get(event.channelId)
      return member && { type: event.type, member }
    }
    case 'left':
      return { type: 'left', channelId: event.channelId, memberId: event.memberId }
    case 'inviteAdded':
    case 'inviteRemoved':
      return { type: event.type, invite: event.invite }
    case 'threadChanged':
      return { type: 'threadChanged', thread: event.thread }
    case 'userUpdated':
      return { type: 'userUpdated', user: event.user }
    case 'draftSaved':
    case 'draftRemoved':
      return { type: event.type, draft: event.draft }
    case 'scheduledMessageChanged':
      return { type: event.type, scheduled: event.scheduled }
    case 'messageSaved':
    case 'messageUnsaved':
    case 'reminderDue':
      return { type: event.type, saved: event.saved }
    case 'userDeleted':
      return undefined
  }
}
