import type { Backend, UserActor } from '../../model/actor.ts'
import { notFound } from '../../model/error.ts'
import { isSid, type ServiceId } from '../../model/sid.ts'
import { readAccountTokens } from '../../store/account.ts'
import { readUserByIdentity } from '../../store/user.ts'
import type { App } from '../app.ts'
import type { TokenClaims } from './access-token.ts'
import { findApiKey } from './api-key.ts'
import { opens, tokenName } from './auth-token.ts'
import { findService, unauthenticated, userDeleted } from './authority.ts'
import { identityKey, type CachedIdentity, type CachedUser } from './cache.ts'
import type { Attempt } from './password-throttle.ts'
import { permissionSet } from './permission-set.ts'
import { isSameSecret } from './secret.ts'

/** The backend by the credentials of basic auth. Throws UNAUTHENTICATED, or RATE_LIMITED after too many wrong passwords from its address. */
export async function authenticateBackend(app: App, credentials: string, address: string): Promise<Backend> {
  const text = Buffer.from(credentials, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return checkLogin(app, { address, name: text.slice(0, Math.max(colon, 0)), password: text.slice(colon + 1) })
}

/** The backend with this SID and secret. Throws as `authenticateBackend`. */
export async function checkLogin(app: App, given: Omit<Attempt, 'isKnown'>): Promise<Backend> {
  const login = await findLogin(app, given.name)
  const attempt = { ...given, isKnown: login !== undefined }
  const backend = await app.passwords.check(attempt, () => login?.(given.password))
  if (!backend) throw unauthenticated('Authenticate')
  app.accounts.add(backend.accountId)
  return backend
}

/** Answers the caller when the password is right. */
type Login = (password: string) => Backend | undefined

/** The login of an account or an API key by its name. */
async function findLogin(app: App, name: string): Promise<Login | undefined> {
  if (isSid('AC', name)) {
    const account = await app.caches.accounts.read(name, () => readAccountTokens(app.db, name))
    if (!account) return undefined
    return (password) =>
      opens(app.secrets, account.tokens, password)
        ? { kind: 'backend', accountId: account.id, credentialId: tokenName(password) }
        : undefined
  }
  if (!isSid('SK', name)) return undefined
  const key = await findApiKey(app, name)
  if (!key || key.internal) return undefined
  return (password) => {
    if (!isSameSecret(password, app.secrets.open(key.secret))) return undefined
    app.keyUse.note(key.id)
    return { kind: 'backend', accountId: key.accountId, credentialId: key.id }
  }
}

/** Reads the caller's permissions again. Throws NOT_FOUND when its service was deleted, UNAUTHENTICATED when it was deleted itself. */
export async function refreshUser(app: App, actor: UserActor): Promise<UserActor> {
  if (!(await findService(app, actor.serviceId))) throw notFound('the service', 50050)
  const known = await lookUpIdentity(app, actor.serviceId, actor.identity)
  if ('userId' in known && known.userId === actor.userId) {
    return known.permissions === actor.permissions ? actor : { ...actor, permissions: known.permissions }
  }
  throw userDeleted()
}

/** A user without a token, with what it may do now. Throws as `refreshUser`, and NOT_FOUND when its service is gone. */
export async function userWithoutToken(
  app: App,
  user: Pick<UserActor, 'userId' | 'serviceId' | 'identity'>,
): Promise<UserActor> {
  const service = await findService(app, user.serviceId)
  if (!service) throw notFound('the service', 50050)
  const { userId, serviceId, identity } = user
  const actor: UserActor = {
    kind: 'user',
    accountId: service.accountId,
    credentialId: undefined,
    serviceId,
    userId,
    identity,
    permissions: permissionSet([]),
    deviceId: undefined,
    expiresAt: Number.POSITIVE_INFINITY,
  }
  return refreshUser(app, actor)
}

export type TokenUser = Pick<CachedUser, 'userId' | 'permissions'>

/**
 * The user with the token's identity; undefined when there is none yet. Throws UNAUTHENTICATED when the token is older than the deletion of
 * a user with that identity: it would bring the user back. `isReconnecting` as for `authenticateUser`.
 */
export async function findTokenUser(
  app: App,
  claims: TokenClaims,
  isReconnecting: boolean,
): Promise<TokenUser | undefined> {
  const known = await lookUpIdentity(app, claims.serviceId, claims.identity, isReconnecting)
  if (known.deletedAt && claims.issuedAt <= known.deletedAt.getTime()) throw userDeleted()
  return 'userId' in known ? known : undefined
}

/** Misses are not cached: the user may appear at any moment. */
async function lookUpIdentity(
  app: App,
  serviceId: ServiceId,
  identity: string,
  isReconnecting = false,
): Promise<CachedIdentity> {
  const read = () =>
    isReconnecting
      ? app.reconnectReads.identities.read({ serviceId, identity })
      : readUserByIdentity(app.db, serviceId, identity)
  const key = identityKey({ serviceId, identity })
  const found = await app.caches.users.read(key, async () => {
    const { user, permissions, deletedAt } = (await read())!
    return user
      ? { userId: user.id, roleId: user.roleId, permissions: permissionSet(permissions ?? []), deletedAt }
      : { deletedAt }
  })
  if (!('userId' in found!)) app.caches.users.delete(key)
  return found!
}
