import { customType, timestamp } from 'drizzle-orm/pg-core'
import { sidToUuid, uuidToSid, type SidPrefix } from '../../model/sid.ts'

/** A SID on the outside, 16 bytes on the disk. */
export function sid(name: string, prefix: SidPrefix) {
  return customType<{ data: string; driverData: string }>({
    dataType: () => 'uuid',
    toDriver: sidToUuid,
    fromDriver: (uuid) => uuidToSid(prefix, uuid),
  })(name)
}

/** Milliseconds are what a JavaScript Date can hold; more digits in the table would make a value that was read unequal to itself. */
export function instant(name: string) {
  return timestamp(name, { withTimezone: true, precision: 3, mode: 'date' })
}
