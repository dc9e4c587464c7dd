import { and, eq, inArray } from 'drizzle-orm'
import type { Role, Service } from '../model/service.ts'
import { placeholder, prepareOnce, type Db, type Tx } from './db.ts'
import { roles, services } from './tables/service.ts'

export type NewService = Pick<
  Service,
  | 'id'
  | 'accountId'
  | 'friendlyName'
  | 'isDefault'
  | 'defaultServiceRoleId'
  | 'defaultChannelRoleId'
  | 'defaultChannelCreatorRoleId'
>

export async function insertService(tx: Tx, service: NewService): Promise<Service> {
  const [row] = await tx.orm.insert(services).values(service).returning()
  return row!
}

const serviceById = prepareOnce((orm) =>
  orm
    .select()
    .from(services)
    .where(eq(services.id, placeholder(services.id, 'id')))
    .prepare('service_by_id'),
)

export async function readService(db: Db, id: string): Promise<Service | undefined> {
  const [row] = await serviceById(db).execute({ id })
  return row
}

export async function readDefaultService(db: Db | Tx, accountId: string): Promise<Service | undefined> {
  const [row] = await db.orm
    .select()
    .from(services)
    .where(and(eq(services.accountId, accountId), services.isDefault))
  return row
}

export async function insertRoles(tx: Tx, newRoles: Omit<Role, 'createdAt' | 'updatedAt'>[]): Promise<void> {
  await tx.orm.insert(roles).values(newRoles.map((role) => ({ ...role, permissions: [...role.permissions] })))
}

export async function readRoles(db: Db, ids: readonly string[]): Promise<Role[]> {
  return db.orm
    .select()
    .from(roles)
    .where(inArray(roles.id, [...ids]))
}
