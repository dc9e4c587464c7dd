import { createHash } from 'node:crypto'
import { badInput } from '../../model/error.ts'
import { compareKeys, type SearchHit, type SearchKey } from '../../model/message-search.ts'
import type { ChannelId } from '../../model/sid.ts'

/** A message of this age counts as much as a new one that matches half as well. */
const halfLifeMilliseconds = 90 * 86_400_000

export type SearchOrder = 'relevance' | 'recent'

/** A whole number, which a cursor can hold. It does not depend on the time at which it is asked. */
export function scoreOf({ rank, createdAt }: SearchHit): number {
  return Math.round((Math.log2(Math.max(rank, 1e-6)) + createdAt / halfLifeMilliseconds) * 1e6)
}

export function compareRanked(
  one: SearchKey & { readonly score: number },
  other: SearchKey & { readonly score: number },
): number {
  return other.score - one.score || compareKeys(one, other)
}

export interface SearchCursor extends SearchKey {
  /** Only in the order of relevance: the score, and the time of the newest message of the first page. */
  readonly score?: number
  readonly asOf?: number
}

/** Names a search, since a cursor means nothing in another one. */
export function digestOf(search: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(search)).digest('hex').slice(0, 8)
}

export function toSearchCursor(
  digest: string,
  { createdAt, channelId, index }: SearchKey,
  ranked?: { readonly score: number; readonly asOf: number },
): string {
  const numbers = [createdAt, index, ...(ranked ? [ranked.score, ranked.asOf] : [])].map((number) =>
    number.toString(36),
  )
  return [digest, channelId.slice(2), ...numbers].join('.')
}

const cursorPattern = /^([0-9a-f]{8})\.([0-9a-f]{32})((?:\.-?[0-9a-z]{1,11}){2,4})$/

/** The end of the year 9999, the last one that can be written. */
const maxTime = 253_402_300_799_999

export function parseSearchCursor(digest: string, order: SearchOrder, cursor: string, field: string): SearchCursor {
  const [, name, channel, rest] = cursorPattern.exec(cursor) ?? []
  const numbers =
    rest
      ?.slice(1)
      .split('.')
      .map((number) => Number.parseInt(number, 36)) ?? []
  const [createdAt, index, score, asOf] = numbers
  if (name === undefined || createdAt === undefined || index === undefined)
    throw badInput('the cursor is malformed', field)
  if (name !== digest) throw badInput('the cursor belongs to another search', field)
  const isRanked = order === 'relevance'
  const areTimes = [createdAt, asOf ?? 0].every((time) => time >= 0 && time <= maxTime)
  if (numbers.length !== (isRanked ? 4 : 2) || !numbers.every(Number.isSafeInteger) || !areTimes || index < -1) {
    throw badInput('the cursor is malformed', field)
  }
  const key = { createdAt, channelId: `CH${channel!}` as ChannelId, index }
  return isRanked ? { ...key, score: score!, asOf: asOf! } : key
}
