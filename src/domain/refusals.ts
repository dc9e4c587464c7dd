import { LRUCache } from 'lru-cache'
import { apiKeyOf, type Actor } from '../model/actor.ts'
import type { RefusalKind } from '../model/rate-limit.ts'

/** For how long refusals are remembered, in parts that are forgotten one after the other, in milliseconds. */
const partMilliseconds = 5 * 60_000
const parts = 12

/** Callers that are remembered, each once for every kind. Beyond that, the one that was refused longest ago is forgotten. */
const maxCallers = 1000

/** Who was refused: a user, an API key, or none of them where callers without credentials share a limit. */
export interface RefusedCaller {
  readonly serviceId: string | null
  readonly userId: string | null
  readonly identity: string | null
  readonly apiKeyId: string | null
}

/** The limit that was met, where it is a number. */
export interface MetLimit {
  readonly limit: number
  /** Null for what is open at once. */
  readonly seconds: number | null
}

/** How often a caller was refused within the last hour. */
export interface RefusalReport extends RefusedCaller {
  readonly kind: RefusalKind
  readonly count: number
  /** In milliseconds since the epoch. */
  readonly lastAt: number
  readonly limit: number | null
  readonly seconds: number | null
}

interface Entry extends Omit<RefusalReport, 'count'> {
  lastAt: number
  limit: number | null
  seconds: number | null
  /** By the number of the part, in a ring; `newest` is that of the last refusal. */
  readonly counts: number[]
  newest: number
}

const nobody: RefusedCaller = { serviceId: null, userId: null, identity: null, apiKeyId: null }

export function refusedCaller(actor: Actor | undefined): RefusedCaller {
  if (actor?.kind === 'user') {
    const { serviceId, userId, identity } = actor
    return { serviceId, userId, identity, apiKeyId: null }
  }
  return actor?.kind === 'backend' ? { ...nobody, apiKeyId: apiKeyOf(actor) ?? null } : nobody
}

/** What this process has refused: how often since its start, by kind, and who was refused within the last hour. */
export class Refusals {
  readonly counts: Record<RefusalKind, number> = {
    sends: 0,
    operations: 0,
    typing: 0,
    sockets: 0,
    subscriptions: 0,
    socket_operations: 0,
    key: 0,
    time: 0,
  }
  readonly #now: () => number
  readonly #entries = new LRUCache<string, Entry>({ max: maxCallers })

  /** `now` is in milliseconds since the epoch. */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  count(kind: RefusalKind, caller: RefusedCaller, met?: MetLimit): void {
    this.counts[kind]++
    const now = this.#now()
    const key = `${kind} ${caller.userId ?? caller.apiKeyId ?? ''}`
    let entry = this.#entries.get(key)
    if (!entry) {
      const { serviceId, userId, identity, apiKeyId } = caller
      const counts = Array.from({ length: parts }, () => 0)
      entry = {
        kind,
        serviceId,
        userId,
        identity,
        apiKeyId,
        lastAt: now,
        limit: null,
        seconds: null,
        counts,
        newest: 0,
      }
      this.#entries.set(key, entry)
    }
    passTo(entry, now)
    entry.counts[entry.newest % parts]!++
    entry.lastAt = now
    entry.limit = met?.limit ?? null
    entry.seconds = met?.seconds ?? null
  }

  /** Those that were refused most often within the last hour come first. */
  list(
    { serviceId, kind }: { serviceId?: string | undefined; kind?: string | undefined },
    size: number,
  ): RefusalReport[] {
    const now = this.#now()
    const found: RefusalReport[] = []
    for (const entry of this.#entries.values()) {
      if ((serviceId ?? entry.serviceId) !== entry.serviceId || (kind ?? entry.kind) !== entry.kind) continue
      passTo(entry, now)
      const { counts, newest: _, ...report } = entry
      const count = counts.reduce((sum, each) => sum + each, 0)
      if (count > 0) found.push({ ...report, count })
    }
    return found.toSorted(byCount).slice(0, size)
  }
}

export const byCount = (one: RefusalReport, other: RefusalReport): number =>
  other.count - one.count || other.lastAt - one.lastAt

/** Forgets the parts that have become older than an hour. */
function passTo(entry: Entry, now: number): void {
  const part = Math.floor(now / partMilliseconds)
  for (let passed = Math.max(entry.newest + 1, part - parts + 1); passed <= part; passed++)
    entry.counts[passed % parts] = 0
  // A clock may go back.
  entry.newest = Math.max(entry.newest, part)
}
