import { v7 } from 'uuid'
import type { ExpiringSet } from '../../live/expiring-set.ts'
import type { UserActor } from '../../model/actor.ts'
import type { UserId } from '../../model/sid.ts'

/** How long an entry lasts, in milliseconds: after this time the users of a dead process are offline. */
const vouchMilliseconds = 25_000

/** How often entries are renewed, in milliseconds. Twice in their lifetime, so that one renewal may fail. */
const renewMilliseconds = 10_000

/** A user that is connected. */
export type PresentUser = Pick<UserActor, 'userId' | 'serviceId' | 'identity'>

/** Which users are connected to any process. Kept in memory or Redis, never stored. */
export class Presence {
  readonly #sets: ExpiringSet
  readonly #processId = v7()
  /** How many sockets each user has in this process. */
  readonly #sockets = new Map<UserId, number>()
  readonly #timer: NodeJS.Timeout
  /** Entries that are being removed. */
  readonly #withdrawals = new Set<Promise<void>>()
  readonly #onSeen: (userId: UserId) => void
  readonly #onChange: (user: PresentUser) => void

  /** `onSeen` is called for every connected user every ten seconds, and when its last connection ends; `onChange` when it comes and goes. */
  constructor(
    sets: ExpiringSet,
    onSeen: (userId: UserId) => void = () => {},
    onChange: (user: PresentUser) => void = () => {},
  ) {
    this.#sets = sets
    this.#onSeen = onSeen
    this.#onChange = onChange
    this.#timer = setInterval(() => void this.renew(), renewMilliseconds)
    this.#timer.unref()
  }

  /** How many users are connected to this process. */
  get userCount(): number {
    return this.#sockets.size
  }

  connect(user: PresentUser): void {
    const { userId } = user
    const before = this.#sockets.get(userId) ?? 0
    this.#sockets.set(userId, before + 1)
    if (before === 0) void this.#vouch(userId).then(() => this.#onChange(user))
  }

  disconnect(user: PresentUser): void {
    const { userId } = user
    const left = (this.#sockets.get(userId) ?? 1) - 1
    if (left > 0) {
      this.#sockets.set(userId, left)
      return
    }
    this.#sockets.delete(userId)
    this.#onSeen(userId)
    const withdrawal = this.#withdraw(userId).then(() => {
      this.#withdrawals.delete(withdrawal)
      this.#onChange(user)
    })
    this.#withdrawals.add(withdrawal)
  }

  async renew(): Promise<void> {
    for (const userId of this.#sockets.keys()) this.#onSeen(userId)
    await Promise.all(this.#sockets.keys().map((userId) => this.#vouch(userId)))
  }

  /** Undefined while Redis does not answer. */
  async isOnline(userId: UserId): Promise<boolean | undefined> {
    if (this.#sockets.has(userId)) return true
    try {
      return await this.#sets.isInhabited(keyOf(userId))
    } catch {
      return undefined
    }
  }

  async #vouch(userId: UserId): Promise<void> {
    try {
      await this.#sets.add(keyOf(userId), this.#processId, vouchMilliseconds)
      // The user may have disconnected while the entry was being added.
      if (!this.#sockets.has(userId)) await this.#sets.remove(keyOf(userId), this.#processId)
    } catch {
      // The next renewal tries again.
    }
  }

  async #withdraw(userId: UserId): Promise<void> {
    try {
      await this.#sets.remove(keyOf(userId), this.#processId)
    } catch {
      // It expires.
    }
  }

  /** Removes all entries: otherwise the users of a process that has stopped would look connected until they expire. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    const users = [...this.#sockets.keys()]
    this.#sockets.clear()
    for (const userId of users) this.#onSeen(userId)
    await Promise.all([...users.map((userId) => this.#withdraw(userId)), ...this.#withdrawals])
  }
}

function keyOf(userId: UserId): string {
  return `presence:${userId}`
}
