import { SupervisedProcess } from '../faults/supervised-process.ts'
import { silenceSeconds } from '../faults/text-writer.ts'
import type { TrialStand } from '../faults/trial.ts'
import { startRedisServer } from '../support/redis-server.ts'
import { openReceiver } from '../support/webhook-receiver.ts'

const accountId = `AC${'5a'.repeat(16)}`
const authToken = 'the-token-of-the-failover-tests'

export type ChatStand = TrialStand & AsyncDisposable

/** Two processes that are one server, as operators start them: nothing is set but what it needs. `sql` reads the database itself. */
export async function startChat(databaseUrl: string, sql: TrialStand['sql']): Promise<ChatStand> {
  await using started = new AsyncDisposableStack()
  const [redis, receiver] = await Promise.all([startRedisServer(), openReceiver()])
  for (const each of [redis, receiver]) started.use(each)
  const start = async (): Promise<SupervisedProcess> =>
    started.use(
      await SupervisedProcess.start({
        DATABASE_URL: databaseUrl,
        REDIS_URL: redis.url,
        SECRET_KEY: 'cd'.repeat(32),
        ACCOUNT_SID: accountId,
        AUTH_TOKEN: authToken,
        WEBHOOK_NETWORKS: '127.0.0.0/8',
        STREAM_SILENCE_SECONDS: String(silenceSeconds),
        LOG_LEVEL: 'fatal',
      }),
    )
  const processes = await Promise.all([start(), start()])
  const all = started.move()
  return {
    processes,
    receiver,
    authorization: `Basic ${btoa(`${accountId}:${authToken}`)}`,
    sql,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
