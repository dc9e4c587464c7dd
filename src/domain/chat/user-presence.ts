import type { Actor } from '../../model/actor.ts'
import { badInput } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import { nobody } from '../../model/sid.ts'
import type { User } from '../../model/user.ts'
import { readUsersOfIdentities } from '../../store/user.ts'
import { findService, requireService, seesOwn } from '../access/authority.ts'
import type { App } from '../app.ts'
import { assertText } from '../validation.ts'
import { findAmong, scopeOf } from './directory.ts'

/** Whether a user is there, as someone sees it. */
export interface UserPresence {
  readonly identity: string
  /** Null when it cannot be known, or is not reported. */
  readonly isOnline: boolean | null
  readonly lastSeenAt: Date | null
}

/** As the caller sees it: a user that is invisible is offline to others, but for the backend. */
async function presenceOf(app: App, actor: Actor, user: User): Promise<UserPresence> {
  const { id, identity, serviceId, lastSeenAt, isInvisible } = user
  if (!(await findService(app, serviceId))?.reachabilityEnabled) return { identity, isOnline: null, lastSeenAt: null }
  const isHidden = isInvisible && !seesOwn(actor, id)
  // Null where nothing is known of anybody, so that an invisible user does not differ from an absent one.
  const isOnline = (await app.presence.isOnline(isHidden ? nobody : id)) ?? null
  return { identity, isOnline, lastSeenAt }
}

/** Whether each of these users is there, as the caller sees it; undefined for those whom it does not find. */
export async function lookUpPresence(
  app: App,
  users: readonly User[],
  actor: Actor | undefined,
): Promise<(UserPresence | undefined)[]> {
  if (!actor) return users.map(() => undefined)
  // A backend sees the users of several services, and all of them.
  const service = actor.kind === 'backend' ? undefined : await findService(app, actor.serviceId)
  const ids = users.map(({ id }) => id)
  const found = service?.reachabilityEnabled ? await findAmong(app, actor, service, ids) : new Set(ids)
  return Promise.all(users.map(async (user) => (found.has(user.id) ? presenceOf(app, actor, user) : undefined)))
}

/** Throws BAD_USER_INPUT. */
export function checkIdentities(identities: readonly string[]): void {
  if (identities.length > limits.presenceIdentities) {
    throw badInput(`at most ${limits.presenceIdentities} identities can be asked for at once`, 'identities')
  }
  for (const identity of identities) assertText('identities', identity)
}

/**
 * Who of these is there, in their order; whom the caller does not find is left out.
 * Needs nothing. Throws BAD_USER_INPUT, NOT_FOUND.
 */
export async function listPresence(app: App, actor: Actor, identities: readonly string[]): Promise<UserPresence[]> {
  checkIdentities(identities)
  return findPresence(app, actor, identities)
}

/** The same for identities that were checked. */
export async function findPresence(app: App, actor: Actor, identities: readonly string[]): Promise<UserPresence[]> {
  const service = await requireService(app, actor, undefined)
  const users = await readUsersOfIdentities(app.db, scopeOf(actor, service), identities)
  const byIdentity = new Map(users.map((user) => [user.identity, user]))
  const found = [...new Set(identities)].flatMap((identity) => byIdentity.get(identity) ?? [])
  return Promise.all(found.map((user) => presenceOf(app, actor, user)))
}
