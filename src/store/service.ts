import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Page } from '../model/page.ts'
import type { Service } from '../model/service.ts'
import type { AccountId, KeywordRuleId, ServiceId } from '../model/sid.ts'
import { placeholder, prepareOnce, type Db, type Tx } from './engine/db.ts'
import { isInPage, pageOrder } from './engine/page.ts'
import { keywordRuleIds, services } from './tables/service.ts'

export type NewService = Pick<
  Service,
  | 'id'
  | 'accountId'
  | 'friendlyName'
  | 'isDefault'
  | 'defaultServiceRoleId'
  | 'defaultChannelRoleId'
  | 'defaultChannelCreatorRoleId'
  | 'webhookSecret'
>

export async function insertService(tx: Tx, service: NewService): Promise<Service> {
  const [row] = await tx.orm.insert(services).values(service).returning()
  return row!
}

const serviceById = prepareOnce((orm) =>
  orm
    .select()
    .from(services)
    .where(and(eq(services.id, placeholder(services.id, 'id')), isNull(services.deletedAt)))
    .prepare('service_by_id'),
)

export async function readService(db: Db, id: ServiceId): Promise<Service | undefined> {
  const [row] = await serviceById(db).execute({ id })
  return row
}

export async function readServiceOfRule(db: Db, keywordRuleId: KeywordRuleId): Promise<Service | undefined> {
  const [row] = await db.orm
    .select()
    .from(services)
    .where(
      and(
        sql`${keywordRuleIds(services.keywordRules)} @> ${JSON.stringify([keywordRuleId])}::jsonb`,
        isNull(services.deletedAt),
      ),
    )
  return row
}

export async function readDefaultService(db: Db | Tx, accountId: AccountId): Promise<Service | undefined> {
  const [row] = await db.orm
    .select()
    .from(services)
    .where(and(eq(services.accountId, accountId), services.isDefault))
  return row
}

/** One page of an account's services by id, oldest first, or the one service that the caller is limited to. */
export async function readServicePage(
  db: Db,
  { accountId, serviceId }: { readonly accountId: AccountId; readonly serviceId?: ServiceId | undefined },
  page: Page<ServiceId>,
): Promise<Service[]> {
  return db.orm
    .select()
    .from(services)
    .where(
      and(
        eq(services.accountId, accountId),
        isNull(services.deletedAt),
        serviceId === undefined ? undefined : eq(services.id, serviceId),
        isInPage(services.id, page),
      ),
    )
    .orderBy(pageOrder(services.id, page))
    .limit(page.size + 1)
}

/** Locks the service's row against other changes. Rows that refer to it can still be inserted. */
export async function lockService(tx: Tx, id: ServiceId): Promise<Service | undefined> {
  const [row] = await tx.orm
    .select()
    .from(services)
    .where(and(eq(services.id, id), isNull(services.deletedAt)))
    .for('no key update')
  return row
}

export type ServiceChange = Partial<Omit<Service, 'id' | 'accountId' | 'isDefault' | 'createdAt' | 'updatedAt'>>

export async function updateServiceRow(tx: Tx, id: ServiceId, change: ServiceChange): Promise<Service> {
  const { webhookFilters, ...fields } = change
  const [row] = await tx.orm
    .update(services)
    .set({
      ...fields,
      ...(webhookFilters && { webhookFilters: [...webhookFilters] }),
      updatedAt: sql`clock_timestamp()`,
    })
    .where(eq(services.id, id))
    .returning()
  return row!
}

/** For deleted services, too: their waiting webhooks are still delivered. */
export async function readWebhookSecret(db: Db, id: ServiceId): Promise<string | undefined> {
  const [row] = await db.orm.select({ secret: services.webhookSecret }).from(services).where(eq(services.id, id))
  return row?.secret ?? undefined
}

export async function readServicesWithoutSecret(tx: Tx, accountId: AccountId): Promise<{ id: ServiceId }[]> {
  return tx.orm
    .select({ id: services.id })
    .from(services)
    .where(and(eq(services.accountId, accountId), isNull(services.webhookSecret)))
}

/** Stores the secret, unless another process has stored one meanwhile. */
export async function keepWebhookSecret(tx: Tx, id: ServiceId, webhookSecret: string): Promise<void> {
  await tx.orm
    .update(services)
    .set({ webhookSecret })
    .where(and(eq(services.id, id), isNull(services.webhookSecret)))
}
