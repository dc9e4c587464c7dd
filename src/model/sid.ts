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

/** Whether it is a SID but for its case, which REST reads as one. */
export function isLikeSid(prefix: SidPrefix, value: string): boolean {
  return isSid(prefix, toSidCase(value))
}

/** As SIDs are written: capital letters, then small digits. */
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

/** Split and joined, since what `replaceAll` answers is put together of pieces: slower, and several times the memory when kept. */
const withoutDashes = (text: string): string => text.split('-').join('')
