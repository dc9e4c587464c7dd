import { eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { HistoryDocument } from '../../../schema/generated/graphql.ts'
import { createAccount } from '../../../src/domain/access/account.ts'
import { createSecretBox } from '../../../src/domain/access/secret.ts'
import { MessageWriter, type Sending } from '../../../src/domain/chat/message-writer.ts'
import { sendMessage } from '../../../src/domain/chat/send-message.ts'
import { topics } from '../../../src/live/bus.ts'
import type { ChannelHint } from '../../../src/model/event.ts'
import { newSid, sidToUuid, type ChannelId, type Sid } from '../../../src/model/sid.ts'
import { insertChannel } from '../../../src/store/channel.ts'
import { maintenanceTimeouts, openDb, type Db, type DatabaseTimeouts } from '../../../src/store/engine/db.ts'
import { isOutcomeUnknown, isUnavailable } from '../../../src/store/engine/fault.ts'
import { migrateDb } from '../../../src/store/migration.ts'
import { channels } from '../../../src/store/tables/channel.ts'
import { FaultProxy } from '../../support/fault-proxy.ts'
import { openKit, type Kit } from '../../support/kit.ts'
import { startPostgresServer } from '../../support/postgres-server.ts'
import { waitFor } from '../../support/wait.ts'

let kit: Kit
let proxy: FaultProxy
let db: Db
let writer: MessageWriter

const timeouts = { connect: 1000, lock: 500, statement: 1000, total: 5000 }

beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())
beforeEach(async () => {
  const url = new URL(kit.store.databaseUrl!)
  proxy = await FaultProxy.open({ host: url.hostname, port: Number(url.port) })
  open(timeouts)
})
afterEach(async () => {
  await proxy.heal()
  await db.close()
  await proxy[Symbol.asyncDispose]()
})

function open(times: Partial<DatabaseTimeouts>): void {
  const url = Object.assign(new URL(kit.store.databaseUrl!), { host: `127.0.0.1:${proxy.port}` })
  // Nothing is connected before the first statement.
  db = openDb(url.href, { poolSize: 6, timeouts: times })
  writer = new MessageWriter(db, kit.server.app.webhookJobs)
}

/** Sends as the backend, through the writer that may meet faults. */
function send(channelId: string, body: string, clientMessageId?: string) {
  const app = { ...kit.server.app, messages: writer }
  return sendMessage(app, { kind: 'backend', accountId: app.accountId }, { channelId, body, clientMessageId })
}

/** The bodies of the messages that are published in a channel from now on. */
async function listen(channelId: string): Promise<string[]> {
  const published: string[] = []
  await kit.server.app.bus.subscribe(topics.channel(channelId), (hint) => {
    const event = hint as ChannelHint
    if (event.type === 'messageAdded') published.push(event.message.body)
  })
  return published
}

const newMessage = (channelId: ChannelId, body: string, clientMessageId: string | null = null) => ({
  channelId,
  body,
  clientMessageId,
  id: newSid('IM'),
  author: 'system',
  attributes: '{}',
  memberAsOf: Number.MAX_SAFE_INTEGER,
})

const write = (channelId: string, body: string, name?: string) =>
  writer.write(newMessage(channelId as ChannelId, body, name))

/** What became of a send: its index, or the error. */
const outcome = (work: Promise<{ readonly index: number } | undefined>): Promise<unknown> =>
  work.then(
    (message) => message?.index,
    (error: unknown) => error,
  )

async function bodies(channelId: string): Promise<string[]> {
  const { channel } = await kit.backend.request(HistoryDocument, { channelId, first: 1000 })
  return channel!.messages.edges.map(({ node }) => node.body)
}

/** Keeps the channel's row locked until it is released. */
const lock = (channelId: string) =>
  hold('SELECT id FROM channels WHERE id = $1 FOR UPDATE', [sidToUuid(channelId as Sid)])

/** Keeps the locks of a statement until it is released. */
async function hold(statement: string, values: readonly unknown[] = []): Promise<() => Promise<void>> {
  const locked = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const holder = openDb(kit.store.databaseUrl!, { poolSize: 1, timeouts: { idleTransaction: 60_000 } })
  const held = holder.transaction(async (tx) => {
    await tx.run(statement, values)
    locked.resolve()
    await released.promise
  })
  await locked.promise
  return async () => {
    released.resolve()
    await held
    await holder.close()
  }
}

test('what takes a transaction holds up nothing elsewhere, and in its channel nothing overtakes it', async () => {
  open({ ...timeouts, lock: 8000, statement: 8000, total: 15_000 })
  const [one, other] = [await kit.channel(), await kit.channel()]
  const order: string[] = []
  const send = async (message: Sending): Promise<void> => {
    await writer.write(message)
    order.push(message.body)
  }
  const plain = (channelId: string, body: string) => send(newMessage(channelId as ChannelId, body))
  const flagged = (body: string) => {
    const message = newMessage(one.id, body)
    return send({
      ...message,
      flags: [{ serviceId: row!.serviceId, messageId: message.id, keywordRuleIds: [newSid('KR')] }],
    })
  }
  const [row] = await kit.store.db.orm.select().from(channels).where(eq(channels.id, one.id))
  const release = await hold('LOCK TABLE message_flags IN EXCLUSIVE MODE')
  const before = [plain(one.id, 'a'), plain(one.id, 'b')]
  const behind = [flagged('c'), plain(one.id, 'd')]
  const waiting = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'insert into "message_flags"%'`
  await waitFor(async () => (await kit.store.db.run(waiting, [])).length > 0)
  behind.push(plain(one.id, 'e'), flagged('f'), plain(one.id, 'g'))
  await Promise.all(before)
  for (const body of ['h', 'i']) await plain(other.id, body)
  expect(order).toEqual(['a', 'b', 'h', 'i'])
  await release()
  await Promise.all(behind)
  expect(await bodies(one.id)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
  expect(order).toEqual(['a', 'b', 'h', 'i', 'c', 'd', 'e', 'f', 'g'])
})

test('sends to other channels wait for a locked one once, and then not at all; its own go on in their order', async () => {
  const [locked, free] = [await kit.channel(), await kit.channel()]
  const unlock = await lock(locked.id)
  const ofLocked = ['a', 'b', 'c'].map((body) => outcome(write(locked.id, body)))
  const ofFree = Array.from({ length: 64 }, (_, at) => outcome(write(free.id, `${at}`)))
  expect(await Promise.all(ofFree)).toEqual([...ofFree.keys()])
  // The locked channel has a lane of its own by now: nobody waits for it.
  const started = performance.now()
  for (let at = 0; at < 10; at++) await write(free.id, 'more')
  const took = performance.now() - started
  const later = outcome(write(locked.id, 'd'))
  await unlock()
  expect(took).toBeLessThan(400)
  expect(await later).toBeTypeOf('number')
  const answered = await Promise.all(ofLocked)
  // Whichever waited too long were refused, and none of those was written.
  for (const error of answered.filter((one) => typeof one !== 'number')) expect(isUnavailable(error)).toBe(true)
  const written = ['a', 'b', 'c'].filter((_, at) => typeof answered[at] === 'number')
  expect(await bodies(locked.id)).toEqual([...written, 'd'])
})

test('a send that has waited for a lock alone is followed by none that others wait for', async () => {
  const [locked, free] = [await kit.channel(), await kit.channel()]
  const unlock = await lock(locked.id)
  expect(isUnavailable(await outcome(write(locked.id, 'refused')))).toBe(true)
  const order: string[] = []
  const next = outcome(write(locked.id, 'next')).then(() => order.push('locked'))
  await write(free.id, 'free').then(() => order.push('free'))
  await next
  expect(order).toEqual(['free', 'locked'])
  await unlock()
  expect(await outcome(write(locked.id, 'open'))).toBeTypeOf('number')
})

test('a lock that is in the way of all refuses all, once', async () => {
  const channels = [await kit.channel(), await kit.channel()]
  const locked = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const held = kit.store.db.transaction(async (tx) => {
    await tx.run('LOCK TABLE messages IN ACCESS EXCLUSIVE MODE', [])
    locked.resolve()
    await released.promise
  })
  await locked.promise
  const started = performance.now()
  // The first goes alone, so that the others leave together.
  const sends = [channels[0]!, ...channels, ...channels].map(({ id }) => outcome(write(id, 'refused')))
  for (const error of await Promise.all(sends)) expect(isUnavailable(error)).toBe(true)
  expect(performance.now() - started).toBeLessThan(4000)
  released.resolve()
  await held
  for (const { id } of channels) expect(await outcome(write(id, 'written'))).toBe(0)
})

test('more locked channels than have a lane are refused, and the free ones written', async () => {
  const channels = await Promise.all(Array.from({ length: 6 }, () => kit.channel()))
  const free = await kit.channel()
  const unlock = await Promise.all(channels.map(({ id }) => lock(id)))
  const sends = channels.map(({ id }) => outcome(write(id, 'locked')))
  expect(await outcome(write(free.id, 'free'))).toBe(0)
  for (const error of await Promise.all(sends)) expect(isUnavailable(error)).toBe(true)
  await Promise.all(unlock.map((release) => release()))
  for (const { id } of channels) expect(await outcome(write(id, 'again'))).toBe(0)
})

test('256 sends that meet a state of the database are answered together, not one after the other', async () => {
  const channel = await kit.channel()
  const name = new URL(kit.store.databaseUrl!).pathname.slice(1)
  await kit.store.db.runScript(`ALTER DATABASE ${name} SET default_transaction_read_only TO on`)
  const started = performance.now()
  const outcomes = await Promise.all(Array.from({ length: 256 }, () => outcome(write(channel.id, 'not written'))))
  const took = performance.now() - started
  await kit.store.db.runScript(`ALTER DATABASE ${name} RESET default_transaction_read_only`)
  for (const error of outcomes) {
    expect(error).toMatchObject({ code: '25006' })
    expect(isUnavailable(error)).toBe(true)
  }
  expect(took).toBeLessThan(3000)
  expect(await bodies(channel.id)).toEqual([])
})

test('a row that is at fault is refused alone', async () => {
  const channel = await kit.channel()
  const outcomes = await Promise.all(['good', 'b\0d', 'better'].map((body) => outcome(write(channel.id, body))))
  expect(outcomes[1]).toMatchObject({ code: expect.stringMatching(/^22/) })
  expect((await bodies(channel.id)).toSorted()).toEqual(['better', 'good'])
})

test('P1 P6: a send whose answer is lost is looked up, and answered and published when it was written', async () => {
  const channel = await kit.channel()
  open({ ...timeouts, lock: 8000, statement: 8000, total: 15_000 })
  const published = await listen(channel.id)
  await send(channel.id, 'first')
  const [link] = proxy.links
  // The statement arrives, and its answer is cut off.
  const unlock = await lock(channel.id)
  const sent = outcome(send(channel.id, 'lost', 'name'))
  const waiting = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INSERT INTO messages%'`
  await waitFor(async () => (await kit.store.db.run(waiting, [])).length > 0)
  link!.swallow()
  await unlock()
  await waitFor(async () => (await bodies(channel.id)).length === 2)
  link!.reset()
  expect(await sent).toBe(1)
  // Under its own name it is the same message.
  expect(await outcome(send(channel.id, 'lost', 'name'))).toBe(1)
  expect(await bodies(channel.id)).toEqual(['first', 'lost'])
  expect(published).toEqual(['first', 'lost'])
})

test('P1: a send that vanishes on its way is unknown, never said to be refused', async () => {
  const channel = await kit.channel()
  const published = await listen(channel.id)
  await send(channel.id, 'first')
  const swallowed = proxy.swallowAt(/vanishes/)
  const sent = outcome(send(channel.id, 'vanishes'))
  await swallowed
  const error = await sent
  expect(isOutcomeUnknown(error)).toBe(true)
  expect(published).toEqual(['first'])
})

test('P1: what synchronous replication has not taken is not acknowledged, also when it is sent again', async () => {
  await using postgres = await startPostgresServer()
  const admin = openDb(postgres.url(), { poolSize: 1, timeouts: maintenanceTimeouts })
  await migrateDb(admin)
  const channelId = await makeChannel(admin)
  const strict = openDb(postgres.url(), { poolSize: 2, timeouts: { ...timeouts, statement: 300 } })
  const strictWriter = new MessageWriter(strict, kit.server.app.webhookJobs)
  const send = () => outcome(strictWriter.write(newMessage(channelId as ChannelId, 'alone', 'name')))
  const waitForStandby = async (name: string): Promise<void> => {
    await admin.runScript(`ALTER SYSTEM SET synchronous_standby_names TO '${name}'`)
    await admin.runScript('SELECT pg_reload_conf()')
    const setting = `SELECT FROM pg_stat_activity, pg_settings WHERE name = 'synchronous_standby_names' AND setting = '${name}'`
    await waitFor(async () => (await strict.run(setting, [])).length > 0)
  }
  await waitForStandby('nobody')
  expect(isOutcomeUnknown(await send())).toBe(true)
  // Its backend still waits, and holds the lock of the channel.
  expect(isUnavailable(await send())).toBe(true)
  await admin.run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`, [])
  // Now the row is there for all to see, on this server only.
  const seen = `SELECT FROM messages WHERE client_message_id = 'name'`
  await waitFor(async () => (await admin.run(seen, [])).length === 1)
  expect(isOutcomeUnknown(await send())).toBe(true)
  await waitForStandby('')
  expect(await send()).toBe(0)
  await Promise.all([strict.close(), admin.close()])
})

async function makeChannel(on: Db): Promise<string> {
  const secrets = createSecretBox('ab'.repeat(32))
  const service = await on.transaction((tx) => createAccount(tx, secrets, newSid('AC'), 'a token of an account'))
  const { id } = await insertChannel(on, {
    id: newSid('CH'),
    serviceId: service.id,
    uniqueName: null,
    friendlyName: null,
    type: 'public',
    attributes: '{}',
    createdBy: 'system',
  })
  return id
}
