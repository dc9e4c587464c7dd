import { backendAuthorization, settingsOf } from '../faults/stand.ts'
import { SupervisedProcess } from '../faults/supervised-process.ts'
import type { TrialStand } from '../faults/trial.ts'
import { startRedisServer } from '../support/redis-server.ts'
import { openReceiver } from '../support/webhook-receiver.ts'

export type ChatStand = TrialStand & AsyncDisposable

/**
 * Two processes that are one server, as operators start them: nothing is set but what it needs. `sql` reads the database itself. Without the
 * URL of a Redis they have one that nothing happens to.
 */
export async function startChat(databaseUrl: string, sql: TrialStand['sql'], redisUrl?: string): Promise<ChatStand> {
  await using started = new AsyncDisposableStack()
  const receiver = started.use(await openReceiver())
  const url = redisUrl ?? started.use(await startRedisServer()).url
  const start = async (): Promise<SupervisedProcess> =>
    started.use(await SupervisedProcess.start(settingsOf(databaseUrl, url)))
  const processes = await Promise.all([start(), start()])
  const all = started.move()
  return {
    processes,
    receiver,
    authorization: backendAuthorization,
    sql,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
