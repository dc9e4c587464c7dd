import { uuidToSid, type SidPrefix } from '../model/sid.ts'
import { bigintArray, uuidArray, type Db } from './db.ts'

/** How far someone has come who numbers its changes: a channel, or a user. */
export interface Counter {
  readonly id: string
  readonly lastSeq: number
}

/** Two arrays, not a parameter for each: there is a user for every open socket. Only what has moved comes back. */
const beyondStatement = (table: 'channels' | 'users'): string => `
SELECT counter.id, counter.last_seq
FROM unnest($1::uuid[], $2::bigint[]) AS known (id, last_seq)
JOIN ${table} counter ON counter.id = known.id
WHERE counter.last_seq > known.last_seq`

const channelsStatement = beyondStatement('channels')
const usersStatement = beyondStatement('users')

/** Of channels known to have come so far, those that have gone on, and how far. */
export function readChannelsBeyond(db: Db, known: readonly Counter[]): Promise<Counter[]> {
  return readBeyond(db, channelsStatement, 'CH', known)
}

/** The same of users. */
export function readUsersBeyond(db: Db, known: readonly Counter[]): Promise<Counter[]> {
  return readBeyond(db, usersStatement, 'US', known)
}

async function readBeyond(db: Db, statement: string, prefix: SidPrefix, known: readonly Counter[]): Promise<Counter[]> {
  const rows = await db.run<{ id: string; last_seq: number }>(statement, [
    uuidArray(known.map(({ id }) => id)),
    bigintArray(known.map(({ lastSeq }) => lastSeq)),
  ])
  return rows.map(({ id, last_seq }) => ({ id: uuidToSid(prefix, id), lastSeq: last_seq }))
}
