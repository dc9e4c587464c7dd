import { setTimeout as delay } from 'node:timers/promises'
import type { RateCount } from '../../live/rate-counter.ts'
import { apiKeyOf, type Actor, type Backend, type UserActor } from '../../model/actor.ts'
import { ChatError } from '../../model/error.ts'
import type { Rate, RateLimit, RateLimitKind, RefusalKind, UserRateKind } from '../../model/rate-limit.ts'
import { userLimit, type Service } from '../../model/service.ts'
import type { App } from '../app.ts'
import { refusedCaller } from '../refusals.ts'
import { findApiKey } from './api-key.ts'
import { findService } from './authority.ts'

/** How long a subscription waits until its user may open another one, in milliseconds. Stock clients do not try again after an error. */
const openingMilliseconds = 10_000

/** Takes what is left of a caller's rates, for the answer. */
export interface RateReport {
  /** With a time, one was refused until then. */
  add(limit: RateLimit, retryAfterMs?: number): void
}

/**
 * Counts a root field that a caller has asked for. Every way in calls it, before anything of the field is done. Undefined where nothing is counted.
 * Needs nothing. Throws RATE_LIMITED.
 */
export function countRootField(
  app: App,
  actor: Actor,
  kind: 'sends' | 'operations',
  report?: RateReport,
): Promise<void> | undefined {
  if (actor.kind === 'user') return countOfUser(app, actor, kind, report)
  return actor.kind === 'backend' ? countOfBackend(app, actor, report) : undefined
}

/** Counts that a user types. Answers whether that is beyond the rate: then it is dropped, and the user gets no error. */
export async function exceedsTypingRate(app: App, actor: UserActor, service: Service): Promise<boolean> {
  const rate = userLimit(service, 'typing')
  const { consumedPoints } = await app.rateCounters.users.typing.count(actor.userId, rate)
  if (consumedPoints <= rate.limit) return false
  app.rateCounters.refusals.count('typing', refusedCaller(actor), rate)
  return true
}

/**
 * Counts a subscription that is being opened: as many as a user may have open, in the time of its operations. Beyond that it waits for a while. The ones
 * of a client that comes back count anew. Throws RATE_LIMITED.
 */
export async function countOpening(app: App, actor: UserActor, gone: AbortSignal): Promise<void> {
  const service = await serviceOf(app, actor)
  const rate = { limit: userLimit(service, 'subscriptions'), seconds: userLimit(service, 'operations').seconds }
  const { refusals, users } = app.rateCounters
  for (const until = performance.now() + openingMilliseconds; !gone.aborted;) {
    const count = await users.subscriptions.count(actor.userId, rate)
    if (count.consumedPoints <= rate.limit) return
    const wait = waitOf(count)
    if (performance.now() + wait > until) {
      refusals.count('subscriptions', refusedCaller(actor), rate)
      throw tooOften('subscriptions', rate, wait)
    }
    await delay(wait, undefined, { ref: false })
  }
}

/** How many sockets and subscriptions a user may have open in this process. */
export async function openLimits(app: App, actor: UserActor): Promise<{ sockets: number; subscriptions: number }> {
  const service = await serviceOf(app, actor)
  return { sockets: userLimit(service, 'sockets'), subscriptions: userLimit(service, 'subscriptions') }
}

/**
 * The caller's limits in this process, with what is left of them.
 * Needs nothing. Throws nothing.
 */
export async function readRateLimits(app: App, actor: Actor): Promise<RateLimit[]> {
  const { users, keys } = app.rateCounters
  if (actor.kind === 'backend') {
    const rate = await rateOfKey(app, actor)
    return rate ? [toLimit('key', rate, await keys.read(actor.credentialId!, rate))] : []
  }
  if (actor.kind !== 'user') return []
  const service = await serviceOf(app, actor)
  const rates = (['sends', 'operations', 'typing'] as const).map(async (kind) => {
    const rate = userLimit(service, kind)
    return toLimit(kind, rate, await users[kind].read(actor.userId, rate))
  })
  const share = app.shares.of(actor)!
  const open = ([kind, used]: readonly ['sockets' | 'subscriptions', number]): RateLimit => {
    const limit = userLimit(service, kind)
    return { kind, limit, seconds: null, remaining: Math.max(0, limit - used), resetsInMs: null }
  }
  return [
    ...(await Promise.all(rates)),
    open(['sockets', share.openSockets]),
    open(['subscriptions', share.openSubscriptions]),
  ]
}

async function countOfUser(app: App, actor: UserActor, kind: 'sends' | 'operations', report?: RateReport) {
  // Authentication has just read it.
  const service = app.caches.services.get(actor.serviceId) ?? (await serviceOf(app, actor))
  const rate = userLimit(service, kind)
  const count = await app.rateCounters.users[kind].count(actor.userId, rate)
  assertWithinRate(app, actor, kind, { rate, count, report })
}

/** While the database does not answer, the defaults count. */
async function serviceOf(app: App, { serviceId }: UserActor): Promise<Service | undefined> {
  return findService(app, serviceId).catch(() => undefined)
}

function countOfBackend(app: App, actor: Backend, report?: RateReport): Promise<void> | undefined {
  const keyId = apiKeyOf(actor)
  // Authentication has just read it; most have no rate.
  if (keyId === undefined || app.caches.apiKeys.get(keyId)?.rate === null) return undefined
  return countOfKey(app, actor, keyId, report)
}

async function countOfKey(app: App, actor: Backend, keyId: string, report?: RateReport): Promise<void> {
  const rate = await rateOfKey(app, actor)
  if (!rate) return
  assertWithinRate(app, actor, 'key', { rate, count: await app.rateCounters.keys.count(keyId, rate), report })
}

async function rateOfKey(app: App, actor: Backend): Promise<Rate | undefined> {
  const keyId = apiKeyOf(actor)
  return keyId && ((await findApiKey(app, keyId))?.rate ?? undefined)
}

function assertWithinRate(
  app: App,
  actor: Actor,
  kind: UserRateKind | 'key',
  { rate, count, report }: { readonly rate: Rate; readonly count: RateCount; readonly report: RateReport | undefined },
): void {
  const retryAfterMs = count.consumedPoints > rate.limit ? waitOf(count) : undefined
  report?.add(toLimit(kind, rate, count), retryAfterMs)
  if (retryAfterMs === undefined) return
  app.rateCounters.refusals.count(kind, refusedCaller(actor), rate)
  throw tooOften(kind, rate, retryAfterMs)
}

/** The window may end in this very millisecond. */
const waitOf = ({ msBeforeNext }: RateCount): number => Math.max(1, msBeforeNext)

function toLimit(
  kind: RateLimitKind,
  { limit, seconds }: Rate,
  { consumedPoints, msBeforeNext }: RateCount,
): RateLimit {
  const remaining = Math.max(0, limit - consumedPoints)
  return { kind, limit, seconds, remaining, resetsInMs: consumedPoints > 0 ? Math.max(0, msBeforeNext) : null }
}

const nouns: Readonly<Partial<Record<RefusalKind, string>>> = {
  sends: 'messages of a user',
  operations: 'operations of a user',
  subscriptions: 'subscriptions that a user opens',
  key: 'operations of this API key',
}

/** Programmable Chat has a code for clients alone; a backend's refusal over REST has the general one. */
function tooOften(kind: RefusalKind, { limit, seconds }: Rate, retryAfterMs: number): ChatError {
  const message = `at most ${limit} ${nouns[kind]} in ${seconds} seconds`
  return new ChatError('RATE_LIMITED', message, kind === 'key' ? undefined : 51002, { retryAfterMs })
}
