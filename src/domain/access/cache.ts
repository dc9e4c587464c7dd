import { LRUCache } from 'lru-cache'
import type { Permission } from '../../model/permission.ts'
import type { Role, Service } from '../../model/service.ts'
import type { User } from '../../model/user.ts'
import type { AccountTokens, ApiKeyRow } from '../../store/account.ts'
import type { ChannelAccess } from '../../store/channel.ts'

/** How long what was revoked may still be used where no hint arrives, in milliseconds: stated in PROMISES.md. */
const authorityMilliseconds = 3000

/** What is read often and changes rarely. Each is bounded, and short-lived where no event could correct it. */
export interface Caches {
  readonly accounts: ReadCache<AccountTokens>
  readonly apiKeys: ReadCache<ApiKeyRow>
  readonly services: ReadCache<Service>
  readonly roles: ReadCache<Role>
  readonly users: ReadCache<CachedIdentity>
  /** A channel with one user's membership, by channel SID and user. Counters in it are old. */
  readonly access: ReadCache<ChannelAccess>
  /** Channels deleted a moment ago: an access to one that was read before counts for nothing. */
  readonly deletedChannels: LRUCache<string, true>
  /** Which service a channel belongs to, which never changes. */
  readonly channelServices: LRUCache<string, string>
}

export interface CachedUser {
  readonly userId: string
  readonly roleId: string
  readonly permissions: ReadonlySet<Permission>
  /** When the last user that had the identity before was deleted. */
  readonly deletedAt: Date | null
}

/** Somebody, or nobody: then only whether there was a user with that identity before. */
export type CachedIdentity = CachedUser | Pick<CachedUser, 'deletedAt'>

export function createCaches(): Caches {
  const ttl = authorityMilliseconds
  return {
    accounts: new ReadCache({ max: 1000, ttl }),
    apiKeys: new ReadCache({ max: 1000, ttl }),
    services: new ReadCache({ max: 1000, ttl }),
    roles: new ReadCache({ max: 10_000, ttl }),
    users: new ReadCache({ max: 50_000, ttl }),
    access: new ReadCache({ max: 100_000, ttl }),
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
    // Its age counts from here: how long the answer took makes it no newer.
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

  /** What nobody asks for again would stay until newer entries need its room. */
  #schedulePurge(): void {
    if (this.#purge) return
    this.#purge = setTimeout(() => {
      this.#purge = undefined
      this.purgeStale()
      if (this.size > 0) this.#schedulePurge()
    }, this.ttl).unref()
  }

  /** Whether this read still counts: what was forgotten meanwhile is not kept. */
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

  /** Whatever is being read may be out of date by now: it is answered, and not kept. */
  forgetReads(): void {
    this.#reading.clear()
  }
}

/** Everything but what never changes. */
export function forgetAll({ accounts, apiKeys, services, roles, users, access, deletedChannels }: Caches): void {
  for (const cache of [accounts, apiKeys, services, roles, users, access, deletedChannels]) cache.clear()
}

/** Of a channel with the membership of one user, or without any, among those cached. */
export function accessKey(channelId: string, userId = ''): string {
  return channelId + userId
}

/** Of a user among those cached. */
export function identityKey({ serviceId, identity }: Pick<User, 'serviceId' | 'identity'>): string {
  return serviceId + identity
}
