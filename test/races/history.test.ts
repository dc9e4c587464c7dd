import { execFile } from 'node:child_process'
import { join as joinPath } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  AddMemberDocument,
  EventsDocument,
  LeaveChannelDocument,
  MessageBodiesDocument,
  UpdateUserDocument,
  UserUpdatedDocument,
} from '../../schema/generated/graphql.ts'
import { authenticateUser } from '../../src/domain/chat/sign-in.ts'
import { History } from '../../src/domain/realtime/history.ts'
import { toCursor } from '../../src/model/cursor.ts'
import { sidToUuid, type Sid } from '../../src/model/sid.ts'
import { moveDeliveries, startDevices } from '../../src/store/delivery.ts'
import { readHistories } from '../../src/store/history.ts'
import { confirmed, deliveredIndex } from '../support/deliveries.ts'
import { engineName, isOfBackground } from '../support/engine.ts'
import { openKit, record, type Kit, type User } from '../support/kit.ts'
import { Reader, type ReaderOptions } from '../support/reader.ts'
import { makeScratch } from '../support/scratch.ts'
import { spawnServer } from '../support/server-binary.ts'
import { sweepByHand } from '../support/sweep.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let sweep: () => Promise<void>
beforeAll(async () => {
  kit = await openKit()
  sweep = sweepByHand(kit.server.app)
})
afterAll(() => kit.close())

/** What there is was written long ago, as far as the clocks of a database's servers may differ. */
async function age(channelId: string): Promise<void> {
  const { db } = kit.store
  const parameters = [sidToUuid(channelId as Sid)]
  const columns = "created_at = created_at - interval '1 hour', updated_at = updated_at - interval '1 hour'"
  await db.run(`UPDATE messages SET ${columns} WHERE channel_id = $1`, parameters)
  await db.run(`UPDATE members SET ${columns} WHERE channel_id = $1`, parameters)
  await db.run(`UPDATE channels SET ${columns} WHERE id = $1`, parameters)
}

/** Sets the channel back by its last messages, as a database does that is restored to a moment before them. */
async function lose(channelId: string, count: number): Promise<void> {
  await kit.store.db.transaction(async (tx) => {
    const id = sidToUuid(channelId as Sid)
    await tx.run(
      `UPDATE channels SET last_index = last_index - $2::int, last_seq = last_seq - $2::int,
         messages_count = messages_count - $2::int WHERE id = $1`,
      [id, count],
    )
    await tx.run(
      `DELETE FROM messages USING channels c
       WHERE c.id = $1 AND channel_id = c.id AND (index > c.last_index OR messages.seq > c.last_seq)`,
      [id],
    )
  })
}

/** What `fonechat restored` does, and what a new timeline of Postgres leads to. */
const beginHistory = () => readHistories(kit.store.db, { isWanted: true })

async function sendMany(channelId: string, prefix: string, count: number): Promise<string[]> {
  const texts: string[] = []
  for (let at = 0; at < count; at++) {
    const { index, body } = await kit.backend.send(channelId, `${prefix}${at}`)
    texts.push(`${index} ${body}`)
  }
  return texts
}

/** A channel with ten old messages and a member. */
async function furnish() {
  const user = await kit.user()
  const { id: channelId } = await kit.channel([user])
  await sendMany(channelId, 'old ', 10)
  await age(channelId)
  return { user, channelId }
}

type JoinOptions = ReaderOptions & { mode?: 'messages' | 'everything' | 'live'; after?: string }

/** A reader that has everything and is live. */
async function join(user: User, channelId: string, { mode = 'everything', after, ...options }: JoinOptions = {}) {
  const reader = await Reader.open(kit.server.app, user, { channelId, mode, after }, options)
  onTestFinished(() => reader.close())
  await reader.isLive(channelId)
  return reader
}

const lost = { code: 'CONFLICT', chatCode: undefined }
const everySent = (texts: readonly string[]) => texts.filter((text) => / new /.test(text))

describe('P3: when the counters of a channel have gone back', () => {
  test('everything that is sent since is delivered, after a gap, when the sweep comes first', async () => {
    const { user, channelId } = await furnish()
    const [reader, messages, typing] = [
      await join(user, channelId),
      await join(user, channelId, { mode: 'messages' }),
      await join(user, channelId, { mode: 'live', wants: (type) => type.startsWith('typing') }),
    ]
    await lose(channelId, 6)
    await sweep()
    await reader.receives('gap 4-9')
    const sent = await sendMany(channelId, 'new ', 9)
    await reader.receives(sent.at(-1)!)
    expect(reader.texts.slice(-10)).toEqual(['gap 4-9', ...sent])
    expect(sent[0]).toBe('4 new 0')
    expect(await messages.ended()).toEqual(lost)
    expect(messages.reason?.message).toContain('messages from 4 to 9')
    expect(typing.reason).toBeUndefined()
    const again = await join(user, channelId, { mode: 'messages' })
    await again.receives(sent.at(-1)!)
    expect(again.texts).toEqual(['0 old 0', '1 old 1', '2 old 2', '3 old 3', ...sent])
  })

  test('everything that was sent since is delivered, when the channel has outrun what was delivered before the sweep comes', async () => {
    const { user, channelId } = await furnish()
    const reader = await join(user, channelId)
    await lose(channelId, 6)
    await beginHistory()
    const sent = await sendMany(channelId, 'new ', 9)
    await reader.receives(sent.at(-1)!)
    expect(everySent(reader.texts)).toHaveLength(3)
    await sweep()
    await waitFor(() => reader.texts.filter((text) => text === sent.at(-1)).length === 2)
    expect(reader.texts.slice(-10)).toEqual(['gap 4-12', ...sent])
    const live = await sendMany(channelId, 'live ', 1)
    await reader.receives(live[0]!)
  })

  test('a reader that is still catching up goes back, too', async () => {
    const { user, channelId } = await furnish()
    const drain = Promise.withResolvers<void>()
    let isFull = true
    const reader = await Reader.open(
      kit.server.app,
      user,
      { channelId },
      { drained: () => (isFull ? drain.promise : undefined) },
    )
    onTestFinished(() => reader.close())
    await waitFor(() => kit.server.app.feeds.get(channelId)?.progress.index === 9)
    await lose(channelId, 6)
    await beginHistory()
    const sent = await sendMany(channelId, 'new ', 9)
    await sweep()
    isFull = false
    drain.resolve()
    await reader.receives(sent.at(-1)!)
    expect(everySent(reader.texts)).toEqual(sent)
  })

  test('a subscription that begins before the sweep finds it does not wait for it', async () => {
    const { user, channelId } = await furnish()
    const reader = await join(user, channelId)
    await lose(channelId, 6)
    const second = await join(await addMember(channelId), channelId)
    await reader.receives('gap 4-9')
    const sent = await sendMany(channelId, 'new ', 9)
    await reader.receives(sent.at(-1)!)
    await second.receives(sent.at(-1)!)
    expect(everySent(reader.texts)).toEqual(sent)
    expect(everySent(second.texts)).toEqual(sent)
  })

  test('a reader that has seen nothing that may be lost receives nothing of it', async () => {
    const { user, channelId } = await furnish()
    const readers = [await join(user, channelId), await join(user, channelId, { mode: 'messages' })]
    const before = readers.map(({ texts }) => texts)
    await beginHistory()
    await sweep()
    const [text] = await sendMany(channelId, 'new ', 1)
    for (const [at, reader] of readers.entries()) {
      await reader.receives(text!)
      expect(reader.texts).toEqual([...before[at]!, text])
    }
  })

  test('a channel that is not there any more ends its subscriptions', async () => {
    const { user, channelId } = await furnish()
    const reader = await join(user, channelId)
    await kit.store.db.run('DELETE FROM channels WHERE id = $1', [sidToUuid(channelId)])
    await sweep()
    expect(await reader.ended()).toEqual({ code: 'NOT_FOUND', chatCode: 50300 })
  })
})

async function addMember(channelId: string): Promise<User> {
  const user = await kit.user()
  await kit.backend.request(AddMemberDocument, { input: { channelId, identity: user.identity } })
  return user
}

describe('P3: a cursor', () => {
  test.each([
    ['of an older history', true],
    ['of a version that knew no histories, ahead of the channel', false],
  ])('%s is answered with a gap, and what there is', async (_what, isNamed) => {
    const { user, channelId } = await furnish()
    const { history } = kit.server.app
    const named = toCursor(channelId, { index: 9, seq: 11 }, history.present)
    const after = isNamed ? named : named.slice(0, named.lastIndexOf('.'))
    await lose(channelId, 6)
    await beginHistory()
    await sweep()
    // One that says of which history it is may be outrun.
    const before = isNamed ? await sendMany(channelId, 'new ', 9) : []
    const client = user.connect()
    const events = record(client, EventsDocument, { channelId, after })
    await events.atLeast(2)
    const sent = [...before, ...(await sendMany(channelId, 'new ', 9 - before.length))]
    const [ready, gap, ...rest] = (await events.atLeast(11)).map((item) => item.events)
    expect(ready).toMatchObject({ __typename: 'Ready' })
    expect(gap).toMatchObject({ __typename: 'Gap', from: 4, to: 9 })
    expect(rest.map((event) => 'message' in event && `${event.message.index} ${event.message.body}`)).toEqual(sent)
    const resumed = record(client, EventsDocument, { channelId, after: 'cursor' in gap! ? gap.cursor : '' })
    await resumed.atLeast(1)
    // How much of the rest comes again depends on what was confirmed meanwhile.
    await sendMany(channelId, 'last ', 1)
    const isLast = ({ events: event }: (typeof resumed.items)[number]) =>
      'message' in event && event.message.body?.startsWith('last')
    await waitFor(() => resumed.items.some(isLast))
    expect(resumed.items.map((item) => item.events.__typename)).not.toContain('Gap')
    await client.dispose()
  })

  test('of an older history ends a stream of messages with the reason, before anything is delivered', async () => {
    const { user, channelId } = await furnish()
    const after = toCursor(channelId, { index: 9, seq: 11 }, kit.server.app.history.present)
    await lose(channelId, 6)
    await beginHistory()
    await sweep()
    await sendMany(channelId, 'new ', 9)
    const client = user.connect()
    const messages = record(client, MessageBodiesDocument, { channelId, after })
    await messages.ended()
    expect(messages.errors).toMatchObject([[{ extensions: { code: 'CONFLICT' } }]])
    expect(messages.items).toEqual([])
    await client.dispose()
  })

  test('of what both histories share goes on as if nothing were', async () => {
    const { user, channelId } = await furnish()
    const after = toCursor(channelId, { index: 2, seq: 4 }, kit.server.app.history.present)
    await beginHistory()
    await sweep()
    const reader = await join(user, channelId, { after, mode: 'messages' })
    await reader.receives('9 old 9')
    expect(reader.texts).toHaveLength(7)
  })

  test('is decided by what came after its history, whether the table still has that or not', async () => {
    const { db } = kit.store
    const first = await History.open(db)
    const [one, two, three] = [await beginHistory(), await beginHistory(), await beginHistory()].map(({ beginnings }) =>
      beginnings.at(-1)!,
    )
    const history = await History.open(db)
    expect(history.present).toBe(three)
    expect(history.sharedUntil(three!)).toBeUndefined()
    const margin = 10_000
    expect(history.sharedUntil(first.present)).toEqual(new Date(one! - margin))
    expect(history.sharedUntil(two!)).toEqual(new Date(three! - margin))
    // A restore to a moment before the second began, which is lost with all that was in it.
    await db.run('DELETE FROM database_history WHERE began_at >= $1', [new Date(two!).toISOString()])
    const restored = await beginHistory()
    expect((await History.open(db)).sharedUntil(two!)).toEqual(new Date(restored.beginnings.at(-1)! - margin))
    await sweep()
  })
})

describe('P4: the queue of a device', () => {
  const deviceId = 'phone'

  async function furnishDevice() {
    const { user, channelId } = await furnish()
    const { userId } = await authenticateUser(kit.server.app, user.token)
    const [start] = await startDevices(kit.store.db, [{ userId, channelId, deviceId }])
    await moveDeliveries(kit.store.db, [{ ...start!, deviceId, index: 9, seq: 11 }])
    return { user, channelId }
  }

  test('that is ahead of its channel does not swallow what is sent since', async () => {
    const { user, channelId } = await furnishDevice()
    await lose(channelId, 6)
    const ahead = await Reader.open(kit.server.app, user, { channelId, mode: 'messages' }, { deviceId })
    expect(await ahead.ended()).toEqual(lost)
    expect(await deliveredIndex(kit.store, channelId, user.identity, deviceId)).toBe(3)
    const sent = await sendMany(channelId, 'new ', 9)
    const reader = await join(user, channelId, { deviceId, mode: 'messages' })
    await reader.receives(sent.at(-1)!)
    expect(reader.texts).toEqual(sent)
  })

  test('is taken back with the feed, for its client and for all others of the channel', async () => {
    const { user, channelId } = await furnishDevice()
    await join(await addMember(channelId), channelId)
    await age(channelId)
    await lose(channelId, 6)
    await beginHistory()
    const sent = await sendMany(channelId, 'new ', 9)
    await sweep()
    await waitFor(async () => (await deliveredIndex(kit.store, channelId, user.identity, deviceId)) === 3)
    const reader = await join(user, channelId, { deviceId, mode: 'messages' })
    await reader.receives(sent.at(-1)!)
    expect(reader.texts).toEqual(sent)
  })

  test('goes on to be confirmed by pings when it has gone back', async () => {
    const { user, channelId } = await furnish()
    const client = user.connect({ deviceId })
    const events = record(client, EventsDocument, { channelId })
    await confirmed(kit.store, channelId, user.identity, 9, deviceId)
    await lose(channelId, 6)
    await beginHistory()
    await sweep()
    await waitFor(() => events.items.some((item) => item.events.__typename === 'Gap'))
    expect(await deliveredIndex(kit.store, channelId, user.identity, deviceId)).toBe(3)
    await sendMany(channelId, 'new ', 2)
    await confirmed(kit.store, channelId, user.identity, 5, deviceId)
    await client.dispose()
  })
})

describe('P3: when the counters of a user have gone back', () => {
  const openAll = async (user: User): Promise<Reader> => {
    const reader = await Reader.open(kit.server.app, user, {})
    onTestFinished(() => reader.close())
    return reader
  }

  /** The memberships as they were: of the one the joining is undone, of the other the leaving. */
  async function undo(userId: string, joined: string, left: string): Promise<void> {
    const { db } = kit.store
    const user = sidToUuid(userId as Sid)
    await db.run('DELETE FROM members WHERE user_id = $1 AND channel_id = $2', [user, sidToUuid(joined as Sid)])
    await db.run('UPDATE channels SET last_seq = last_seq - 1, members_count = members_count - 1 WHERE id = $1', [
      sidToUuid(joined as Sid),
    ])
    await db.run(
      'UPDATE members SET left_at = NULL, seq = seq - 1, user_seq = user_seq - 1 WHERE user_id = $1 AND channel_id = $2',
      [user, sidToUuid(left as Sid)],
    )
    await db.run('UPDATE channels SET last_seq = last_seq - 1, members_count = members_count + 1 WHERE id = $1', [
      sidToUuid(left as Sid),
    ])
    await db.run('UPDATE users SET last_seq = last_seq - 2 WHERE id = $1', [user])
  }

  test('its channels are those of its memberships', async () => {
    const user = await kit.user()
    const [kept, left, joined] = [await kit.channel([user]), await kit.channel([user]), await kit.channel()]
    const { userId } = await authenticateUser(kit.server.app, user.token)
    for (const { id } of [kept, left, joined]) await age(id)
    const reader = await openAll(user)
    await user.request(LeaveChannelDocument, { input: { channelId: left.id } })
    await kit.backend.request(AddMemberDocument, { input: { channelId: joined.id, identity: user.identity } })
    await kit.backend.send(joined.id, 'as a member')
    await reader.receives('0 as a member')
    await undo(userId, joined.id, left.id)
    // The delivery row of the membership that ended went with it.
    await kit.store.db.run(
      `INSERT INTO deliveries (channel_id, member_id, device_id, delivered_index, delivered_seq)
       SELECT channel_id, id, '', -1, 0 FROM members WHERE user_id = $1 AND channel_id = $2`,
      [sidToUuid(userId), sidToUuid(left.id)],
    )
    await beginHistory()
    await sweep()
    await kit.backend.send(joined.id, 'to members')
    await kit.backend.send(left.id, 'to a member again')
    await reader.receives('0 to a member again')
    await kit.backend.send(kept.id, 'to a member')
    await reader.receives('0 to a member')
    expect(reader.texts).not.toContain('1 to members')
    expect(reader.reason).toBeUndefined()
  })

  test('its fields are emitted anew, and without the user the subscription ends', async () => {
    const user = await kit.user()
    const { userId } = await authenticateUser(kit.server.app, user.token)
    const client = user.connect()
    const updates = record(client, UserUpdatedDocument, {})
    await waitFor(() => kit.server.app.userFeeds.get(userId)?.listenerCount === 2)
    await kit.backend.request(UpdateUserDocument, { input: { userId, friendlyName: 'lost' } })
    await updates.atLeast(1)
    await kit.store.db.run('UPDATE users SET friendly_name = $2, last_seq = 0, seq = 0 WHERE id = $1', [
      sidToUuid(userId),
      'kept',
    ])
    await sweep()
    await updates.atLeast(2)
    expect(updates.items.map((item) => item.userUpdated.friendlyName)).toEqual(['lost', 'kept'])
    await kit.store.db.run('DELETE FROM users WHERE id = $1', [sidToUuid(userId)])
    await sweep()
    await updates.ended()
    await client.dispose()
  })
})

describe('the sweep', () => {
  test('takes one statement, and none follow where nothing has moved', async () => {
    const { user, channelId } = await furnish()
    await join(user, channelId)
    await sweep()
    const statements = await kit.store.statementsOf(() => sweep())
    const isOfSweep = (statement: string): boolean => statement.includes('database_history')
    const ours = statements.map(({ statement }) => statement).filter((one) => isOfSweep(one) || !isOfBackground(one))
    expect(ours).toEqual([expect.stringContaining('database_history')])
  })
})

describe('`fonechat restored`', () => {
  const run = (env: Record<string, string>, ...args: string[]) =>
    promisify(execFile)(process.execPath, [joinPath(import.meta.dirname, '../../src/fonechat.ts'), ...args], {
      env: { PATH: process.env['PATH'], LOG_LEVEL: 'fatal', SECRET_KEY: 'ab'.repeat(32), ...env },
      timeout: 60_000,
    })

  test.runIf(engineName === 'cluster')('begins a history on Postgres while servers run', async () => {
    const before = kit.server.app.history.present
    const { stdout } = await run({ DATABASE_URL: kit.store.databaseUrl! }, 'restored')
    expect(stdout.trim().split('\n')).toHaveLength(1)
    await sweep()
    expect(kit.server.app.history.present).toBeGreaterThan(before)
  })

  test.runIf(engineName === 'embedded')(
    'begins one in a folder, unless a server uses it',
    { timeout: 120_000 },
    async () => {
      await using scratch = await makeScratch()
      const env = { DATA_DIR: joinPath(scratch.path, 'data') }
      const server = await spawnServer(env)
      await server.ready()
      await expect(run(env, 'restored')).rejects.toThrow('is in use by another process')
      server.kill('SIGTERM')
      await server.exited()
      expect((await run(env, 'restored')).stdout).toContain('new history')
      await server[Symbol.asyncDispose]()
    },
  )
})
