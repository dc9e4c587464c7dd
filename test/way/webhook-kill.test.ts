import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CreateChannelDocument, UpdateServiceDocument } from '../../schema/generated/graphql.ts'
import { openTestStore } from '../support/engine.ts'
import { freePort } from '../support/free-port.ts'
import { Caller } from '../support/kit.ts'
import { makeScratch } from '../support/scratch.ts'
import { seed } from '../support/seed.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { spawnServer } from '../support/server-binary.ts'
import { waitFor } from '../support/wait.ts'
import { letJobsExpire } from '../support/webhook-deliveries.ts'
import { openReceiver } from '../support/webhook-receiver.ts'
import { webhookEnvironment } from '../support/webhooks.ts'

// Servers are started again and again.
vi.setConfig({ testTimeout: 180_000 })

let stack: AsyncDisposableStack
beforeEach(() => {
  stack = new AsyncDisposableStack()
})
afterEach(() => stack.disposeAsync())

/** Sends one after the other, each until it is acknowledged. */
function sendOn(backend: Caller, channelId: string) {
  let isStopped = false
  let count = 0
  const running = (async () => {
    while (!isStopped) {
      const clientMessageId = randomUUID()
      await waitFor(() => backend.send(channelId, 'hello', { clientMessageId }), { timeout: 60_000 })
      count++
      await delay(1)
    }
  })()
  const stop = async (): Promise<number> => {
    isStopped = true
    await running
    return count
  }
  return { count: () => count, stop }
}

test('P7: a server that is killed at random moments sends webhooks for every message, in order', async () => {
  const store = stack.use(await openTestStore())
  const data = stack.use(await makeScratch())
  const receiver = stack.use(await openReceiver())
  const settings = {
    ...webhookEnvironment,
    PORT: String(await freePort()),
    SECRET_KEY: 'cd'.repeat(32),
    ...(store.databaseUrl === undefined
      ? { DATA_DIR: data.path }
      : { DATABASE_URL: store.databaseUrl, REDIS_URL: store.redisUrl! }),
  }
  let server = await spawnServer(settings)
  stack.defer(() => server[Symbol.asyncDispose]())
  const greeting = await server.ready()
  const backend = new Caller(greeting, `Basic ${btoa(`${greeting.accountId}:${greeting.authToken}`)}`)
  await backend.request(UpdateServiceDocument, {
    input: { serviceId: greeting.serviceId, webhooks: { postUrl: receiver.url, filters: ['ON_MESSAGE_SENT'] } },
  })
  const { createChannel } = await backend.request(CreateChannelDocument, { input: {} })
  const sender = sendOn(backend, createChannel.channel.id)
  const random = seededRandom(seed)
  for (let round = 0; round < 3; round++) {
    const before = receiver.received.length
    await waitFor(() => receiver.received.length >= before + 10 + Math.floor(random() * 10), { timeout: 60_000 })
    // Some are committed and not sent yet, and the answer to one never comes.
    receiver.answer = () => {}
    const hanging = receiver.received.length
    await waitFor(() => receiver.received.length > hanging)
    const countBefore = sender.count()
    await waitFor(() => sender.count() > countBefore + 5)
    server.kill('SIGKILL')
    await server[Symbol.asyncDispose]()
    receiver.answer = (_received, response) => response.end()
    // The dead process had a job; on Postgres another takes over when its time has run out.
    if (store.databaseUrl !== undefined) await letJobsExpire(store.db)
    server = await spawnServer(settings)
    await server.ready()
  }
  const sent = await sender.stop()
  const indexOf = ({ parameters }: { parameters: Readonly<Record<string, string>> }) => Number(parameters['Index'])
  await waitFor(() => receiver.received.some((one) => indexOf(one) === sent - 1), { timeout: 60_000 })
  const received = receiver.received.map((one) => `${indexOf(one)} ${one.headers['webhook-id']}`)
  const once = [...new Set(received)]
  // A repetition carries the id of the first, comes right after it, and nothing is missing.
  expect(once.map((one) => Number(one.split(' ')[0]))).toEqual(Array.from({ length: sent }, (_, at) => at))
  expect(received.filter((one, at) => one !== received[at - 1])).toEqual(once)
  expect(received.length).toBeGreaterThan(once.length)
})
