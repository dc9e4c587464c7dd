import { v7 } from 'uuid'
import type { ExpiringSet } from '../../live/expiring-set.ts'

/** How long a process vouches for its users, in milliseconds: what a process that dies leaves behind is gone after it. */
const vouchMilliseconds = 25_000

/** How often it vouches again. Twice within the time, so that one renewal may fail. */
const renewMilliseconds = 10_000

/** Who is connected, over all processes. Lives in memory or Redis; nothing of it is stored. */
export class Presence {
  readonly #sets: ExpiringSet
  readonly #processId = v7()
  /** How many sockets each user has here. */
  readonly #sockets = new Map<string, number>()
  readonly #timer: NodeJS.Timeout

  constructor(sets: ExpiringSet) {
    this.#sets = sets
    this.#timer = setInterval(() => void this.renew(), renewMilliseconds)
    this.#timer.unref()
  }

  connect(userId: string): void {
    const before = this.#sockets.get(userId) ?? 0
    this.#sockets.set(userId, before + 1)
    if (before === 0) void this.#vouch(userId)
  }

  disconnect(userId: string): void {
    const left = (this.#sockets.get(userId) ?? 1) - 1
    if (left > 0) {
      this.#sockets.set(userId, left)
      return
    }
    this.#sockets.delete(userId)
    void this.#withdraw(userId)
  }

  async renew(): Promise<void> {
    await Promise.all(this.#sockets.keys().map((userId) => this.#vouch(userId)))
  }

  /** Undefined where it cannot be known now. */
  async isOnline(userId: string): Promise<boolean | undefined> {
    if (this.#sockets.has(userId)) return true
    try {
      return await this.#sets.isInhabited(keyOf(userId))
    } catch {
      return undefined
    }
  }

  async #vouch(userId: string): Promise<void> {
    try {
      await this.#sets.add(keyOf(userId), this.#processId, vouchMilliseconds)
      // It may have gone while the entry was on its way.
      if (!this.#sockets.has(userId)) await this.#sets.remove(keyOf(userId), this.#processId)
    } catch {
      // The next renewal says it again.
    }
  }

  async #withdraw(userId: string): Promise<void> {
    try {
      await this.#sets.remove(keyOf(userId), this.#processId)
    } catch {
      // It expires.
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    const users = [...this.#sockets.keys()]
    this.#sockets.clear()
    await Promise.all(users.map((userId) => this.#withdraw(userId)))
  }
}

function keyOf(userId: string): string {
  return `presence:${userId}`
}
