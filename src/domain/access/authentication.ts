import type { Actor, Backend, UserActor } from '../../model/actor.ts'
import { notFound } from '../../model/error.ts'
import type { Role } from '../../model/service.ts'
import { isSid, newSid } from '../../model/sid.ts'
import { readAccountTokens } from '../../store/account.ts'
import { insertUserIfNew, readUserByIdentity } from '../../store/user.ts'
import type { App } from '../app.ts'
import { aboutUser } from '../webhooks/webhook-parameters.ts'
import { Webhooks } from '../webhooks/webhook.ts'
import { verifyAccessToken, type TokenClaims } from './access-token.ts'
import { findApiKey } from './api-key.ts'
import { opens, tokenName } from './auth-token.ts'
import { findRole, findService, requireRole, requireUser, unauthenticated, userDeleted } from './authority.ts'
import { cached, identityKey, type CachedIdentity, type CachedUser } from './cache.ts'
import { permissionSet } from './permission-set.ts'
import { isSameSecret } from './secret.ts'

/** Turns an `Authorization` header into the caller. Throws UNAUTHENTICATED, or RATE_LIMITED after too many wrong passwords from its address. */
export async function authenticate(
  app: App,
  authorization: string,
  address: string,
  deviceId?: string,
): Promise<Actor> {
  const [scheme = '', credentials = '', more] = authorization.trim().split(/ +/, 3)
  if (more !== undefined) throw unauthenticated('the Authorization header has more than a scheme and credentials')
  switch (scheme.toLowerCase()) {
    case 'basic':
      return authenticateBackend(app, credentials, address)
    case 'bearer':
      return authenticateUser(app, credentials, deviceId)
    default:
      throw unauthenticated('the Authorization header must be Basic or Bearer')
  }
}

async function authenticateBackend(app: App, credentials: string, address: string): Promise<Actor> {
  const text = Buffer.from(credentials, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  const name = text.slice(0, Math.max(colon, 0))
  const password = text.slice(colon + 1)
  const login = await findLogin(app, name)
  const attempt = { address, name, password, isKnown: login !== undefined }
  const backend = await app.passwords.check(attempt, () => login?.(password))
  if (!backend) throw unauthenticated('Authenticate')
  app.accounts.add(backend.accountId)
  return backend
}

/** Answers the caller for a right password. */
type Login = (password: string) => Backend | undefined

/** The login of an account or an API key by its name. */
async function findLogin(app: App, name: string): Promise<Login | undefined> {
  if (isSid('AC', name)) {
    const account = await cached(app.caches.accounts, name, () => readAccountTokens(app.db, name))
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

/** A user by access token. An identity seen for the first time becomes a user of the service. */
export async function authenticateUser(app: App, token: string, deviceId?: string): Promise<UserActor> {
  const claims = await verifyAccessToken(app, token)
  const { accountId, serviceId, identity, expiresAt } = claims
  app.accounts.add(accountId)
  const { userId, permissions } = await findOrMakeUser(app, claims)
  return {
    kind: 'user',
    accountId,
    credentialId: claims.keyId,
    serviceId,
    userId,
    identity,
    permissions,
    deviceId,
    expiresAt,
  }
}

/** A new token takes over from the one the caller has: for the same user, nobody else. */
export async function renewToken(app: App, actor: Actor, token: string): Promise<UserActor> {
  const { userId, deviceId } = requireUser(actor)
  const renewed = await authenticateUser(app, token, deviceId)
  if (renewed.userId !== userId) throw unauthenticated('the token is for another user', 20106)
  return renewed
}

/** The same caller with what its role permits by now; refuses one whose service or user has been deleted. */
export async function refreshUser(app: App, actor: UserActor): Promise<UserActor> {
  if (!(await findService(app, actor.serviceId))) throw notFound('the service', 50050)
  const known = await lookUpIdentity(app, actor.serviceId, actor.identity)
  if ('userId' in known && known.userId === actor.userId) {
    return known.permissions === actor.permissions ? actor : { ...actor, permissions: known.permissions }
  }
  throw userDeleted()
}

/**
 * The user with the token's identity. When one with that identity has been deleted, tokens from before are refused; they would
 * bring it back.
 */
async function findOrMakeUser(app: App, claims: TokenClaims): Promise<Pick<CachedUser, 'userId' | 'permissions'>> {
  const { serviceId, identity } = claims
  const known = await lookUpIdentity(app, serviceId, identity)
  if (known.deletedAt && claims.issuedAt <= known.deletedAt.getTime()) throw userDeleted()
  if ('userId' in known) return known
  const role = await roleOfNewUser(app, claims)
  const webhooks = new Webhooks(app, await findService(app, serviceId), { source: 'SDK', identity })
  const made = await webhooks.transaction(async (tx, tell) => {
    const draft = { id: newSid('US'), serviceId, identity, roleId: role.id }
    const { user, isNew } = await insertUserIfNew(tx, draft)
    if (isNew) tell('onUserAdded', user.id, () => aboutUser(user))
    return user
  })
  return { userId: made.id, permissions: permissionSet(role.permissions) }
}

/** Who is nobody is not remembered: it may be somebody in a moment. */
async function lookUpIdentity(app: App, serviceId: string, identity: string): Promise<CachedIdentity> {
  const key = identityKey({ serviceId, identity })
  const found = await app.caches.users.read(key, async () => {
    const { user, permissions, deletedAt } = await readUserByIdentity(app.db, serviceId, identity)
    return user
      ? { userId: user.id, roleId: user.roleId, permissions: permissionSet(permissions ?? []), deletedAt }
      : { deletedAt }
  })
  if (!('userId' in found!)) app.caches.users.delete(key)
  return found!
}

async function roleOfNewUser(app: App, { serviceId, roleId }: TokenClaims): Promise<Role> {
  const granted = roleId === undefined ? undefined : await findRole(app, roleId)
  if (granted?.serviceId === serviceId && granted.type === 'deployment') return granted
  const service = await findService(app, serviceId)
  return requireRole(app, serviceId, service!.defaultServiceRoleId, 'deployment')
}
