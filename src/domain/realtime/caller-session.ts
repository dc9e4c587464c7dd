import { v7 } from 'uuid'
import type { Actor, UserActor } from '../../model/actor.ts'
import type { UserHint } from '../../model/event.ts'
import { isUnavailable } from '../../store/engine/fault.ts'
import { refreshUser } from '../access/authentication.ts'
import { identityKey } from '../access/cache.ts'
import type { DeletionWatcher } from '../access/deletion-watch.ts'
import type { App } from '../app.ts'
import { retryWhileUnavailable } from '../retry.ts'
import type { UserFeed, UserListener } from './user-feed.ts'

/** How long before its token expires a caller is warned, in milliseconds. */
const warningMilliseconds = 60_000

/** The longest timer, in milliseconds: about 25 days. A longer one would fire at once. */
const maxTimer = 2 ** 31 - 1

/** Why a connection ends: its token has expired, its user was deleted, or its API key or auth token was revoked. */
export type SessionEnd = 'expired' | 'userDeleted' | 'revoked'

/**
 * The caller of a connection, over any transport, and how long it may stay. Its streams notice when its service is deleted or a membership
 * ends. A base class rather than a part, since one object less per connection saves memory.
 */
export abstract class CallerSession implements UserListener, DeletionWatcher {
  /** Ascending with time: the newer of two connections is known, and when each was opened. */
  readonly connectionId = v7()
  protected readonly app: App
  protected isClosed = false
  #actor: Actor | undefined
  #userFeed: UserFeed | undefined
  #watchedId: string | undefined
  #expiry: NodeJS.Timeout | undefined
  #isWarned = false

  constructor(app: App) {
    this.app = app
  }

  protected abstract onOver(end: SessionEnd): void

  /** The token expires within a minute. */
  protected onExpiring(_expiresAt: number): void {}

  /** From now on the bus brings the events of the user. */
  protected onListening(_feed: UserFeed): void {}

  get actor(): Actor | undefined {
    return this.#actor
  }

  protected get userFeed(): UserFeed | undefined {
    return this.#userFeed
  }

  begin(actor: Actor): void {
    this.#actor = actor
    if (this.isClosed || actor.kind === 'audience') return
    this.#watchCredential(actor.credentialId)
    if (actor.kind !== 'user') return
    this.#scheduleExpiry(actor)
    void this.#watchUser(actor)
  }

  /** A new token of the same user takes over. */
  renew(actor: UserActor): void {
    // It may have closed while the token was checked; a timer would hold it until the token expires.
    if (this.isClosed) return
    this.#actor = actor
    this.#watchCredential(actor.credentialId)
    this.#scheduleExpiry(actor)
  }

  /** Reads the caller's permissions again. Throws when the user was deleted; keeps the permissions while the database is away. */
  async refresh(): Promise<void> {
    const actor = this.#actor
    if (actor?.kind !== 'user') return
    try {
      const refreshed = await refreshUser(this.app, actor)
      if (this.#actor === actor) this.#actor = refreshed
    } catch (error) {
      if (!isUnavailable(error)) throw error
    }
  }

  #watchCredential(id: string | undefined): void {
    if (id === this.#watchedId) return
    const { deletionWatch } = this.app
    if (this.#watchedId !== undefined) deletionWatch.unwatch(this.#watchedId, this)
    this.#watchedId = id
    if (id !== undefined) deletionWatch.watch(id, this)
  }

  onDeleted(): void {
    this.onOver('revoked')
  }

  /** The feed of its user says when the user is deleted and when its permissions change. */
  async #watchUser({ userId }: UserActor): Promise<void> {
    const { userFeeds, logger } = this.app
    try {
      const feed = await retryWhileUnavailable(
        () => userFeeds.hold(userId),
        () => !this.isClosed,
      )
      if (!feed) return
      if (this.isClosed) {
        userFeeds.release(feed)
        return
      }
      this.#userFeed = feed
      feed.addListener(this)
      if (feed.isOver) this.onOver('userDeleted')
      await feed.listening
      if (!this.isClosed) this.onListening(feed)
    } catch (error) {
      logger.error({ err: error }, 'a user is not watched')
    }
  }

  onUserEvent(event: UserHint): void {
    if (event.type === 'wentBack' && event.isGone) this.onOver('userDeleted')
    if (event.type !== 'userUpdated' && event.type !== 'userDeleted') return
    this.app.caches.users.delete(identityKey(event.user))
    if (event.type === 'userDeleted') this.onOver('userDeleted')
  }

  #scheduleExpiry(actor: UserActor): void {
    this.#isWarned = false
    this.#awaitExpiry(actor)
  }

  /** Ends the session when the token expires, unless it was renewed. */
  #awaitExpiry(actor: UserActor): void {
    const { expiresAt } = actor
    clearTimeout(this.#expiry)
    const left = expiresAt - this.app.clock.now()
    if (left <= 0) return this.onOver('expired')
    if (!this.#isWarned && left <= warningMilliseconds) {
      this.#isWarned = true
      this.onExpiring(expiresAt)
    }
    const wait = this.#isWarned ? left : left - warningMilliseconds
    this.#expiry = setTimeout(() => this.#awaitExpiry(actor), toTimer(wait))
  }

  /** The connection has closed. */
  protected release(): void {
    this.isClosed = true
    clearTimeout(this.#expiry)
    this.#watchCredential(undefined)
    if (!this.#userFeed) return
    this.#userFeed.removeListener(this)
    this.app.userFeeds.release(this.#userFeed)
  }
}

/** Whole seconds, rounded down: Node keeps one list of timers per duration, and sockets share few of them this way. */
function toTimer(milliseconds: number): number {
  return milliseconds < 1000 ? milliseconds : Math.min(Math.floor(milliseconds / 1000) * 1000, maxTimer)
}
