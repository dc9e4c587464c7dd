import { v7 } from 'uuid'

/**
 * A SID is a two-letter prefix and 32 hex digits. The digits are a UUIDv7, stored as `uuid` in Postgres, so a SID names a
 * row, sorts by time of creation, and is the Relay node id at once.
 */
export const sidPrefixes = {
  account: 'AC',
  apiKey: 'SK',
  service: 'IS',
  channel: 'CH',
  member: 'MB',
  message: 'IM',
  user: 'US',
  role: 'RL',
  invite: 'IN',
  credential: 'CR',
  webhookDelivery: 'WN',
  keywordRule: 'KR',
  scheduledMessage: 'SM',
  consoleSession: 'CS',
  auditEntry: 'AE',
  job: 'JB',
} as const

type SidPrefixes = typeof sidPrefixes
export type SidPrefix = SidPrefixes[keyof SidPrefixes]

declare const kind: unique symbol

/** The SID of one kind of thing. What takes the id of a channel takes neither a message's nor a text that nobody has checked. */
export type Sid<Prefix extends SidPrefix = SidPrefix> = string & { readonly [kind]: Prefix }

export type AccountId = Sid<SidPrefixes['account']>
export type ApiKeyId = Sid<SidPrefixes['apiKey']>
export type ServiceId = Sid<SidPrefixes['service']>
export type ChannelId = Sid<SidPrefixes['channel']>
export type MemberId = Sid<SidPrefixes['member']>
export type MessageId = Sid<SidPrefixes['message']>
export type UserId = Sid<SidPrefixes['user']>
export type RoleId = Sid<SidPrefixes['role']>
export type InviteId = Sid<SidPrefixes['invite']>
export type CredentialId = Sid<SidPrefixes['credential']>
export type WebhookDeliveryId = Sid<SidPrefixes['webhookDelivery']>
export type KeywordRuleId = Sid<SidPrefixes['keywordRule']>
export type ScheduledMessageId = Sid<SidPrefixes['scheduledMessage']>
export type ConsoleSessionId = Sid<SidPrefixes['consoleSession']>
export type AuditEntryId = Sid<SidPrefixes['auditEntry']>
export type JobId = Sid<SidPrefixes['job']>

const sidPattern = /^[A-Z]{2}[0-9a-f]{32}$/

export function newSid<Prefix extends SidPrefix>(prefix: Prefix): Sid<Prefix> {
  return withoutDashes(prefix + v7()) as Sid<Prefix>
}

export function isSid<Prefix extends SidPrefix>(prefix: Prefix, value: string): value is Sid<Prefix> {
  return value.startsWith(prefix) && sidPattern.test(value)
}

/** Whether it is a SID in any case. REST accepts those. */
export function isLikeSid(prefix: SidPrefix, value: string): boolean {
  return isSid(prefix, toSidCase(value))
}

/** The SID in its canonical case: upper-case prefix, lower-case digits. */
export function toSidCase(text: string): string {
  return text.slice(0, 2).toUpperCase() + text.slice(2).toLowerCase()
}

/** The `uuid` column value of a SID. */
export function sidToUuid(sid: Sid): string {
  return sid.slice(2)
}

export function uuidToSid<Prefix extends SidPrefix>(prefix: Prefix, uuid: string): Sid<Prefix> {
  return withoutDashes(prefix + uuid) as Sid<Prefix>
}

/** The time at which a thing was made whose SID was, too. */
export function timeOfSid(sid: Sid): Date {
  return new Date(Number.parseInt(sid.slice(2, 14), 16))
}

/** The lowest SID that a thing can have that was made at this time or later. */
export function firstSidOf<Prefix extends SidPrefix>(prefix: Prefix, at: Date): Sid<Prefix> {
  const milliseconds = Math.min(Math.max(at.getTime(), 0), 2 ** 48 - 1)
  return uuidToSid(prefix, milliseconds.toString(16).padStart(12, '0') + '7'.padEnd(20, '0'))
}

/** By `split` and `join`: `replaceAll` answers a string made of pieces, which is slower and takes several times the memory when it is kept. */
const withoutDashes = (text: string): string => text.split('-').join('')

/** An id that no user has. */
export const nobody = `US${'0'.repeat(32)}` as UserId
