import { and, eq, ne } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { authenticateUser } from '../../src/domain/chat/sign-in.ts'
import { limits } from '../../src/model/limits.ts'
import type { ChannelId, MemberId, UserId } from '../../src/model/sid.ts'
import { moveDeliveries, startDeliveries, startDevices } from '../../src/store/delivery.ts'
import { deliveries } from '../../src/store/tables/delivery.ts'
import { deliveredIndex } from '../support/deliveries.ts'
import { engineName, isOfBackground } from '../support/engine.ts'
import { openKit, type Kit, type User } from '../support/kit.ts'
import { Reader } from '../support/reader.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

/** In one channel, as those that come back do, or in all. */
async function start(userId: UserId, channelId: string | undefined, deviceId: string) {
  const { db } = kit.store
  if (channelId === undefined) return startDeliveries(db, userId, deviceId)
  return startDevices(db, [{ userId, channelId: channelId as ChannelId, deviceId }])
}

/** Its devices connect, one after the other, in one channel or in all. */
async function connect(user: User, devices: readonly string[], channelId?: string): Promise<void> {
  const { userId } = await authenticateUser(kit.server.app, user.token)
  for (const deviceId of devices) await start(userId, channelId, deviceId)
}

/** The embedded engine's clock has whole milliseconds; of devices seen in the same one the first by name goes. */
const named = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${prefix} ${at}`)

/** Those of the channel's one member, sorted. */
async function devicesIn(channelId: ChannelId): Promise<string[]> {
  const rows = await kit.store.db.orm
    .select({ deviceId: deliveries.deviceId })
    .from(deliveries)
    .where(and(eq(deliveries.channelId, channelId), ne(deliveries.deviceId, '')))
  return rows.map(({ deviceId }) => deviceId).sort()
}

/** What connecting sends to the database. */
async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const sent = await kit.store.statementsOf(work)
  return sent
    .map(({ statement }) => statement)
    .filter((statement) => !isOfBackground(statement))
    .map((statement) => (/DELETE FROM deliveries/.test(statement) ? 'evict' : /INSERT INTO (\w+)/.exec(statement)![1]!))
}

test('P4: of more than 100 devices of a member the one longest unseen goes, never the newest or the member’s own', async () => {
  const bob = await kit.user('bob')
  const { id: channelId } = await kit.channel([bob])
  const all = named('device', limits.memberDevices)
  await connect(bob, all, channelId)
  expect(await devicesIn(channelId)).toEqual(all.toSorted())
  // Seen again, so the second is now the one longest unseen.
  await connect(bob, [all[0]!], channelId)
  await connect(bob, ['one more'], channelId)
  expect(await devicesIn(channelId)).toEqual([...all.slice(2), all[0]!, 'one more'].toSorted())
  expect(await deliveredIndex(kit.store, channelId, bob.identity)).toBe(-1)
})

test('P4: a device that confirms is seen, and one that went begins where the member’s furthest device is', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([bob, alice])
  for (const body of ['first', 'second', 'third']) await alice.send(channelId, body)
  const { userId } = await authenticateUser(kit.server.app, bob.token)
  const [{ memberId } = { memberId: '' }] = await start(userId, channelId, 'phone')
  await connect(bob, ['old tablet', ...named('tab', limits.memberDevices - 2)], channelId)
  await moveDeliveries(kit.store.db, [
    { channelId, memberId: memberId as MemberId, deviceId: 'phone', index: 0, seq: 0 },
  ])
  await moveDeliveries(kit.store.db, [
    { channelId, memberId: memberId as MemberId, deviceId: 'tab 7', index: 1, seq: 0 },
  ])
  await connect(bob, ['one more'], channelId)
  expect(await deliveredIndex(kit.store, channelId, bob.identity, 'old tablet')).toBeUndefined()
  expect(await deliveredIndex(kit.store, channelId, bob.identity, 'phone')).toBe(0)
  const { app } = kit.server
  for (const [deviceId, expected] of [
    ['phone', ['1 second', '2 third']],
    ['old tablet', ['2 third']],
  ] as const) {
    const reader = await Reader.open(app, bob, { channelId }, { deviceId })
    await reader.receives('2 third')
    expect([deviceId, reader.texts.filter((text) => /^\d /.test(text))]).toEqual([deviceId, expected])
    reader.close()
  }
})

test('P4: over all channels of a user, each that has too many loses one, and other members lose none', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const [full, fresh] = [(await kit.channel([bob])).id, (await kit.channel([bob])).id]
  const shared = (await kit.channel([alice])).id
  const all = named('device', limits.memberDevices)
  await connect(bob, all, full)
  await connect(alice, all)
  await connect(bob, ['one more'])
  expect(await devicesIn(full)).toEqual([...all.slice(1), 'one more'].toSorted())
  expect(await devicesIn(fresh)).toEqual(['one more'])
  expect(await devicesIn(shared)).toEqual(all.toSorted())
})

test('a known device costs one statement, a new one two, in one channel and in all', async () => {
  const bob = await kit.user('bob')
  const { id: channelId } = await kit.channel([bob])
  await kit.channel([bob])
  const { userId } = await authenticateUser(kit.server.app, bob.token)
  const started = (channel: string | undefined, device: string) => statementsOf(() => start(userId, channel, device))
  expect(await started(channelId, 'phone')).toEqual(['deliveries', 'evict'])
  expect(await started(channelId, 'phone')).toEqual(['deliveries'])
  expect(await started(undefined, 'phone')).toEqual(['deliveries', 'evict'])
  expect(await started(undefined, 'phone')).toEqual(['deliveries'])
  expect(await started(undefined, '')).toEqual(['deliveries'])
  expect(await started(channelId, '')).toEqual(['deliveries'])
})

// On the embedded engine nothing happens meanwhile: there is one connection.
test.runIf(engineName === 'cluster')('P4: a device that is seen while another takes its place keeps it', async () => {
  const bob = await kit.user('bob')
  const { id: channelId } = await kit.channel([bob])
  const all = named('device', limits.memberDevices)
  await connect(bob, all, channelId)
  let connected: Promise<void> | undefined
  await kit.store.db.transaction(async (tx) => {
    await tx.orm
      .update(deliveries)
      .set({ seenAt: new Date() })
      .where(and(eq(deliveries.channelId, channelId), eq(deliveries.deviceId, all[0]!)))
    connected ??= connect(bob, ['one more'], channelId)
    await waitFor(async () => {
      const [row] = await kit.store.maintenance.run<{ waiting: number }>(
        `SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
        [],
      )
      return row!.waiting === 1
    })
  })
  await connected
  expect(await devicesIn(channelId)).toEqual([...all, 'one more'].toSorted())
  await connect(bob, ['yet another'], channelId)
  expect(await devicesIn(channelId)).toEqual([all[0]!, ...all.slice(3), 'one more', 'yet another'].toSorted())
})

test('P4: many devices of one user that connect and confirm at once leave a hundred, without a deadlock', async () => {
  const bob = await kit.user('bob')
  const channels = [await kit.channel([bob]), await kit.channel([bob]), await kit.channel([bob])]
  const { userId } = await authenticateUser(kit.server.app, bob.token)
  const old = named('old', limits.memberDevices)
  await connect(bob, old)
  const meet = async (number: number): Promise<void> => {
    const deviceId = old[number]!
    const [starts] = await Promise.all([
      startDeliveries(kit.store.db, userId, deviceId),
      startDeliveries(kit.store.db, userId, `new ${number}`),
    ])
    await moveDeliveries(
      kit.store.db,
      starts.map((start) => ({ ...start, deviceId, index: 0, seq: 0 })),
    )
  }
  // Ten at a time: the embedded engine has one connection, for which nobody waits longer than two seconds.
  for (let at = 0; at < old.length; at += 10)
    await Promise.all(Array.from({ length: 10 }, (_, more) => meet(at + more)))
  await connect(bob, ['the last'])
  for (const { id } of channels) {
    const devices = await devicesIn(id)
    expect(devices).toHaveLength(limits.memberDevices)
    expect(devices).toContain('the last')
  }
})
