import { and, eq, inArray, sql, type SQL } from 'drizzle-orm'
import type { OrderKey } from '../model/list-order.ts'
import type { Page } from '../model/page.ts'
import type { ScheduledMessage, ScheduledState } from '../model/scheduled-message.ts'
import {
  sidToUuid,
  uuidToSid,
  type ChannelId,
  type ScheduledMessageId,
  type ServiceId,
  type UserId,
} from '../model/sid.ts'
import { batchRows, deleteBefore } from './engine/batch.ts'
import type { Db, Tx } from './engine/db.ts'
import { isInOrder, listOrder } from './engine/page.ts'
import { sidOfNow } from './tables/columns.ts'
import { scheduledMessages } from './tables/scheduled-message.ts'
import { users } from './tables/user.ts'

/** What its author still sees in the list. */
const isListed = sql`${scheduledMessages.state} IN ('waiting', 'sending', 'failed')`

const isMessage = (userId: UserId, id: ScheduledMessageId): SQL | undefined =>
  and(eq(scheduledMessages.userId, userId), eq(scheduledMessages.id, id))

export type NewScheduledMessage = Pick<
  ScheduledMessage,
  'userId' | 'id' | 'channelId' | 'clientMessageId' | 'userSeq' | 'content' | 'sendAt'
> & { readonly serviceId: ServiceId }

/** Its SID is made anew, by the time of the database. The caller has locked the user and taken `userSeq`. */
export async function insertScheduledMessage(tx: Tx, message: NewScheduledMessage): Promise<ScheduledMessage> {
  const now = sql`clock_timestamp()`
  const [row] = await tx.orm
    .insert(scheduledMessages)
    .values({ ...message, id: sidOfNow(message.id), dueAt: message.sendAt, createdAt: now, updatedAt: now })
    .returning()
  return row!
}

/** How many scheduled messages of a user are listed. */
export async function countScheduled(tx: Tx, userId: UserId): Promise<number> {
  return tx.orm.$count(scheduledMessages, and(eq(scheduledMessages.userId, userId), isListed))
}

export async function readScheduledMessage(
  db: Db | Tx,
  userId: UserId,
  id: ScheduledMessageId,
): Promise<ScheduledMessage | undefined> {
  const [row] = await db.orm.select().from(scheduledMessages).where(isMessage(userId, id))
  return row
}

/** A scheduled message of any user, and the user's service. */
export async function findScheduledMessage(
  db: Db,
  id: ScheduledMessageId,
): Promise<{ readonly message: ScheduledMessage; readonly serviceId: ServiceId } | undefined> {
  const [row] = await db.orm
    .select({ message: scheduledMessages, serviceId: users.serviceId })
    .from(scheduledMessages)
    .innerJoin(users, eq(users.id, scheduledMessages.userId))
    .where(eq(scheduledMessages.id, id))
  return row
}

/** What the user has scheduled before with the same `clientMessageId`. */
export async function readRepeatedSchedule(
  tx: Tx,
  userId: UserId,
  clientMessageId: string,
): Promise<ScheduledMessage | undefined> {
  const [row] = await tx.orm
    .select()
    .from(scheduledMessages)
    .where(and(eq(scheduledMessages.userId, userId), eq(scheduledMessages.clientMessageId, clientMessageId)))
  return row
}

export type ScheduleChange = Partial<
  Pick<ScheduledMessage, 'content' | 'sendAt' | 'state' | 'version' | 'failureCode' | 'failureReason' | 'messageId'>
> & { readonly userSeq: number; readonly dueAt: Date | null }

/**
 * Changes a scheduled message, unless it has been claimed since it was read: a claim takes no lock of the user. The caller has locked the user and
 * taken `userSeq`.
 */
export async function updateScheduledRow(
  tx: Tx,
  { userId, id, state, claims }: Pick<ScheduledMessage, 'userId' | 'id' | 'state' | 'claims'>,
  change: ScheduleChange,
): Promise<ScheduledMessage | undefined> {
  const [row] = await tx.orm
    .update(scheduledMessages)
    .set({ ...change, updatedAt: sql`clock_timestamp()` })
    .where(and(isMessage(userId, id), eq(scheduledMessages.state, state), eq(scheduledMessages.claims, claims)))
    .returning()
  return row
}

/** One page of what a user has scheduled and what could not be sent, by its time. */
export async function readScheduledPage(
  db: Db,
  userId: UserId,
  page: Page<OrderKey<ScheduledMessageId>>,
): Promise<ScheduledMessage[]> {
  const { sendAt, id } = scheduledMessages
  return db.orm
    .select()
    .from(scheduledMessages)
    .where(and(eq(scheduledMessages.userId, userId), isListed, isInOrder(sql`${sendAt}`, 'timestamptz', id, page)))
    .orderBy(...listOrder(sql`${sendAt}`, id, page))
    .limit(page.size + 1)
}

/** Which scheduled messages are listed: each of the three has an index of its own. */
export interface ScheduledFilter {
  readonly serviceId: ServiceId
  readonly state: ScheduledState
  /** Of the service. */
  readonly userId?: UserId | undefined
  /** Of the service. */
  readonly channelId?: ChannelId | undefined
}

/** One page of what is scheduled in a service, in one state, by its time. */
export async function readScheduledOfService(
  db: Db,
  { serviceId, state, userId, channelId }: ScheduledFilter,
  page: Page<OrderKey<ScheduledMessageId>>,
): Promise<ScheduledMessage[]> {
  const { sendAt, id } = scheduledMessages
  const isInScope =
    userId === undefined && channelId === undefined
      ? eq(scheduledMessages.serviceId, serviceId)
      : and(userId && eq(scheduledMessages.userId, userId), channelId && eq(scheduledMessages.channelId, channelId))
  return db.orm
    .select()
    .from(scheduledMessages)
    .where(and(isInScope, eq(scheduledMessages.state, state), isInOrder(sql`${sendAt}`, 'timestamptz', id, page)))
    .orderBy(...listOrder(sql`${sendAt}`, id, page))
    .limit(page.size + 1)
}

/** A message that is to be sent now, and whose it is. */
export interface ClaimedMessage extends ScheduledMessage {
  readonly serviceId: ServiceId
  readonly identity: string
}

/** By places in the table, which the locks keep from changing: otherwise the planner may walk all of it. */
const claimStatement = `
UPDATE scheduled_messages SET state = 'sending', due_at = $2::timestamptz, claims = claims + 1
WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM scheduled_messages
  WHERE due_at <= $1::timestamptz ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED
))
RETURNING user_id, id`

/**
 * Claims what is due until the lease ends, those that wait longest first. What another process claims at the same time is left out. Nothing stands in
 * the way of a second claim after the lease.
 */
export async function claimScheduledMessages(
  db: Db,
  { now, leaseEndsAt, limit }: { readonly now: Date; readonly leaseEndsAt: Date; readonly limit: number },
): Promise<ClaimedMessage[]> {
  const claimed = await db.run<{ user_id: string; id: string }>(claimStatement, [
    now.toISOString(),
    leaseEndsAt.toISOString(),
    limit,
  ])
  if (claimed.length === 0) return []
  const rows = await db.orm
    .select({ message: scheduledMessages, serviceId: users.serviceId, identity: users.identity })
    .from(scheduledMessages)
    .innerJoin(users, eq(users.id, scheduledMessages.userId))
    .where(
      and(
        inArray(
          scheduledMessages.userId,
          claimed.map((row) => uuidToSid('US', row.user_id)),
        ),
        inArray(
          scheduledMessages.id,
          claimed.map((row) => uuidToSid('SM', row.id)),
        ),
      ),
    )
  return rows.map(({ message, serviceId, identity }) => ({ ...message, serviceId, identity }))
}

const releaseStatement = `
UPDATE scheduled_messages SET due_at = $4::timestamptz
WHERE user_id = $1::uuid AND id = $2::uuid AND state = 'sending' AND claims = $3::int`

/** Lets a claimed message be claimed again at a time. */
export async function releaseClaim(
  db: Db,
  { userId, id, claims }: Pick<ScheduledMessage, 'userId' | 'id' | 'claims'>,
  dueAt: Date,
): Promise<void> {
  await db.run(releaseStatement, [sidToUuid(userId), sidToUuid(id), claims, dueAt.toISOString()])
}

const nextDueStatement = `
SELECT least(
  (SELECT min(due_at) FROM scheduled_messages WHERE due_at IS NOT NULL),
  (SELECT min(remind_at) FROM saved_messages WHERE remind_at IS NOT NULL AND reminded_at IS NULL AND removed_at IS NULL)
) AS next`

/** When the next message is to be sent, or the next reminder is to come. */
export async function readNextDue(db: Db): Promise<Date | undefined> {
  const [row] = await db.run<{ next: string | null }>(nextDueStatement, [])
  return row?.next == null ? undefined : new Date(row.next)
}

/** By places in the table, as for a claim. One that has failed may be scheduled again: what is locked is left alone. */
const endedStatement = `
DELETE FROM scheduled_messages WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM scheduled_messages
  WHERE due_at IS NULL AND updated_at < $1::timestamptz ORDER BY updated_at LIMIT $2 FOR UPDATE SKIP LOCKED
))
RETURNING 1`

/** Deletes what was sent, was cancelled or has failed before a time. Answers how many. */
export function deleteEndedScheduled(db: Db, before: Date): Promise<number> {
  return deleteBefore(db, endedStatement, before)
}

const withoutServiceStatement = `
UPDATE scheduled_messages SET service_id = (SELECT service_id FROM users WHERE users.id = user_id)
WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM scheduled_messages WHERE service_id IS NULL LIMIT $1 FOR UPDATE SKIP LOCKED
))
RETURNING 1`

/** Fills in the service of rows that processes of the version before have written. Answers how many. */
export async function fillServicesOfScheduled(db: Db): Promise<number> {
  let count = 0
  for (;;) {
    const { length } = await db.run(withoutServiceStatement, [batchRows])
    count += length
    if (length < batchRows) return count
  }
}

/** Those of a deleted user, whose row stays. */
export async function deleteScheduledOf(tx: Tx, userId: UserId): Promise<void> {
  await tx.orm.delete(scheduledMessages).where(eq(scheduledMessages.userId, userId))
}
