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
} as const

export type SidPrefix = (typeof sidPrefixes)[keyof typeof sidPrefixes]

const sidPattern = /^[A-Z]{2}[0-9a-f]{32}$/

export function newSid(prefix: SidPrefix): string {
  return withoutDashes(prefix + v7())
}

export function isSid(prefix: SidPrefix, value: string): boolean {
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

/** The `uuid` column value of a SID. The caller has checked the SID's shape. */
export function sidToUuid(sid: string): string {
  return sid.slice(2)
}

export function uuidToSid(prefix: SidPrefix, uuid: string): string {
  return withoutDashes(prefix + uuid)
}

/** By `split` and `join`: `replaceAll` answers a string made of pieces, which is slower and takes several times the memory when it is kept. */
const withoutDashes = (text: string): string => text.split('-').join('')
