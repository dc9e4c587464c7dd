import { pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import type { KeywordRuleId } from '../../model/sid.ts'
import { sid } from './columns.ts'

/** Messages that keyword rules have flagged, and by which rules. */
export const messageFlags = pgTable(
  'message_flags',
  {
    serviceId: sid('service_id', 'IS').notNull(),
    messageId: sid('message_id', 'IM').notNull(),
    keywordRuleIds: text('rule_ids').array().$type<KeywordRuleId[]>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.serviceId, table.messageId] })],
)
