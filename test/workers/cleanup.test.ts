import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  CancelScheduledMessageDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  SendMentionDocument,
  UnsaveMessageDocument,
} from '../../schema/generated/graphql.ts'
import { limits } from '../../src/model/limits.ts'
import { sidToUuid, type Sid } from '../../src/model/sid.ts'
import { batchRows } from '../../src/store/engine/batch.ts'
import { beforeEnded, deleteUnseenMentions, firstEnded } from '../../src/store/unseen-mention.ts'
import { Cleanup } from '../../src/workers/cleanup.ts'
import { engineName } from '../support/engine.ts'
import { openKit, type Kit, type User } from '../support/kit.ts'
import { cancel, makeDue, saveMessage, savedOf, schedule, scheduledOf } from '../support/later.ts'
import { refusalOf } from '../support/refusal.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let alice: User
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
})
afterAll(() => kit.close())

const clean = () =>
  new Cleanup(kit.store.maintenance, { devices: 30, webhookDeliveries: 7, audit: 365 }, kit.server.app.logger).close()

const uuid = (sid: string) => sidToUuid(sid as Sid)

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()

test('what was scheduled and has ended, and what was saved and taken out, is kept for 30 days', async () => {
  const { id: channelId } = await kit.channel([alice])
  const make = async (body: string) => (await schedule(alice, { channelId, body, clientMessageId: body })).id
  const ids = { cancelled: '', sent: '', failed: '', fresh: '', waiting: '' }
  for (const name of Object.keys(ids) as (keyof typeof ids)[]) ids[name] = await make(name)
  await cancel(alice, ids.cancelled)
  await cancel(alice, ids.fresh)
  await makeDue(kit, ids.sent)
  await makeDue(kit, ids.failed, 25 * 3_600_000)
  await waitFor(async () => (await scheduledOf(alice)).map(({ state }) => state).join() === 'FAILED,WAITING')
  const messages = [await alice.send(channelId, 'taken out'), await alice.send(channelId, 'just now')]
  const saved = await alice.send(channelId, 'saved')
  for (const { id } of [...messages, saved]) await saveMessage(alice, id)
  for (const { id: messageId } of messages) await alice.request(UnsaveMessageDocument, { input: { messageId } })
  const { db } = kit.store
  const age = (days: number) =>
    Promise.all([
      db.run('UPDATE scheduled_messages SET updated_at = $1::timestamptz WHERE id <> $2::uuid', [
        daysAgo(days),
        uuid(ids.fresh),
      ]),
      db.run(
        `UPDATE saved_messages SET updated_at = $1::timestamptz, saved_at = $1::timestamptz,
           removed_at = CASE WHEN removed_at IS NOT NULL THEN $1::timestamptz END
         WHERE message_id <> $2::uuid`,
        [daysAgo(days), uuid(messages[1]!.id)],
      ),
    ])
  const kept = async () => {
    const rows = await db.run<{ id: string }>(
      'SELECT id FROM scheduled_messages UNION ALL SELECT message_id FROM saved_messages',
      [],
    )
    return rows.map(({ id }) => id.replaceAll('-', '')).toSorted()
  }
  const uuids = (...sids: string[]) => sids.map(uuid).toSorted()
  await age(limits.endedDays - 1)
  const all = await kept()
  expect(all).toEqual(uuids(...Object.values(ids), ...messages.map(({ id }) => id), saved.id))
  await clean()
  expect(await kept()).toEqual(all)
  await age(limits.endedDays + 1)
  await clean()
  expect(await kept()).toEqual(uuids(ids.fresh, ids.waiting, messages[1]!.id, saved.id))
  expect((await scheduledOf(alice)).map(({ id }) => id)).toEqual([ids.waiting])
  expect((await savedOf(alice)).map(({ messageId }) => messageId)).toEqual([saved.id])
  const input = { scheduledMessageId: ids.failed }
  expect(await refusalOf(alice, CancelScheduledMessageDocument, { input })).toMatchObject({ code: 'NOT_FOUND' })
  // Saving anew and scheduling anew under the same name begin from nothing.
  expect(await saveMessage(alice, messages[0]!.id)).toMatchObject({ remindAt: null, remindedAt: null })
  expect((await schedule(alice, { channelId, body: 'again', clientMessageId: 'sent' })).id).not.toBe(ids.sent)
})

test('what is cleaned away while its author changes it is not found', async () => {
  const { id: channelId } = await kit.channel([alice])
  const { id } = await schedule(alice, { channelId, body: 'failed' })
  const { maintenance, statements } = kit.store
  const input = { scheduledMessageId: id }
  let refusal: Promise<unknown> | undefined
  await maintenance.transaction(async (tx) => {
    await tx.run('SELECT FROM users WHERE identity = $1 FOR UPDATE', [alice.identity])
    statements.splice(0)
    refusal = refusalOf(alice, CancelScheduledMessageDocument, { input })
    // The embedded engine has one connection, and does nothing else before the commit.
    if (engineName === 'cluster') {
      await waitFor(() => statements.some((one) => /^update "users" set "last_seq"/i.test(one)))
    }
    await tx.run('DELETE FROM scheduled_messages WHERE id = $1', [uuid(id)])
  })
  expect(await refusal).toMatchObject({ code: 'NOT_FOUND' })
})

const mentionedIn = async (channelId: string) =>
  (
    await kit.store.db.run<{ index: number }>('SELECT index FROM mentions WHERE channel_id = $1 ORDER BY index', [
      uuid(channelId),
    ])
  ).map(({ index }) => index)

test('mentions of those who have left go, and of those who have joined again what they do not see', async () => {
  const users = { gone: await kit.user('gone'), back: await kit.user('back'), stays: await kit.user('stays') }
  const { id: channelId } = await kit.channel([alice, ...Object.values(users)])
  const { id: elsewhere } = await kit.channel([alice, ...Object.values(users)])
  const name = async (channel: string, { identity }: User) => {
    const input = { channelId: channel, body: 'hello', mentions: { identities: [identity] } }
    return (await alice.request(SendMentionDocument, { input })).sendMessage.message.index
  }
  const named = { gone: 0, back: 0, stays: 0 }
  for (const who of ['gone', 'back', 'stays'] as const) named[who] = await name(channelId, users[who])
  for (const who of ['gone', 'back'] as const) await name(elsewhere, users[who])
  for (const who of ['gone', 'back'] as const) {
    await users[who].request(LeaveChannelDocument, { input: { channelId } })
  }
  await users.back.request(JoinChannelDocument, { input: { channelId } })
  const since = await name(channelId, users.back)
  expect(await mentionedIn(channelId)).toEqual([...Object.values(named), since])
  await clean()
  expect(await mentionedIn(channelId)).toEqual([named.stays, since])
  expect(await mentionedIn(elsewhere)).toHaveLength(2)
})

test('a cleanup of many mentions goes on where it came to, and finds what has ended since', async () => {
  const { id: channelId } = await kit.channel([alice])
  const { maintenance } = kit.store
  const [bob, carol] = [await kit.user('bob'), await kit.user('carol')]
  for (const { identity } of [bob, carol]) {
    await kit.backend.request(AddMemberDocument, { input: { channelId, identity } })
  }
  const count = 2 * batchRows + 5
  await maintenance.run(
    `INSERT INTO mentions (user_id, channel_id, index, created_at, is_silent)
     SELECT user_id, channel_id, n, now(), false FROM members, generate_series(0, $2::int - 1) AS n
     WHERE channel_id = $1 AND identity = ANY ($3)`,
    [uuid(channelId), count, [bob.identity, carol.identity]],
  )
  await bob.request(LeaveChannelDocument, { input: { channelId } })
  let place = firstEnded
  const deleted: number[] = []
  const cleanup = async () => {
    for (;;) {
      const page = await deleteUnseenMentions(maintenance, place)
      deleted.push(page.deleted)
      place = page.place
      if (!page.hasMore) return
    }
  }
  await cleanup()
  expect(deleted).toEqual([batchRows, batchRows, 5])
  expect(await mentionedIn(channelId)).toHaveLength(count)
  await cleanup()
  expect(deleted.splice(0)).toEqual([batchRows, batchRows, 5, 0])
  await carol.request(LeaveChannelDocument, { input: { channelId } })
  await cleanup()
  expect(await mentionedIn(channelId)).toEqual([])
  // Once more, as an hour later: what was committed late, or was locked, is looked at again.
  const [row] = await maintenance.run<{ user_id: string }>('SELECT id AS user_id FROM users WHERE identity = $1', [
    carol.identity,
  ])
  await maintenance.run('INSERT INTO mentions VALUES ($1, $2, 3, now(), false)', [row!.user_id, uuid(channelId)])
  await cleanup()
  expect(await mentionedIn(channelId)).toEqual([3])
  place = beforeEnded(place)
  await cleanup()
  expect(await mentionedIn(channelId)).toEqual([])
})
