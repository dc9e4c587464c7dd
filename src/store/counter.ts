import {
  uuidToSid,
  type SidPrefix,
  type ApiKeyId,
  type ServiceId,
  type AccountId,
  type ChannelId,
  type Sid,
  type UserId,
} from '../model/sid.ts'
import { bigintArray, uuidArray, type Db } from './engine/db.ts'

/** The counter of changes of a channel, a user, or an account. */
export interface Counter<Id extends Sid> {
  readonly id: Id
  readonly lastSeq: number
}

export interface KnownCounters {
  readonly channels: readonly Counter<ChannelId>[]
  readonly users: readonly Counter<UserId>[]
  /** Counts changes of the accounts' keys, roles and services. */
  readonly accounts: readonly Counter<AccountId>[]
  readonly serviceIds: readonly ServiceId[]
  readonly keyIds: readonly ApiKeyId[]
}

/** A counter that differs from what is known of it. */
export interface MovedCounter<Id extends Sid> {
  readonly id: Id
  readonly knownSeq: number
  /** Undefined when there is no such channel or user. */
  readonly lastSeq: number | undefined
}

export interface MovedCounters {
  readonly channels: readonly MovedCounter<ChannelId>[]
  readonly users: readonly MovedCounter<UserId>[]
  readonly accounts: readonly MovedCounter<AccountId>[]
  readonly deletedServiceIds: readonly ServiceId[]
  readonly deletedKeyIds: readonly ApiKeyId[]
  /** When the history of these counters began, in milliseconds since the epoch; undefined when it is not recorded yet. */
  readonly historyBeganAt: number | undefined
  /** The database's time, in milliseconds since the epoch. */
  readonly now: number
}

const kinds = {
  channel: { table: 'channels', counter: 'last_seq', prefix: 'CH' },
  user: { table: 'users', counter: 'last_seq', prefix: 'US' },
  account: { table: 'accounts', counter: 'authority_seq', prefix: 'AC' },
} as const satisfies Record<string, { table: string; counter: string; prefix: SidPrefix }>

type Kind = keyof typeof kinds

/** Two arrays instead of a parameter for each counter: there is a user for every open socket. */
function movedOf(kind: Kind, ids: string, seqs: string): string {
  const { table, counter } = kinds[kind]
  return `
SELECT '${kind}' AS kind, known.id, known.seq AS known_seq, counted.${counter} AS last_seq
FROM unnest(${ids}::uuid[], ${seqs}::bigint[]) AS known (id, seq)
LEFT JOIN ${table} counted ON counted.id = known.id
WHERE counted.${counter} IS DISTINCT FROM known.seq`
}

/** In one snapshot, so that counters are never compared under the name of another history. */
const movedStatement = [
  `
SELECT 'history' AS kind, NULL::uuid AS id,
  CASE WHEN timeline = database_timeline() THEN (extract(epoch FROM began_at) * 1000)::bigint END AS known_seq,
  (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS last_seq
FROM (SELECT * FROM database_history ORDER BY began_at DESC LIMIT 1) AS present`,
  movedOf('channel', '$1', '$2'),
  movedOf('user', '$3', '$4'),
  movedOf('account', '$5', '$6'),
  `
SELECT 'service', id, NULL, NULL FROM services WHERE id = ANY ($7::uuid[]) AND deleted_at IS NOT NULL`,
  `
SELECT 'key', known.id, NULL, NULL FROM unnest($8::uuid[]) AS known (id)
WHERE NOT EXISTS (SELECT FROM api_keys WHERE api_keys.id = known.id)`,
].join('\nUNION ALL')

interface MovedRow {
  readonly kind: Kind | 'history' | 'service' | 'key'
  readonly id: string
  readonly known_seq: number
  readonly last_seq: number | null
}

/** The counters that differ from what is known of them, and the services and keys that were deleted. */
export async function readMovedCounters(db: Db, known: KnownCounters): Promise<MovedCounters> {
  const arrays = [known.channels, known.users, known.accounts].flatMap((counters) => [
    uuidArray(counters.map(({ id }): Sid => id)),
    bigintArray(counters.map(({ lastSeq }) => lastSeq)),
  ])
  const rows = await db.run<MovedRow & Record<string, unknown>>(movedStatement, [
    ...arrays,
    uuidArray(known.serviceIds),
    uuidArray(known.keyIds),
  ])
  const movedOfKind = <Of extends Kind>(kind: Of): MovedCounter<Sid<(typeof kinds)[Of]['prefix']>>[] =>
    rows
      .filter((row) => row.kind === kind)
      .map((row) => ({
        id: uuidToSid(kinds[kind].prefix, row.id),
        knownSeq: row.known_seq,
        lastSeq: row.last_seq ?? undefined,
      }))
  const history = rows.find(({ kind }) => kind === 'history')
  if (!history) throw new Error('the table database_history is empty')
  return {
    channels: movedOfKind('channel'),
    users: movedOfKind('user'),
    accounts: movedOfKind('account'),
    deletedServiceIds: rows.flatMap(({ kind, id }) => (kind === 'service' ? uuidToSid('IS', id) : [])),
    deletedKeyIds: rows.flatMap(({ kind, id }) => (kind === 'key' ? uuidToSid('SK', id) : [])),
    historyBeganAt: (history.known_seq as number | null) ?? undefined,
    now: history.last_seq!,
  }
}
