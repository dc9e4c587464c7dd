import type { Actor, UserActor } from '../../model/actor.ts'
import { ChatError } from '../../model/error.ts'
import type { Role } from '../../model/service.ts'
import { newSid } from '../../model/sid.ts'
import { lockRole } from '../../store/role.ts'
import { insertUserIfNew } from '../../store/user.ts'
import { verifyAccessToken, type TokenClaims } from '../access/access-token.ts'
import { authenticateBackend, findTokenUser, type TokenUser } from '../access/authentication.ts'
import { findRole, findService, requireRole, requireUser, unauthenticated } from '../access/authority.ts'
import { permissionSet } from '../access/permission-set.ts'
import type { App } from '../app.ts'
import { userParameters } from '../webhooks/webhook-parameters.ts'
import { Webhooks } from '../webhooks/webhook.ts'

/** The caller behind an `Authorization` header. Throws UNAUTHENTICATED, or RATE_LIMITED after too many wrong passwords from its address. */
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

/**
 * The user behind an access token. A new identity becomes a user of the service. With `isReconnecting` it is
 * read together with others, since many clients may come at once. Throws UNAUTHENTICATED.
 */
export async function authenticateUser(
  app: App,
  token: string,
  deviceId?: string,
  isReconnecting = false,
): Promise<UserActor> {
  const claims = await verifyAccessToken(app, token)
  const { accountId, serviceId, identity, expiresAt } = claims
  app.accounts.add(accountId)
  const { userId, permissions } = (await findTokenUser(app, claims, isReconnecting)) ?? (await makeUser(app, claims))
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

/**
 * Replaces the caller's token by another one for the same user.
 * Needs a user. Throws FORBIDDEN, UNAUTHENTICATED.
 */
export async function renewToken(app: App, actor: Actor, token: string): Promise<UserActor> {
  const { userId, deviceId } = requireUser(actor)
  const renewed = await authenticateUser(app, token, deviceId)
  if (renewed.userId !== userId) throw unauthenticated('the token is for another user', 20106)
  return renewed
}

async function makeUser(app: App, claims: TokenClaims): Promise<TokenUser> {
  const { serviceId, identity } = claims
  const role = await roleOfNewUser(app, claims)
  const webhooks = new Webhooks(app, await findService(app, serviceId), { source: 'SDK', identity })
  const made = await webhooks.transaction(async (tx, enqueue) => {
    const draft = { id: newSid('US'), serviceId, identity, roleId: role.id }
    const { user, isNew } = await insertUserIfNew(tx, draft)
    if (isNew) {
      // It was deleted a moment ago. Who tries again finds another one.
      if (!(await lockRole(tx, role.id, 'key share')))
        throw new ChatError('UNAVAILABLE', 'the role of the user was deleted')
      enqueue('onUserAdded', user.id, () => userParameters(user))
    }
    return user
  })
  return { userId: made.id, permissions: permissionSet(role.permissions) }
}

async function roleOfNewUser(app: App, { serviceId, roleId }: TokenClaims): Promise<Role> {
  const granted = roleId === undefined ? undefined : await findRole(app, roleId)
  if (granted?.serviceId === serviceId && granted.type === 'deployment') return granted
  const service = await findService(app, serviceId)
  return requireRole(app, serviceId, service!.defaultServiceRoleId, 'deployment')
}
