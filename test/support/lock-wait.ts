import { engineName, type TestStore } from './engine.ts'
import { waitFor } from './wait.ts'

/** Until a statement waits for a lock. On the embedded engine statements wait for the one connection, which nobody sees. */
export async function untilOneWaits({ maintenance }: Pick<TestStore, 'maintenance'>): Promise<void> {
  if (engineName === 'embedded') return
  const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  await waitFor(async () => (await maintenance.run(waiting, [])).length > 0, { interval: 5 })
}
