import type { Permission } from './permission.ts'
import {
  isSid,
  type AccountId,
  type ApiKeyId,
  type ChannelId,
  type ConsoleSessionId,
  type ServiceId,
  type UserId,
} from './sid.ts'

/** The caller. Every operation takes one; below the transport, nothing else says who the caller is. */
export type Actor = Backend | UserActor | Audience

/** The operator's own server, signed in with the account SID or an API key. It may do anything in its account. */
export interface Backend {
  readonly kind: 'backend'
  readonly accountId: AccountId
  /** What it signed in with, if that can be revoked: an API key's SID, or a name for an auth token. */
  readonly credentialId?: string | undefined
  /** The only service that exists for this request, if it is limited to one. */
  readonly serviceId?: ServiceId
  /** Whether this request runs webhooks. Undefined leaves it to the service. */
  readonly webhookSwitch?: boolean
  /** The session of the console that it comes from, if it does: what it changes is recorded. */
  readonly consoleSessionId?: ConsoleSessionId
  /** The address that this session's request came from. */
  readonly address?: string
}

/** A user, signed in with an access token. It may do what its service role and its channel roles permit. */
export interface UserActor {
  readonly kind: 'user'
  readonly accountId: AccountId
  /** The API key that signed its token. */
  readonly credentialId: string | undefined
  readonly serviceId: ServiceId
  readonly userId: UserId
  readonly identity: string
  readonly permissions: ReadonlySet<Permission>
  readonly deviceId: string | undefined
  /** When the token ends, as milliseconds since the epoch. */
  readonly expiresAt: number
}

/**
 * "Any member of this channel": the authority under which one execution serves many subscribers. It has no identity; an
 * operation that needs one throws, so a field that forgot to say it depends on its viewer fails and cannot leak.
 */
export interface Audience {
  readonly kind: 'audience'
  readonly serviceId: ServiceId
  readonly channelId: ChannelId
}

/** The API key that a backend has signed in with, or that has signed a user's token. */
export function apiKeyOf({ credentialId }: Pick<Backend, 'credentialId'>): ApiKeyId | undefined {
  return credentialId !== undefined && isSid('SK', credentialId) ? credentialId : undefined
}

/** The SID that a backend has signed in with. The name of an auth token says nothing to people; the account is what it stands for. */
export const loginOf = (backend: Backend): ApiKeyId | AccountId => apiKeyOf(backend) ?? backend.accountId

/** As `X-Twilio-Webhook-Enabled` says: a backend can switch webhooks on or off for one request, a user cannot. */
export function applyWebhookHeader<Caller extends Actor>(actor: Caller, header: string | null | undefined): Caller {
  const word = header?.trim().toLowerCase()
  return actor.kind === 'backend' && (word === 'true' || word === 'false')
    ? { ...actor, webhookSwitch: word === 'true' }
    : actor
}
