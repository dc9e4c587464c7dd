import { eq } from 'drizzle-orm'
import type { ServiceId } from '../../src/model/sid.ts'
import type { Server } from '../../src/server.ts'
import type { Db } from '../../src/store/engine/db.ts'
import { webhookDeliveries } from '../../src/store/tables/webhook-delivery.ts'
import { waitFor } from './wait.ts'

/** Every delivery of a service, in the order in which they came. */
export async function webhookDeliveriesOf(db: Db, serviceId: string) {
  return db.orm
    .select()
    .from(webhookDeliveries)
    .where(eq(webhookDeliveries.serviceId, serviceId as ServiceId))
    .orderBy(webhookDeliveries.id)
}

/** As if the time until the next attempt were over. It waits for an attempt that is being stored. */
export async function letTimePass({ app }: Server): Promise<void> {
  await waitFor(async () => (await app.db.run(`SELECT FROM pgboss.job WHERE state = 'active'`, [])).length === 0)
  await app.db.run(`UPDATE pgboss.job SET start_after = 'epoch' WHERE state < 'active'`, [])
  app.wakeWebhookWorker()
}

/** As if the time of those who work a job were over; somebody sees it within `superviseSeconds`. */
export async function letJobsExpire(db: Db): Promise<void> {
  await db.run(`UPDATE pgboss.job SET started_on = 'epoch' WHERE state = 'active'`, [])
}
