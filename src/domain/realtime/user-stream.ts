import type { Actor } from '../../model/actor.ts'
import { ChatError, notFound } from '../../model/error.ts'
import type { UserEvent, UserHint } from '../../model/event.ts'
import type { ServiceId, UserId, InviteId } from '../../model/sid.ts'
import type { User } from '../../model/user.ts'
import { readInvitesOf } from '../../store/invite.ts'
import { readUsers } from '../../store/user.ts'
import { findUser, requireUser, userDeleted } from '../access/authority.ts'
import type { App } from '../app.ts'
import { retryWhileUnavailable } from '../retry.ts'
import type { Lease } from '../share.ts'
import type { Sink } from './group.ts'
import type { UserFeed } from './user-feed.ts'

/** The changes of a user that have a subscription. Those of invites are delivered to the invited user only. */
export type UserEventType = 'inviteAdded' | 'inviteRemoved' | 'userUpdated'

export interface UserStreamOptions<Frame> {
  readonly eventType: UserEventType
  /** SID or identity of another user than the caller. */
  readonly userId?: string | null | undefined
  render(event: UserEvent): Frame | Promise<Frame>
  readonly sink: Sink<Frame>
  /** Ends with the stream. */
  readonly lease: Lease | undefined
  /** The stream is over; `reason` says why it could not go on. */
  readonly onEnd: (reason: ChatError) => void
}

/** Standing invites read at once. */
const pageSize = 100

/** An open subscription to the changes of one user. `inviteAdded` begins with standing invites, so a client that reconnects misses none. */
export class UserStream<Frame> {
  readonly #app: App
  readonly #options: UserStreamOptions<Frame>
  /** Invites written because they stood when the stream began. The feed may emit them once more. */
  readonly #stood = new Set<InviteId>()
  /** What another user has been shown of the user; undefined when all may be shown. */
  #shown: string | undefined
  #feed: UserFeed | undefined
  #serviceId: ServiceId | undefined
  #writing: Promise<void> = Promise.resolve()
  #isClosed = false

  private constructor(app: App, options: UserStreamOptions<Frame>) {
    this.#app = app
    this.#options = options
  }

  static async open<Frame>(app: App, actor: Actor, options: UserStreamOptions<Frame>): Promise<UserStream<Frame>> {
    const stream = new UserStream(app, options)
    const target = await targetOf(app, actor, options.userId)
    const isOther = actor.kind === 'user' && actor.userId !== target.id
    if (isOther && 'identity' in target) stream.#shown = shownOf(target)
    await stream.#start(target.id, target.serviceId)
    return stream
  }

  /** Streams of users move no delivery position. */
  subscribers(): [] {
    return []
  }

  async #start(userId: UserId, serviceId: ServiceId): Promise<void> {
    this.#feed = await this.#app.userFeeds.hold(userId)
    if (this.#feed.isOver) {
      this.close()
      throw this.#gone()
    }
    this.#feed.addListener(this)
    this.#serviceId = serviceId
    this.#app.deletionWatch.watch(serviceId, this)
    if (this.#options.eventType === 'inviteAdded') this.#enqueue(() => this.#writeStanding(userId))
  }

  onDeleted(): void {
    this.#end(notFound('the service', 50050))
  }

  onUserEvent(event: UserHint): void {
    if (event.type === 'userDeleted' || (event.type === 'wentBack' && event.isGone)) {
      this.#enqueue(async () => this.#end(this.#gone()))
    } else if (event.type === 'wentBack') {
      this.#enqueue(() => this.#writeAnew())
    }
    if (event.type !== this.#options.eventType) return
    this.#enqueue(async () => {
      if (event.type === 'userUpdated' && this.#shown !== undefined) {
        const shown = shownOf(event.user)
        if (shown === this.#shown) return
        this.#shown = shown
      }
      if (event.type !== 'inviteAdded' || !this.#stood.has(event.invite.id)) await this.#write(event)
    })
  }

  /** The user has gone back to an older state: writes what is now. */
  async #writeAnew(): Promise<void> {
    const userId = this.#feed!.id
    if (this.#options.eventType === 'inviteAdded') await this.#writeStanding(userId)
    if (this.#options.eventType !== 'userUpdated') return
    const [user] = (await retryWhileUnavailable(
      () => readUsers(this.#app.db, [userId]),
      () => !this.#isClosed,
    )) ?? [undefined]
    if (user) await this.#write({ type: 'userUpdated', seq: user.seq, user })
  }

  async #writeStanding(userId: UserId): Promise<void> {
    let after: InviteId | undefined
    do {
      const invites = await retryWhileUnavailable(
        () => readInvitesOf(this.#app.db, userId, after, pageSize),
        () => !this.#isClosed,
      )
      if (!invites) return
      for (const invite of invites) {
        if (this.#stood.has(invite.id)) continue
        this.#stood.add(invite.id)
        await this.#write({ type: 'inviteAdded', seq: invite.userSeq, invite })
      }
      after = invites.length === pageSize ? invites.at(-1)!.id : undefined
    } while (after !== undefined)
  }

  async #write(event: UserEvent): Promise<void> {
    const { render, sink } = this.#options
    const frame = await render(event)
    for (let full = sink.drained(); full; full = sink.drained()) await full
    if (!this.#isClosed) sink.write(frame)
  }

  /** Runs work in the order of the feed. */
  #enqueue(work: () => Promise<void>): void {
    this.#writing = this.#writing.then(async () => {
      try {
        if (!this.#isClosed) await work()
      } catch (error) {
        if (!(error instanceof ChatError)) this.#app.logger.error({ err: error }, 'a subscription to a user failed')
        this.#end(error instanceof ChatError ? error : new ChatError('UNAVAILABLE', 'the subscription failed'))
      }
    })
  }

  #gone(): ChatError {
    return this.#options.userId == null ? userDeleted() : notFound('the user', 50200)
  }

  #end(reason: ChatError): void {
    if (this.#isClosed) return
    this.close()
    this.#options.onEnd(reason)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#options.lease?.end()
    if (this.#serviceId !== undefined) this.#app.deletionWatch.unwatch(this.#serviceId, this)
    if (!this.#feed) return
    this.#feed.removeListener(this)
    this.#app.userFeeds.release(this.#feed)
  }
}

/** A user without its own settings, which other users do not see: nor when they change. */
function shownOf(user: User): string {
  return JSON.stringify({ ...user, seq: 0, lastSeq: 0, lastSeenAt: null, isInvisible: null, readReceiptsEnabled: null })
}

/** The user whose changes are delivered: by default the caller. */
async function targetOf(app: App, actor: Actor, idOrIdentity: string | null | undefined) {
  if (idOrIdentity == null) {
    const { userId, serviceId } = requireUser(actor)
    return { id: userId, serviceId }
  }
  const user = await findUser(app, actor, idOrIdentity)
  if (!user) throw notFound('the user', 50200)
  return user
}
