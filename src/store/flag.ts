import { and, asc, eq, gt, gte, isNull, sql } from 'drizzle-orm'
import type { Message } from '../model/message.ts'
import type { Page } from '../model/page.ts'
import type { KeywordRuleId, MessageId, ServiceId } from '../model/sid.ts'
import type { Db, Tx } from './engine/db.ts'
import { isInPage, newestFirst, pageOrder } from './engine/page.ts'
import { isKept } from './message.ts'
import { channels } from './tables/channel.ts'
import { messageFlags } from './tables/flag.ts'
import { messages } from './tables/message.ts'

/** A message and the rules that have flagged it. */
export interface FlaggedMessage {
  readonly message: Message
  readonly keywordRuleIds: readonly KeywordRuleId[]
}

export interface NewFlag {
  readonly serviceId: ServiceId
  readonly messageId: MessageId
  readonly keywordRuleIds: readonly KeywordRuleId[]
}

/** Flags messages, in the transaction that writes them. */
export async function insertFlags(tx: Tx, flags: readonly NewFlag[]): Promise<void> {
  if (flags.length === 0) return
  await tx.orm
    .insert(messageFlags)
    .values(flags.map((flag) => ({ ...flag, keywordRuleIds: [...flag.keywordRuleIds] })))
    .onConflictDoUpdate({
      target: [messageFlags.serviceId, messageFlags.messageId],
      set: { keywordRuleIds: sql`array(SELECT DISTINCT unnest(${messageFlags.keywordRuleIds} || excluded.rule_ids))` },
    })
}

export interface FlaggedFilter {
  readonly keywordRuleId: string | undefined
  readonly isNewestFirst: boolean
}

/** One page of a service's flagged messages by id, without the deleted ones. */
export async function readFlaggedPage(
  db: Db,
  serviceId: ServiceId,
  { keywordRuleId, isNewestFirst }: FlaggedFilter,
  asked: Page<MessageId>,
): Promise<FlaggedMessage[]> {
  const page = isNewestFirst ? newestFirst(asked) : asked
  return db.orm
    .select({ message: messages, keywordRuleIds: messageFlags.keywordRuleIds })
    .from(messageFlags)
    .innerJoin(messages, and(eq(messages.id, messageFlags.messageId), isNull(messages.deletedAt)))
    .innerJoin(channels, and(eq(channels.id, messages.channelId), isKept))
    .where(
      and(
        eq(messageFlags.serviceId, serviceId),
        isInPage(messageFlags.messageId, page),
        keywordRuleId === undefined ? undefined : sql`${keywordRuleId} = ANY (${messageFlags.keywordRuleIds})`,
      ),
    )
    .orderBy(pageOrder(messageFlags.messageId, page))
    .limit(page.size + 1)
}

/** Messages of a service since a time and above an id, in the order of their ids. */
export async function readMessagesSince(
  db: Db,
  serviceId: ServiceId,
  since: Date,
  afterId: MessageId,
  max: number,
): Promise<Message[]> {
  const rows = await db.orm
    .select({ message: messages })
    .from(messages)
    .innerJoin(channels, and(eq(channels.id, messages.channelId), isNull(channels.deletedAt), isKept))
    .where(
      and(
        eq(channels.serviceId, serviceId),
        gt(messages.id, afterId),
        gte(messages.createdAt, since),
        isNull(messages.deletedAt),
      ),
    )
    .orderBy(asc(messages.id))
    .limit(max)
  return rows.map(({ message }) => message)
}
