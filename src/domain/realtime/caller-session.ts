import type { Actor, UserActor } from '../../model/actor.ts'
import type { UserHint } from '../../model/event.ts'
import { isUnavailable } from '../../store/engine/fault.ts'
import { refreshUser } from '../access/authentication.ts'
import { identityKey } from '../access/cache.ts'
import type { DeletionWatcher } from '../access/deletion-watch.ts'
import type { App } from '../app.ts'
import { retryWhileUnavailable } from '../retry.ts'
import type { UserFeed, UserListener } from './user-feed.ts'

/** How long before a token ends its caller is told, in milliseconds. */
const warningMilliseconds = 60_000

/** The longest time that a timer can be set to, in milliseconds: about 25 days. Longer ones would fire at once. */
const longestTimer = 2 ** 31 - 1

/** Why a caller must go: its token has expired, its user was deleted, or the key or auth token that it came with counts no more. */
export type SessionEnd = 'expired' | 'userDeleted' | 'revoked'

/**
 * A caller that stays connected, whatever it came over, and how long it may. That its service is deleted, or a membership ends, is told by
 * its streams. A base class, not a part: most connections wait, and one object less is memory.
 */
export abstract class CallerSession implements UserListener, DeletionWatcher {
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

  /** The token ends in a minute. */
  protected onExpiring(_expiresAt: number): void {}

  /** The bus brings from now on what is told of the user. */
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
    // It may have closed while the token was looked at; a timer would hold it until the token ends.
    if (this.isClosed) return
    this.#actor = actor
    this.#watchCredential(actor.credentialId)
    this.#scheduleExpiry(actor)
  }

  /** Who is on it may do less or more than when it came, and may be no user any more. Without the database all stays as it was. */
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

  /** The feed of its user says when the user is deleted and when what it may do is to be looked up again. */
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

  /** A token is over when it is, and no later; it may be renewed, or be one within the tolerance for clocks that differ. */
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

/**
 * Whole seconds, and so a little early at first: sockets whose tokens end at different moments of a second share a list of timers,
 * which each would have for itself otherwise.
 */
function toTimer(milliseconds: number): number {
  return milliseconds < 1000 ? milliseconds : Math.min(Math.floor(milliseconds / 1000) * 1000, longestTimer)
}
