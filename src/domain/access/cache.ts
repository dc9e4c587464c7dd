import { LRUCache } from 'lru-cache'
import type { TypingParent } from '../../model/event.ts'
import type { Permission } from '../../model/permission.ts'
import type { Role, Service } from '../../model/service.ts'
import type { ChannelId, RoleId, UserId } from '../../model/sid.ts'
import type { User } from '../../model/user.ts'
import type { AccountTokens, ApiKeyRow } from '../../store/account.ts'
import type { ChannelAccess } from '../../store/channel.ts'
import type { ConsoleSessionRow } from '../../store/console-session.ts'

/** How long a revoked permission may still be used when no hint arrives, in milliseconds. PROMISES.md states it. */
const authorityMilliseconds = 3000

/** How long a message that was deleted or truncated may still be typed a reply to, in milliseconds. */
const parentMilliseconds = 60_000

/** Caches of what is read often and changes rarely. All are bounded, and entries that can change live for seconds. */
export interface Caches {
  readonly accounts: ReadCache<AccountTokens>
  readonly apiKeys: ReadCache<ApiKeyRow>
  /** Open sessions of the console, by the hashes of their tokens. */
  readonly consoleSessions: ReadCache<ConsoleSessionRow>
  readonly services: ReadCache<Service>
  readonly roles: ReadCache<Role>
  readonly users: ReadCache<CachedIdentity>
  /** Channels with the membership of one user, by `accessKey`. Their counters are out of date. */
  readonly access: ReadCache<ChannelAccess>
  /** Messages that others may reply to, by their channel and SID. */
  readonly parents: ReadCache<TypingParent>
  /** Channels that were deleted a moment ago, whose cached access must not be used. */
  readonly deletedChannels: LRUCache<string, true>
  /** Which service a channel belongs to, which never changes. */
  readonly channelServices: LRUCache<string, string>
}

export interface CachedUser {
  readonly userId: UserId
  readonly roleId: RoleId
  readonly permissions: ReadonlySet<Permission>
  /** When the last user with the same identity was deleted. */
  readonly deletedAt: Date | null
}

/** A user, or only when the last user with that identity was deleted. */
export type CachedIdentity = CachedUser | Pick<CachedUser, 'deletedAt'>

export function createCaches(): Caches {
  const ttl = authorityMilliseconds
  return {
    accounts: new ReadCache({ max: 1000, ttl }),
    apiKeys: new ReadCache({ max: 1000, ttl }),
    consoleSessions: new ReadCache({ max: 1000, ttl }),
    services: new ReadCache({ max: 1000, ttl }),
    roles: new ReadCache({ max: 10_000, ttl }),
    users: new ReadCache({ max: 50_000, ttl }),
    access: new ReadCache({ max: 100_000, ttl }),
    parents: new ReadCache({ max: 10_000, ttl: parentMilliseconds }),
    deletedChannels: new LRUCache({ max: 100_000, ttl }),
    channelServices: new LRUCache({ max: 100_000 }),
  }
}

/**
 * Keeps what was read. Callers that ask during a read share its answer, and get it in the order of their calls: two reads for one caller
 * could overtake each other, and its operations would run in the wrong order. Failed reads and misses are not kept.
 *
 * Not the library's `fetch`: what it is fetching cannot be listed, so `forgetReads` could not reach it; a miss that was invalidated
 * rejects; and an entry's age counts from the answer.
 */
export class ReadCache<Value extends {}> extends LRUCache<string, Value> {
  readonly #reading = new Map<string, Promise<Value | undefined>>()
  #purge: NodeJS.Timeout | undefined

  read(key: string, read: () => Promise<Value | undefined>): Promise<Value | undefined> {
    const known = this.get(key)
    if (known !== undefined) return Promise.resolve(known)
    const running = this.#reading.get(key)
    if (running) return running
    // The age counts from the question, however long the answer takes.
    const start = this.perf.now()
    const reading = read().then(
      (value) => {
        if (this.#end(key, reading) && value !== undefined) {
          this.set(key, value, { start })
          this.#schedulePurge()
        }
        return value
      },
      (error: unknown) => {
        this.#end(key, reading)
        throw error
      },
    )
    this.#reading.set(key, reading)
    return reading
  }

  /** Drops expired entries, which would otherwise stay until their room is needed. */
  #schedulePurge(): void {
    if (this.#purge) return
    this.#purge = setTimeout(() => {
      this.#purge = undefined
      this.purgeStale()
      if (this.size > 0) this.#schedulePurge()
    }, this.ttl).unref()
  }

  /** Ends a read. False when its key was invalidated meanwhile: then the answer is not kept. */
  #end(key: string, reading: Promise<unknown>): boolean {
    return this.#reading.get(key) === reading && this.#reading.delete(key)
  }

  override delete(key: string): boolean {
    this.#reading.delete(key)
    return super.delete(key)
  }

  override clear(): void {
    this.forgetReads()
    super.clear()
  }

  /** Invalidates all reads under way: their answers are given and not kept. */
  forgetReads(): void {
    this.#reading.clear()
  }
}

/** Clears all caches of what can change. */
export function forgetAll({
  accounts,
  apiKeys,
  consoleSessions,
  services,
  roles,
  users,
  access,
  parents,
  deletedChannels,
}: Caches): void {
  for (const cache of [accounts, apiKeys, consoleSessions, services, roles, users, access, parents, deletedChannels])
    cache.clear()
}

/** The key of a channel with the membership of one user, or without any, in `Caches.access`. */
export function accessKey(channelId: ChannelId, userId = ''): string {
  return channelId + userId
}

/** The key of a user in `Caches.users`. */
export function identityKey({ serviceId, identity }: Pick<User, 'serviceId' | 'identity'>): string {
  return serviceId + identity
}
