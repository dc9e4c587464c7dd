import { afterAll, beforeAll, expect, test } from 'vitest'
import { MemberDocument } from '../../../schema/generated/graphql.ts'
import { ReadWriter } from '../../../src/domain/chat/read-writer.ts'
import { uuidToSid } from '../../../src/model/sid.ts'
import { openDb, type DatabaseTimeouts, type Db } from '../../../src/store/engine/db.ts'
import { isLockTimeout } from '../../../src/store/engine/fault.ts'
import type { Read } from '../../../src/store/read-write.ts'
import { openKit, type Kit, type User } from '../../support/kit.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

function openWriter(timeouts: Partial<DatabaseTimeouts>) {
  const db = openDb(kit.store.databaseUrl!, { poolSize: 4, timeouts })
  return { db, writer: new ReadWriter(db, kit.server.app.webhookJobs) }
}

/** A user with one channel of ten messages, and how it reads there. */
async function furnish() {
  const user = await kit.user()
  const { id: channelId } = await kit.channel([user])
  for (let at = 0; at < 10; at++) await kit.backend.send(channelId, `${at}`)
  const [row] = await kit.store.db.run<{ id: string; user_id: string }>(
    'SELECT id, user_id FROM members WHERE identity = $1',
    [user.identity],
  )
  const read = (index: number | null, kind: Read['kind'] = 'advance'): Read => ({
    channelId,
    memberId: uuidToSid('MB', row!.id),
    userId: uuidToSid('US', row!.user_id),
    kind,
    index,
  })
  return { user, channelId, read, userUuid: row!.user_id }
}

const lastReadIndexOf = async (user: User, channelId: string) =>
  (await user.request(MemberDocument, { channelId, identity: user.identity })).member!.lastReadIndex

/** Keeps a user's row locked until it is released. */
async function lock(userUuid: string): Promise<() => Promise<void>> {
  const locked = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const holder: Db = openDb(kit.store.databaseUrl!, { poolSize: 1, timeouts: { idleTransaction: 60_000 } })
  const held = holder.transaction(async (tx) => {
    await tx.run('SELECT FROM users WHERE id = $1::uuid FOR UPDATE', [userUuid])
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

test('reads of others do not wait for a user that somebody keeps locked, and its own come when it is free', async () => {
  const { db, writer } = openWriter({ lock: 60_000, statement: 60_000, total: 120_000 })
  const [alice, bob] = [await furnish(), await furnish()]
  const unlock = await lock(alice.userUuid)
  const order: string[] = []
  const ofAlice = writer.write(alice.read(4)).then(() => order.push('alice'))
  for (let index = 0; index < 3; index++) await writer.write(bob.read(index))
  order.push('bob')
  await unlock()
  await ofAlice
  expect(order).toEqual(['bob', 'alice'])
  expect(await lastReadIndexOf(alice.user, alice.channelId)).toBe(4)
  expect(await lastReadIndexOf(bob.user, bob.channelId)).toBe(2)
  await writer.close()
  await db.close()
})

test('a user that stays locked is refused, and reads again once it is free', async () => {
  const { db, writer } = openWriter({ lock: 200 })
  const alice = await furnish()
  const unlock = await lock(alice.userUuid)
  const error: unknown = await writer.write(alice.read(4)).catch((failure: unknown) => failure)
  expect(isLockTimeout(error)).toBe(true)
  await unlock()
  expect((await writer.write(alice.read(5)))!.member.lastReadIndex).toBe(5)
  await db.close()
})

test('what waits for one member is written in its order, and what only moves forwards as one', async () => {
  const { db, writer } = openWriter({ lock: 60_000, statement: 60_000, total: 120_000 })
  const alice = await furnish()
  const unlock = await lock(alice.userUuid)
  const reads = [
    alice.read(1),
    alice.read(3),
    alice.read(2),
    alice.read(0, 'set'),
    alice.read(2),
    alice.read(1, 'mark'),
    alice.read(null, 'set'),
  ]
  const written = reads.map((read) => writer.write(read))
  await unlock()
  const states = (await Promise.all(written)).map((one) => [one!.member.lastReadIndex, one!.member.unreadFrom])
  // The first may be under way by itself before the others come.
  expect(states.slice(1)).toEqual([
    [3, null],
    [3, null],
    [0, null],
    [2, null],
    [2, 1],
    [null, null],
  ])
  expect(await lastReadIndexOf(alice.user, alice.channelId)).toBeNull()
  await writer.close()
  await db.close()
})

test('many reads of many members are written and numbered without a gap', async () => {
  const { db, writer } = openWriter({})
  const readers = await Promise.all(Array.from({ length: 5 }, furnish))
  const written = await Promise.all(
    Array.from({ length: 10 }, (_, index) => readers.map(({ read }) => writer.write(read(index, 'set')))).flat(),
  )
  for (const [at, { user }] of readers.entries()) {
    const seqs = written.flatMap((one, number) => (number % 5 === at ? one!.seq! : []))
    expect(seqs).toEqual(seqs.map((_, step) => seqs[0]! + step))
    const [row] = await db.run<{ last_seq: number }>('SELECT last_seq FROM users WHERE identity = $1', [user.identity])
    expect(row!.last_seq).toBe(seqs.at(-1))
  }
  await db.close()
})
