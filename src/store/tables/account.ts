import { sql } from 'drizzle-orm'
import { bigint, boolean, index, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { Rate } from '../../model/rate-limit.ts'
import { instant, sid } from './columns.ts'

export const accounts = pgTable('accounts', {
  id: sid('id', 'AC').primaryKey(),
  /** Encrypted, not hashed: the server signs webhooks with it. */
  authToken: text('auth_token').notNull(),
  /** Counts the changes of the auth token and of the account's API keys, services and roles. Its lock is the last that is taken. */
  authoritySeq: bigint('authority_seq', { mode: 'number' }).notNull().default(0),
  createdAt: instant('created_at').notNull().defaultNow(),
})

export const apiKeys = pgTable(
  'api_keys',
  {
    id: sid('id', 'SK').primaryKey(),
    accountId: sid('account_id', 'AC')
      .notNull()
      .references(() => accounts.id),
    friendlyName: text('friendly_name'),
    /** Encrypted, not hashed: access tokens are verified with it. */
    secret: text('secret').notNull(),
    /** The key that signs the server's own access tokens; it opens nothing else. */
    internal: boolean('internal').notNull().default(false),
    createdAt: instant('created_at').notNull().defaultNow(),
    /** Of one that signed the server's own tokens before: from then on it is accepted no more. */
    retiresAt: instant('retires_at'),
    /** How often who signs in with it may do something; null for any number. */
    rate: jsonb('rate').$type<Rate>(),
    /** To the minute. */
    lastUsedAt: instant('last_used_at'),
  },
  (table) => [
    index('api_keys_account').on(table.accountId, table.id),
    // One at a time signs; those before it are accepted for a while.
    uniqueIndex('api_keys_internal')
      .on(table.accountId)
      .where(sql`${table.internal} AND ${table.retiresAt} IS NULL`),
  ],
)

/** Who has signed in to the console. A session ends with its row. */
export const consoleSessions = pgTable(
  'console_sessions',
  {
    id: sid('id', 'CS').primaryKey(),
    /** SHA-256 of the token that the browser's cookie holds. */
    tokenHash: text('token_hash').notNull(),
    accountId: sid('account_id', 'AC')
      .notNull()
      .references(() => accounts.id),
    /** The key that it was opened with; null for the auth token. Deleting the key ends it. */
    apiKeyId: sid('api_key_id', 'SK').references(() => apiKeys.id, { onDelete: 'cascade' }),
    userAgent: text('user_agent'),
    address: text('address').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    /** To the minute. */
    lastUsedAt: instant('last_used_at').notNull().defaultNow(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [
    uniqueIndex('console_sessions_token').on(table.tokenHash),
    index('console_sessions_account').on(table.accountId, table.id),
    index('console_sessions_key').on(table.apiKeyId),
  ],
)

/** Auth tokens beside the account's present one: older ones that are accepted still, and those that no longer are. */
export const authTokens = pgTable(
  'auth_tokens',
  {
    id: uuid('id').primaryKey(),
    accountId: sid('account_id', 'AC')
      .notNull()
      .references(() => accounts.id),
    /** Encrypted. */
    token: text('token').notNull(),
    /** From then on it is refused. A start that names it has an older environment. */
    retiredAt: instant('retired_at'),
  },
  (table) => [index('auth_tokens_account').on(table.accountId)],
)
