import type { Client } from 'graphql-ws'
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest'
import {
  AddMemberDocument,
  CreateAccessTokenDocument,
  CreateChannelDocument,
  EventsDocument,
} from '../../schema/generated/graphql.ts'
import { openCollector, type Collector } from '../support/collector.ts'
import { Caller, record, User } from '../support/kit.ts'
import { spawnServer } from '../support/server-binary.ts'
import { createTestDatabase, dropTestDatabase } from '../support/template-database.ts'

// It starts several processes.
vi.setConfig({ testTimeout: 120_000 })

const stack = new AsyncDisposableStack()
afterAll(() => stack.disposeAsync())

let collector: Collector
let settings: Record<string, string>
beforeAll(async () => {
  collector = stack.use(await openCollector())
  const { postgresUrl, redisUrl } = inject('cluster')!
  const DATABASE_URL = await createTestDatabase(postgresUrl)
  stack.defer(() => dropTestDatabase(postgresUrl, DATABASE_URL))
  settings = {
    DATABASE_URL,
    REDIS_URL: redisUrl,
    SECRET_KEY: 'cd'.repeat(32),
    AUTH_TOKEN: 'the-token-of-the-workers',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  }
})

test.each(['the link between workers', 'Redis'])(
  'what a worker publishes is in one trace with the fan-out of each worker, over %s',
  async (way) => {
    const { REDIS_URL, ...others } = settings
    await using server = await spawnServer({ ...others, ...(way === 'Redis' && { REDIS_URL }), PROCESSES: '2' })
    const greeting = await server.ready()
    const authorization = `Basic ${btoa(`${greeting.accountId}:${settings['AUTH_TOKEN']}`)}`
    // Each request comes over a connection of its own, and so to the other worker.
    const backend = new Caller(greeting, authorization, { connection: 'close' })
    const { createAccessToken } = await backend.request(CreateAccessTokenDocument, { input: { identity: 'reader' } })
    const user = new User(greeting, 'reader', createAccessToken.token)
    const { createChannel } = await backend.request(CreateChannelDocument, { input: {} })
    const channelId = createChannel.channel.id
    await backend.request(AddMemberDocument, { input: { channelId, identity: 'reader' } })
    const clients: Client[] = []
    const readers: { atLeast(count: number): Promise<unknown> }[] = []
    for (let at = 0; at < 4; at++) {
      const client = user.connect()
      clients.push(client)
      const reader = record(client, EventsDocument, { channelId })
      await reader.atLeast(1)
      readers.push(reader)
    }
    // One that is still catching up has no part in a fan-out.
    await backend.send(channelId, 'before')
    await Promise.all(readers.map((reader) => reader.atLeast(2)))
    const traceId = (way === 'Redis' ? 'ab' : 'cd').repeat(16)
    await backend.with({ connection: 'close', traceparent: `00-${traceId}-${'ab'.repeat(8)}-01` }).send(channelId, 'hi')
    const fanOuts = await collector.find((span) => span.traceId === traceId && span.name === 'fan out', 2)
    const [publish] = await collector.find((span) => span.traceId === traceId && span.name === 'publish')
    expect(fanOuts.map(({ parentId }) => parentId)).toEqual([publish!.spanId, publish!.spanId])
    expect(new Set(fanOuts.map(({ resource }) => resource['service.instance.id'])).size).toBe(2)
    expect(fanOuts.reduce((sum, { attributes }) => sum + Number(attributes['fonechat.subscribers']), 0)).toBe(4)
    for (const client of clients) await client.dispose()
  },
)
