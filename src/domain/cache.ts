import { LRUCache } from 'lru-cache'
import type { Caches } from '../app.ts'
import type { User } from '../model/user.ts'

/** How long a revoked permission may still be used, in milliseconds: stated in PROMISES.md. */
const authorityMilliseconds = 5000

export function createCaches(): Caches {
  const ttl = authorityMilliseconds
  return {
    accounts: new LRUCache({ max: 1000, ttl }),
    apiKeys: new LRUCache({ max: 1000, ttl }),
    services: new LRUCache({ max: 1000, ttl }),
    roles: new LRUCache({ max: 10_000, ttl }),
    users: new LRUCache({ max: 50_000, ttl }),
    access: new LRUCache({ max: 100_000, ttl }),
    channelServices: new LRUCache({ max: 100_000 }),
  }
}

export async function cached<Value extends {}>(
  cache: LRUCache<string, Value>,
  key: string,
  read: () => Promise<Value | undefined>,
): Promise<Value | undefined> {
  const known = cache.get(key)
  if (known !== undefined) return known
  const value = await read()
  if (value !== undefined) cache.set(key, value)
  return value
}

/** Of a user among those cached. */
export function identityKey({ serviceId, identity }: Pick<User, 'serviceId' | 'identity'>): string {
  return serviceId + identity
}
