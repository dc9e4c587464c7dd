import { SignJWT, decodeJwt, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import type { Actor } from '../../model/actor.ts'
import { ChatError, badInput } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import { isSid, type AccountId, type ApiKeyId, type ServiceId } from '../../model/sid.ts'
import { readInternalApiKey } from '../../store/account.ts'
import type { AccessApp, App } from '../app.ts'
import { parseIdentity } from '../validation.ts'
import { findApiKey } from './api-key.ts'
import { findDefaultService, findService, requireBackend, requireService, unauthenticated } from './authority.ts'

/** The claims of a valid token. */
export interface TokenClaims {
  readonly accountId: AccountId
  /** The key that signed it; undefined for the operator's own issuer. */
  readonly keyId: ApiKeyId | undefined
  readonly serviceId: ServiceId
  readonly identity: string
  /** The service role of the user, if this token makes it; as the token names it. */
  readonly roleId: string | undefined
  /** Milliseconds since the epoch; 0 when the token does not say. */
  readonly issuedAt: number
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

const chatGrant = z.object({ service_sid: z.string(), deployment_role_sid: z.string().optional() })
const grants = z.object({
  identity: z.string(),
  chat: chatGrant.optional(),
  /** The name of the same grant in the first generation of Programmable Chat. */
  ip_messaging: chatGrant.optional(),
})

const hmac = ['HS256', 'HS384', 'HS512']
const asymmetric = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

/** Allows for clocks that differ between the issuer and this server, in seconds. */
const clockTolerance = 5

/** The last moment that a date can name. */
const endOfTime = 8.64e15

/** Verifies an access token: one signed with an API key's secret, or one of the operator's own issuer. */
export async function verifyAccessToken(app: App, token: string): Promise<TokenClaims> {
  try {
    // The token is not verified yet, so a claim may be any JSON.
    const { iss } = decodeJwt<{ iss?: unknown }>(token)
    if (typeof iss === 'string' && isSid('SK', iss)) return await verifyKeyToken(app, token, iss)
    return await verifyIssuerToken(app, token)
  } catch (error) {
    throw toTokenError(error)
  }
}

async function verifyKeyToken(app: App, token: string, keyId: ApiKeyId): Promise<TokenClaims> {
  const key = await findApiKey(app, keyId)
  if (!key) throw unauthenticated('the token has an unknown issuer', 20103)
  const { payload } = await jwtVerify(token, Buffer.from(app.secrets.open(key.secret)), {
    algorithms: hmac,
    requiredClaims: ['exp'],
    clockTolerance,
    currentDate: new Date(app.clock.now()),
  })
  const times = parseTimes(payload, app.clock.now())
  if (payload.sub !== key.accountId) throw unauthenticated('the token has the wrong subject', 20103)
  const issuedAt = payload.iat ?? app.clock.now() / 1000
  if (payload.exp! - issuedAt > limits.tokenSeconds + clockTolerance) {
    throw unauthenticated('the token lives longer than 24 hours', 20157)
  }
  const granted = grants.safeParse(payload['grants']).data
  const chat = granted?.chat ?? granted?.ip_messaging
  if (!granted || !chat) throw unauthenticated('the token has no chat grant', 20106)
  const service = await findService(app, chat.service_sid)
  if (service?.accountId !== key.accountId) throw unauthenticated('the token is for an unknown service', 20106)
  if (!key.internal) app.keyUse.note(key.id)
  return {
    accountId: key.accountId,
    keyId: key.id,
    serviceId: service.id,
    identity: parseTokenIdentity(granted.identity),
    roleId: chat.deployment_role_sid,
    ...times,
  }
}

async function verifyIssuerToken(app: App, token: string): Promise<TokenClaims> {
  const { issuerKeys, config, accountId } = app
  if (!issuerKeys) throw unauthenticated('the token has an unknown issuer', 20103)
  const { payload } = await jwtVerify(token, orUnavailable(issuerKeys), {
    algorithms: asymmetric,
    issuer: config.JWT_ISSUER!,
    audience: config.JWT_AUDIENCE!,
    requiredClaims: ['exp', 'sub'],
    clockTolerance,
    currentDate: new Date(app.clock.now()),
  })
  const times = parseTimes(payload, app.clock.now())
  const named = z.string().optional().catch('').parse(payload['service_sid'])
  const service = named === undefined ? await findDefaultService(app, accountId) : await findService(app, named)
  if (service?.accountId !== accountId) throw unauthenticated('the token is for an unknown service', 20106)
  return {
    accountId,
    keyId: undefined,
    serviceId: service.id,
    identity: parseTokenIdentity(payload.sub),
    roleId: undefined,
    ...times,
  }
}

/**
 * jose accepts any number as a time, and JSON can hold infinite ones (`1e999`). A token issued in the future would outlive the deletion of
 * its user and could never be found to live too long.
 */
function parseTimes({ iat, nbf, exp }: JWTPayload, now: number): Pick<TokenClaims, 'issuedAt' | 'expiresAt'> {
  if (![iat ?? 0, nbf ?? 0, exp].every(Number.isFinite)) throw unauthenticated('the token has a wrong claim', 20103)
  const issuedAt = (iat ?? 0) * 1000
  if (issuedAt > now + clockTolerance * 1000) throw unauthenticated('the token is not valid yet', 20105)
  return { issuedAt, expiresAt: Math.min(exp! * 1000, endOfTime) }
}

/** An issuer that does not answer says nothing about the token: the caller gets UNAVAILABLE, not UNAUTHENTICATED. */
function orUnavailable(keys: JWTVerifyGetKey): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      return await keys(header, token)
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error
      throw new ChatError('UNAVAILABLE', 'the keys of the token issuer cannot be read; try again')
    }
  }
}

function parseTokenIdentity(identity: unknown): string {
  try {
    return parseIdentity(z.string().parse(identity))
  } catch {
    throw unauthenticated('the token has a bad identity', 20106)
  }
}

function toTokenError(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return unauthenticated('the token has expired', 20104)
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.claim === 'nbf' && error.reason === 'check_failed'
      ? unauthenticated('the token is not valid yet', 20105)
      : unauthenticated('the token has a wrong claim', 20103)
  }
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey) {
    return unauthenticated('the token has a wrong signature', 20107)
  }
  if (error instanceof errors.JOSEError) return unauthenticated('the token is malformed', 20101)
  return error
}

export interface AccessToken {
  readonly token: string
  readonly expiresAt: Date
}

/**
 * Makes a token for a user, signed with the account's internal key. It has the form of the helper libraries' tokens.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function createAccessToken(
  app: AccessApp,
  actor: Actor,
  input: { identity: string; serviceId?: string | null | undefined; ttlSeconds?: number | null | undefined },
): Promise<AccessToken> {
  const { accountId } = requireBackend(actor)
  const identity = parseIdentity(input.identity)
  const service = await requireService(app, actor, input.serviceId)
  const seconds = input.ttlSeconds ?? limits.defaultTokenSeconds
  if (seconds < 1 || seconds > limits.tokenSeconds) {
    throw badInput(`ttlSeconds must be from 1 to ${limits.tokenSeconds}`, 'ttlSeconds', 20157)
  }
  const key = await app.caches.apiKeys.read(accountId, () => readInternalApiKey(app.db, accountId))
  if (!key) throw new Error('the account has no internal key')
  const issuedAt = app.clock.now() / 1000
  const now = Math.floor(issuedAt)
  const payload: JWTPayload = { grants: { identity, chat: { service_sid: service.id } } }
  const token = await new SignJWT(payload)
    .setProtectedHeader({ typ: 'JWT', alg: 'HS256', cty: 'twilio-fpa;v=1' })
    .setJti(`${key.id}-${now}`)
    .setIssuer(key.id)
    .setSubject(accountId)
    // With fractions of a second, to distinguish it from a token that was issued before a deletion in the same second.
    .setIssuedAt(issuedAt)
    .setExpirationTime(now + seconds)
    .sign(Buffer.from(app.secrets.open(key.secret)))
  return { token, expiresAt: new Date((now + seconds) * 1000) }
}
