import { eq } from 'drizzle-orm'
import type { Server } from '../../src/server.ts'
import type { Db } from '../../src/store/engine/db.ts'
import { notices } from '../../src/store/tables/notice.ts'
import { waitFor } from './wait.ts'

/** Every notice of a service, in the order in which they came. */
export async function noticesOf(db: Db, serviceId: string) {
  return db.orm.select().from(notices).where(eq(notices.serviceId, serviceId)).orderBy(notices.id)
}

/** As if the time until the next attempt were over. An attempt that is just being written down is waited for. */
export async function letTimePass({ app }: Server): Promise<void> {
  await waitFor(async () => (await app.db.run(`SELECT FROM pgboss.job WHERE state = 'active'`, [])).length === 0)
  await app.db.run(`UPDATE pgboss.job SET start_after = 'epoch' WHERE state < 'active'`, [])
  app.noticeBell.ring()
}

/** As if the time of those who work a job were over; somebody sees it within `superviseSeconds`. */
export async function letJobsExpire(db: Db): Promise<void> {
  await db.run(`UPDATE pgboss.job SET started_on = 'epoch' WHERE state = 'active'`, [])
}
