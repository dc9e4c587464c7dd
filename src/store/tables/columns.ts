import { sql, type SQL } from 'drizzle-orm'
import { customType, timestamp, type AnyPgColumn } from 'drizzle-orm/pg-core'
import type { ReactionCount } from '../../model/reaction.ts'
import { sidToUuid, uuidToSid, type Sid, type SidPrefix } from '../../model/sid.ts'

/** A SID on the outside, 16 bytes on the disk. */
export function sid<Prefix extends SidPrefix>(name: string, prefix: Prefix) {
  return customType<{ data: Sid<Prefix>; driverData: string }>({
    dataType: () => 'uuid',
    toDriver: sidToUuid,
    fromDriver: (uuid) => uuidToSid(prefix, uuid),
  })(name)
}

/** Counters of reactions as JSON text, whose order counts. */
export const reactionCounts = customType<{ data: readonly ReactionCount[]; driverData: string }>({
  dataType: () => 'text',
  toDriver: (counts) => JSON.stringify(counts),
  fromDriver: (text) => JSON.parse(text) as ReactionCount[],
})

/** An order that does not depend on the database's locale, in which texts with one beginning stand together. */
export const byBytes = (column: AnyPgColumn): SQL => sql`${column} COLLATE "C"`

/** Milliseconds are what a JavaScript Date can hold; more digits in the table would make a value that was read unequal to itself. */
export function instant(name: string) {
  return timestamp(name, { withTimezone: true, precision: 3, mode: 'date' })
}

/**
 * A new SID with the time of the database in it, for what is listed by SID: the clocks of processes differ, and a pre-event may run
 * between the making of a SID and its row. Microseconds stand where UUIDv7 has room for them; what is random stays.
 */
export function sidOfNow<Prefix extends SidPrefix>(sid: Sid<Prefix>): SQL<Sid<Prefix>> {
  const random = sidToUuid(sid).slice(16)
  return sql`(
    SELECT (lpad(to_hex(us / 1000), 12, '0') || '7' || lpad(to_hex(us % 1000 * 4), 3, '0') || ${random}::text)::uuid
    FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS us) AS now
  )`
}
