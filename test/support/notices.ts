import { eq, sql } from 'drizzle-orm'
import type { Server } from '../../src/server.ts'
import type { Db } from '../../src/store/db.ts'
import { noticeLanes, notices } from '../../src/store/tables/notice.ts'

/** Every notice of a service, in the order in which they came. */
export async function noticesOf(db: Db, serviceId: string) {
  return db.orm.select().from(notices).where(eq(notices.serviceId, serviceId)).orderBy(notices.id)
}

/** As if the time until the next attempt, or of whoever holds a lane, were over. */
export async function letTimePass({ app }: Server): Promise<void> {
  await app.db.orm.update(noticeLanes).set({ dueAt: new Date(0), leasedUntil: sql`least(leased_until, 'epoch')` })
  app.noticeBell.ring()
}
