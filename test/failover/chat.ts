import { backendAuthorization, settingsOf } from '../faults/stand.ts'
import { SupervisedProcess } from '../faults/supervised-process.ts'
import type { TrialStand } from '../faults/trial.ts'
import { startRedisServer } from '../support/redis-server.ts'
import { openReceiver } from '../support/webhook-receiver.ts'

export type ChatStand = TrialStand & AsyncDisposable

/** Two processes that are one server, as operators start them: nothing is set but what it needs. `sql` reads the database itself. */
export async function startChat(databaseUrl: string, sql: TrialStand['sql']): Promise<ChatStand> {
  await using started = new AsyncDisposableStack()
  const [redis, receiver] = await Promise.all([startRedisServer(), openReceiver()])
  for (const each of [redis, receiver]) started.use(each)
  const start = async (): Promise<SupervisedProcess> =>
    started.use(await SupervisedProcess.start(settingsOf(databaseUrl, redis.url)))
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
