import { boolean, index, pgTable, text } from 'drizzle-orm/pg-core'
import type { CredentialType } from '../../model/credential.ts'
import { accounts } from './account.ts'
import { instant, sid } from './columns.ts'

export const credentials = pgTable(
  'credentials',
  {
    id: sid('id', 'CR').primaryKey(),
    accountId: sid('account_id', 'AC')
      .notNull()
      .references(() => accounts.id),
    friendlyName: text('friendly_name'),
    type: text('type').$type<CredentialType>().notNull(),
    sandbox: boolean('sandbox'),
    /** These four are encrypted, not hashed: the server calls push services with them. */
    certificate: text('certificate'),
    privateKey: text('private_key'),
    apiKey: text('api_key'),
    secret: text('secret'),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (table) => [index('credentials_account').on(table.accountId, table.id)],
)
