import { and, asc, eq, gt, isNull, lt, or, sql, type SQL } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { foldShownName } from '../model/channel.ts'
import type {
  ChannelJobFilter,
  JobCheckpoint,
  JobTask,
  MemberJobFilter,
  MessageJobFilter,
  UserJobFilter,
} from '../model/job.ts'
import { searchPrefixes } from '../model/name-token.ts'
import { firstSidOf, type ChannelId, type ServiceId } from '../model/sid.ts'
import type { Db, Tx } from './engine/db.ts'
import { channels, shownName } from './tables/channel.ts'
import { members } from './tables/member.ts'
import { messages } from './tables/message.ts'
import { users } from './tables/user.ts'

/** Rows that one statement looks at, whether they are wanted or not: it bounds its time, however much does not match. */
const stretchRows = 500

/** Where the things of a job are looked for: those that were there at a time. */
export interface JobScope {
  readonly serviceId: ServiceId
  readonly task: JobTask
  readonly until: Date
}

interface Row {
  readonly id: string
  readonly position: string
  readonly isWanted: boolean
}

/** The next things that a filter finds after a position, at most `max`, in the order of an index. It may find none and still not be at the end. */
export async function findJobThings(
  db: Db,
  scope: JobScope,
  position: string | null,
  max: number,
): Promise<JobCheckpoint> {
  const rows = await readStretch(db, scope, position)
  const pending: string[] = []
  for (const row of rows) {
    if (row.isWanted) pending.push(row.id)
    if (pending.length === max) return { position: row.position, pending, isLast: false }
  }
  return { position: rows.at(-1)?.position ?? position, pending, isLast: rows.length < stretchRows }
}

/** Whether a thing that a filter has found still fulfils its conditions. Asked under the lock of the thing. */
export async function isStillWanted(tx: Tx, task: JobTask, id: string): Promise<boolean> {
  if (!task.filter) return true
  switch (task.kind) {
    // The author of a message and the time at which it was sent never change.
    case 'deleteMessages':
      return true
    case 'removeMembers':
      return fulfils(tx, members, members.id, id, isMember(task.filter))
    case 'deleteUsers':
      return fulfils(tx, users, users.id, id, isUser(task.filter))
    case 'deleteChannels':
      return fulfils(tx, channels, channels.id, id, isChannel(task.filter))
  }
}

async function fulfils(tx: Tx, table: PgTable, column: PgColumn, id: string, isWanted: SQL<boolean>): Promise<boolean> {
  const [row] = await tx.orm.select({ isWanted }).from(table).where(eq(column, id))
  return row?.isWanted === true
}

function readStretch(db: Db, { serviceId, task, until }: JobScope, position: string | null): Promise<Row[]> {
  switch (task.kind) {
    case 'deleteMessages':
      return readMessages(db, task.channelId, task.filter ?? {}, until, position)
    case 'removeMembers': {
      const isIn = and(eq(members.channelId, task.channelId), isNull(members.leftAt))
      return readBySid(db, members, members.id, isIn, isMember(task.filter ?? {}), 'MB', until, position)
    }
    case 'deleteUsers': {
      const isIn = and(eq(users.serviceId, serviceId), isNull(users.deletedAt))
      return readBySid(db, users, users.id, isIn, isUser(task.filter ?? {}), 'US', until, position)
    }
    case 'deleteChannels': {
      const isIn = and(eq(channels.serviceId, serviceId), isNull(channels.deletedAt))
      return readBySid(db, channels, channels.id, isIn, isChannel(task.filter ?? {}), 'CH', until, position)
    }
  }
}

/** All conditions that are given, or else true. */
const all = (...conditions: readonly (SQL | undefined)[]): SQL<boolean> =>
  sql<boolean>`(${and(...conditions) ?? sql`true`})`

const instantOf = (text: string): SQL => sql`${text}::timestamptz`

const isMember = ({ roleId }: MemberJobFilter): SQL<boolean> =>
  all(roleId === undefined ? undefined : eq(members.roleId, roleId))

/** As the list of users finds them: by their very identity, or where each word begins a name. */
function isFound(search: string): SQL | undefined {
  const words = searchPrefixes(search).map(
    (prefix) =>
      sql`EXISTS (SELECT FROM user_names AS own WHERE own.user_id = ${users.id} AND starts_with(own.token, ${prefix}))`,
  )
  return or(eq(users.identity, search), words.length === 0 ? undefined : and(...words))
}

const isUser = ({ search, identityPrefix, roleId, lastSeenBefore }: UserJobFilter): SQL<boolean> =>
  all(
    search === undefined ? undefined : isFound(search),
    identityPrefix === undefined ? undefined : sql`starts_with(${users.identity}, ${identityPrefix})`,
    roleId === undefined ? undefined : eq(users.roleId, roleId),
    lastSeenBefore === undefined
      ? undefined
      : sql`coalesce(${users.lastSeenAt}, ${users.createdAt}) < ${instantOf(lastSeenBefore)}`,
  )

const isChannel = ({ name, uniqueNamePrefix, types, onlyFrozen, noMessageSince }: ChannelJobFilter): SQL<boolean> =>
  all(
    name === undefined ? undefined : sql`coalesce(starts_with(${shownName(channels)}, ${foldShownName(name)}), false)`,
    onlyFrozen ? eq(channels.isFrozen, true) : undefined,
    uniqueNamePrefix === undefined
      ? undefined
      : sql`coalesce(starts_with(${channels.uniqueName}, ${uniqueNamePrefix}), false)`,
    types === undefined ? undefined : sql`${channels.type} = ANY(${sql.param([...types])}::text[])`,
    noMessageSince === undefined
      ? undefined
      : sql`coalesce(${channels.lastMessageAt}, ${channels.createdAt}) < ${instantOf(noMessageSince)}`,
  )

/** SIDs have the time in them, so those that are made later stand behind. */
async function readBySid<Prefix extends 'MB' | 'US' | 'CH'>(
  db: Db,
  table: PgTable,
  id: PgColumn,
  isIn: SQL | undefined,
  isWanted: SQL<boolean>,
  prefix: Prefix,
  until: Date,
  position: string | null,
): Promise<Row[]> {
  const rows = await db.orm
    .select({ id: sql`${id}`.mapWith(id) as SQL<string>, isWanted })
    .from(table)
    .where(and(isIn, position === null ? undefined : gt(id, position), lt(id, firstSidOf(prefix, until))))
    .orderBy(asc(id))
    .limit(stretchRows)
  return rows.map((row) => ({ ...row, position: row.id }))
}

async function readMessages(
  db: Db,
  channelId: ChannelId,
  { authorIdentity, since, until: before }: MessageJobFilter,
  madeUntil: Date,
  position: string | null,
): Promise<Row[]> {
  const { createdAt } = messages
  const isWanted = all(
    isNull(messages.deletedAt),
    sql`${messages.index} >= (SELECT first_index FROM channels WHERE channels.id = ${messages.channelId})`,
    since === undefined ? undefined : sql`${createdAt} >= ${instantOf(since)}`,
  )
  const isTooNew = sql`${createdAt} > ${instantOf(madeUntil.toISOString())}`
  const isPast = sql<boolean>`(${before === undefined ? isTooNew : sql`${createdAt} >= ${instantOf(before)} OR ${isTooNew}`})`
  const rows = await db.orm
    .select({ id: messages.id, index: messages.index, isWanted, isPast })
    .from(messages)
    .where(
      and(
        eq(messages.channelId, channelId),
        authorIdentity === undefined ? undefined : eq(messages.author, authorIdentity),
        position === null ? undefined : gt(messages.index, Number(position)),
      ),
    )
    .orderBy(asc(messages.index))
    .limit(stretchRows)
  // Times go up with the numbers. Those that come after the start of the job would never end.
  const end = rows.findIndex((row) => row.isPast)
  return (end === -1 ? rows : rows.slice(0, end)).map(({ id, index, isWanted: wanted }) => ({
    id,
    position: String(index),
    isWanted: wanted,
  }))
}
