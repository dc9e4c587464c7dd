import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  sidToUuid,
  uuidToSid,
  type ChannelId,
  type MemberId,
  type ServiceId,
  type UserId,
  type KeywordRuleId,
  newSid,
} from '../../src/model/sid.ts'
import { deleteOldAuditEntries, eraseAuditEntries, readAuditPage } from '../../src/store/audit-entry.ts'
import { readAddedAfter, readChanges } from '../../src/store/change.ts'
import { readChannelKeys, readChannelListRows } from '../../src/store/channel-list.ts'
import { readJoinableChannels, readPublicChannels, refreshChannelSummaries } from '../../src/store/channel-summary.ts'
import { readChannelAccesses, readChannelPage, readChannelsInOrder } from '../../src/store/channel.ts'
import { readDeliveryBacklogs } from '../../src/store/delivery-backlog.ts'
import { moveDeliveries, readPendingMessages, startDevices } from '../../src/store/delivery.ts'
import { readDraftPage } from '../../src/store/draft.ts'
import { batchRows } from '../../src/store/engine/batch.ts'
import { readPositionBefore, readUserSharing } from '../../src/store/history.ts'
import { readServiceInvitePage, readUserInvitePage } from '../../src/store/invite.ts'
import { findJobThings, isStillWanted } from '../../src/store/job-things.ts'
import { claimJob, isOtherAccountWaiting, passTurn, readJobPage, readNextJobDue } from '../../src/store/job.ts'
import { readFirstMembers, readMemberByIdentity, readMemberPage, readOwnMembers } from '../../src/store/member.ts'
import { readMentionCounts, readMentionPage, readMentionTotal } from '../../src/store/mention.ts'
import { readExtras, readPinnedPage } from '../../src/store/message-extras.ts'
import {
  countStreams,
  readSilentStreams,
  readStreamOwner,
  readStreamPage,
  readStreamedTexts,
  storeStreamedTexts,
} from '../../src/store/message-stream.ts'
import { readLastMessages, readMessagePage, readRepeatedMessages } from '../../src/store/message.ts'
import { deleteProcessMinutes, readProcesses, readProcessMinutes } from '../../src/store/process.ts'
import { readFirstUnread, readUnreadCounts, readUnreadMembers, readUnreadTotals } from '../../src/store/read-state.ts'
import { readMemberReceipts, readReceipts } from '../../src/store/receipt.ts'
import { deleteUnsaved, readDueReminders, readSavedPage } from '../../src/store/saved-message.ts'
import {
  claimScheduledMessages,
  deleteEndedScheduled,
  fillServicesOfScheduled,
  findScheduledMessage,
  readNextDue,
  readScheduledOfService,
  readScheduledPage,
} from '../../src/store/scheduled-message.ts'
import { readServiceOfRule } from '../../src/store/service.ts'
import { messageStreams } from '../../src/store/tables/message-stream.ts'
import { deleteUnseenMentions, firstEnded } from '../../src/store/unseen-mention.ts'
import { readUserChanges } from '../../src/store/user-change.ts'
import { readParticipants, readUserCounters, readUsersByIdentities, readUsersByIdentity } from '../../src/store/user.ts'
import { waitingWorkStatement } from '../../src/store/waiting-work.ts'
import {
  readQueueHeads,
  readWebhookDelivery,
  readWebhookDeliveryPage,
} from '../../src/store/webhooks/webhook-delivery.ts'
import { readWaitingForEndpoints } from '../../src/store/webhooks/webhook-endpoint.ts'
import { countSettledSince } from '../../src/store/webhooks/webhook-replay.ts'
import { engineName } from '../support/engine.ts'
import { fillChannel } from '../support/filling.ts'
import { openKit, type Kit } from '../support/kit.ts'
import { plansOf } from '../support/plan.ts'

/** Messages of the one long channel; so many channels with one each stand beside it. */
const depth = engineName === 'cluster' ? 300_000 : 20_000
const threadedDepth = 20_000
const channelCount = 6000
const memberCount = 600

const size = 50
const ends = { after: undefined, before: undefined }

let kit: Kit
let long: ChannelId
let threaded: ChannelId
let serviceId: ServiceId
let userId: UserId
let memberId: MemberId

beforeAll(async () => {
  kit = await openKit()
  const { maintenance: db } = kit.store
  const alice = await kit.user('alice')
  long = (await kit.channel([alice])).id
  serviceId = kit.server.account.serviceId
  await fillChannel(db, long, depth)
  await fillService(sidToUuid(serviceId))
  const [row] = await db.run<{ user_id: string; id: string }>('SELECT user_id, id FROM members WHERE identity = $1', [
    alice.identity,
  ])
  userId = uuidToSid('US', row!.user_id)
  memberId = uuidToSid('MB', row!.id)
  await fillMemberships(sidToUuid(userId))
  await db.run(
    `INSERT INTO deliveries (channel_id, member_id, device_id, delivered_index, delivered_seq)
     SELECT channel_id, id, '', -1, 0 FROM members WHERE left_at IS NULL
     ON CONFLICT DO NOTHING`,
    [],
  )
  await fillRules(sidToUuid(serviceId))
  await db.run('UPDATE messages SET deleted_at = now() WHERE channel_id = $1 AND index % ($2::int / 20) = 7', [
    sidToUuid(long),
    depth,
  ])
  await db.run(
    `INSERT INTO message_extras (channel_id, index, seq, pin_seq, pinned_at)
     SELECT channel_id, index, seq, seq, CASE WHEN index % ($1::int / 100) = 0 THEN now() END FROM messages WHERE index % ($1::int / 2000) = 0`,
    [depth],
  )
  await db.run(
    `INSERT INTO thread_followers (channel_id, parent_index, user_id, is_followed, read_index, user_seq)
     SELECT channel_id, n, user_id, n % 2 = 0, -1, CASE WHEN n = 0 THEN user_seq ELSE 0 END FROM members, generate_series(0, 9) AS n WHERE left_at IS NULL`,
    [],
  )
  await db.run(
    `INSERT INTO mentions (user_id, channel_id, index, created_at, is_silent)
     SELECT user_id, channel_id, n, now(), false FROM members, generate_series(0, 9) AS n WHERE left_at IS NULL`,
    [],
  )
  await db.run('UPDATE messages SET mentions_channel = true WHERE channel_id = $1 AND index % ($2::int / 20) = 3', [
    sidToUuid(long),
    depth,
  ])
  await db.run(
    `INSERT INTO drafts (user_id, channel_id, parent_id, version, user_seq, content, client_message_id, updated_at)
     SELECT user_id, channel_id, id, 1, user_seq, '{}', id::text, now() FROM members`,
    [],
  )
  await db.run(
    `INSERT INTO scheduled_messages (user_id, id, service_id, channel_id, user_seq, content, send_at, due_at, created_at, updated_at)
     SELECT user_id, id, $1::uuid, channel_id, user_seq, '{}', at, at, at, at
     FROM (SELECT members.*, now() + interval '1 day' * row_number() OVER () AS at FROM members) AS members`,
    [sidToUuid(serviceId)],
  )
  await db.run(
    `INSERT INTO message_streams (channel_id, message_id, index, owner, appended_at, origin)
     SELECT channel_id, id, index, id, created_at, '{}' FROM messages WHERE index < 20`,
    [],
  )
  await db.run(
    `INSERT INTO saved_messages (user_id, message_id, channel_id, index, user_seq, saved_seq, saved_at, updated_at, remind_at)
     SELECT user_id, id, channel_id, 0, user_seq, user_seq, now(), now(), now() + interval '1 day' * row_number() OVER () FROM members`,
    [],
  )
  await db.run(
    `INSERT INTO user_channels (user_id, channel_id, user_seq) SELECT user_id, channel_id, user_seq FROM members WHERE left_at IS NULL
     ON CONFLICT DO NOTHING`,
    [],
  )
  await db.run(
    `INSERT INTO message_extras (channel_id, index, seq)
     SELECT channel_id, index, seq FROM messages WHERE channel_id = $1 AND index % 2 = 1`,
    [sidToUuid(long)],
  )
  await fillProcesses()
  await fillThreads()
  await fillDeliveries(sidToUuid(serviceId))
  await db.orm.execute(sql`VACUUM ANALYZE`)
  // On a busy machine it takes more than a minute.
}, 180_000)
afterAll(() => kit.close())

/**
 * Half public and half private channels with messages, and users, each in ten of them and in the long one, which each has
 * joined and left ten times before.
 */
async function fillService(service: string): Promise<void> {
  const { maintenance: db } = kit.store
  await db.run(
    `INSERT INTO channels (id, service_id, unique_name, updated_at, type, created_by, last_index, last_seq, messages_count, members_count, is_frozen)
     SELECT gen_random_uuid(), $1::uuid, 'channel ' || n, now() + n * interval '1 second', CASE WHEN n % 2 = 0 THEN 'public' ELSE 'private' END, 'system', 0, 1, 1, 0, n % 40 < 2
     FROM generate_series(1, $2::int) AS n`,
    [service, channelCount],
  )
  await db.run(
    `INSERT INTO messages (channel_id, index, id, seq, author, body, client_message_id, created_at, updated_at)
     SELECT id, 0, gen_random_uuid(), 1, 'someone', 'short', 'name', now(), now()
     FROM channels WHERE last_index = 0 AND service_id = $1::uuid`,
    [service],
  )
  await db.run(
    `WITH made AS (
       INSERT INTO users (id, service_id, identity, role_id)
       SELECT gen_random_uuid(), $1::uuid, 'user ' || n, default_service_role_id
       FROM services, generate_series(1, $3::int) AS n WHERE services.id = $1::uuid
       RETURNING id, identity
     ), joined AS (
       SELECT $2::uuid AS channel_id, NULL::timestamptz AS left_at
       UNION ALL
       SELECT $2::uuid, now() FROM generate_series(1, 10)
       UNION ALL
       (SELECT id, NULL FROM channels WHERE last_index = 0 LIMIT 10)
     )
     INSERT INTO members (channel_id, id, user_id, identity, role_id, seq, joined_seq, user_seq, left_at)
     SELECT channel_id, gen_random_uuid(), made.id, identity, default_channel_role_id, 1, 1, 1, left_at
     FROM made, joined, services WHERE services.id = $1::uuid`,
    [service, sidToUuid(long), memberCount],
  )
  await db.run(
    `INSERT INTO invites (channel_id, id, user_id, identity, role_id, created_by, user_seq)
     SELECT invited.id, gen_random_uuid(), users.id, identity, default_channel_role_id, 'system', 1
     FROM users, services, LATERAL (SELECT id FROM channels WHERE type = 'private' ORDER BY id LIMIT 20) AS invited
     WHERE services.id = $1::uuid`,
    [service],
  )
}

/** Of a hundred messages in a channel all but the first are replies to it that the channel does not show. */
async function fillThreads(): Promise<void> {
  const { maintenance: db } = kit.store
  const alice = await kit.user('alice')
  threaded = (await kit.channel([alice])).id
  const threads = threadedDepth / 100
  await db.run(
    `INSERT INTO messages (channel_id, index, id, seq, author, body, created_at, updated_at, parent_index, uncounted, hidden_run)
     SELECT $1::uuid, n, gen_random_uuid(), n + 10, 'someone', 'short', now(), now(), n / 100 * 100, n - n / 100, n / 100
     FROM generate_series(0, $2::int - 1) AS n WHERE n % 100 > 0
     UNION ALL
     SELECT $1::uuid, n * 100, gen_random_uuid(), n * 100 + 10, 'someone', 'short', now(), now(), NULL, NULL, NULL
     FROM generate_series(0, $3::int - 1) AS n`,
    [sidToUuid(threaded), threadedDepth, threads],
  )
  await db.run(
    `INSERT INTO message_extras (channel_id, index, seq, thread_seq, reply_count)
     SELECT $1::uuid, n * 100, n * 100 + 109, n * 100 + 109, 99 FROM generate_series(0, $2::int - 1) AS n`,
    [sidToUuid(threaded), threads],
  )
  await db.run(
    `UPDATE channels SET last_index = $2::int - 1, last_seq = $2::int + 10, messages_count = $2::int, uncounted_index = $2::int - 1,
       hidden_reply_index = $2::int - 1, shown_index = $2::int - 100
     WHERE id = $1`,
    [sidToUuid(threaded), threadedDepth],
  )
  // Its newest message that is shown is deleted: what comes before it stands behind a run.
  await db.run('UPDATE messages SET deleted_at = now() WHERE channel_id = $1 AND index = $2', [
    sidToUuid(threaded),
    threadedDepth - 100,
  ])
}

/** Twenty processes that run, and many that have run before; the last of them have written for hours. */
async function fillProcesses(): Promise<void> {
  await kit.store.db.run(
    `WITH made AS (
       INSERT INTO processes (id, host, pid, version, started_at, seen_at)
       SELECT gen_random_uuid(), 'host', n, '1.0.0', now(), now() - CASE WHEN n <= 20 THEN 0 ELSE n END * interval '10 minutes'
       FROM generate_series(1, 3000) AS n RETURNING id, pid, seen_at
     )
     INSERT INTO process_minutes (process_id, minute, seconds, connections, subscriptions, sends, deliveries, event_loop_lag_p99_ms, pool_size,
       pool_in_use, pool_waiting, pool_longest_wait_ms, memory_bytes, refusals, sweep_age_ms, webhooks_waiting, scheduled_overdue)
     SELECT id, date_trunc('minute', seen_at) - n * interval '1 minute', 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '{}', 0, 0, 0
     FROM made, generate_series(0, 300) AS n WHERE pid <= 100`,
    [],
  )
}

/** Four deliveries of each channel: of every fiftieth one the last two wait, in every hundredth one was given up. */
async function fillDeliveries(service: string): Promise<void> {
  const { maintenance: db } = kit.store
  await db.run(
    `INSERT INTO webhook_lanes (id, subject_id, url, last_number, done_number)
     SELECT id, 'CH' || replace(id::text, '-', ''), 'https://example.com/' || n % 3, 4, CASE WHEN n % 50 = 0 THEN 2 ELSE 4 END
     FROM (SELECT id, row_number() OVER () AS n FROM channels) AS channels`,
    [],
  )
  await db.run(
    `INSERT INTO webhook_notices (id, lane_id, number, service_id, event, method, parameters, status, attempts)
     SELECT gen_random_uuid(), lane.id, n, $1::uuid, CASE WHEN n = 2 AND lane.place % 20 = 0 THEN 'onMemberAdded' ELSE 'onMessageSent' END, 'POST', '{}',
       CASE WHEN n > done_number THEN 'pending' WHEN n = 1 AND lane.place % 100 = 0 THEN 'dead' ELSE 'delivered' END, 1
     FROM (SELECT *, row_number() OVER () AS place FROM webhook_lanes) AS lane, generate_series(1, last_number) AS n`,
    [service],
  )
}

/** Many services with rules and roles beside this one. */
async function fillRules(service: string): Promise<void> {
  await kit.store.db.run(
    `INSERT INTO services (
       id, account_id, friendly_name, default_service_role_id, default_channel_role_id, default_channel_creator_role_id, keyword_rules
     )
     SELECT gen_random_uuid(), account_id, 'other', default_service_role_id, default_channel_role_id,
       default_channel_creator_role_id, jsonb_build_array(jsonb_build_object('id', 'KR' || n), jsonb_build_object('id', 'KR-' || n))
     FROM services, generate_series(1, 2000) AS n WHERE services.id = $1::uuid`,
    [service],
  )
  await kit.store.db.run(
    `INSERT INTO roles (id, service_id, friendly_name, type, permissions)
     SELECT gen_random_uuid(), services.id, 'other', 'channel', '{}' FROM services, generate_series(1, 4) WHERE friendly_name = 'other'`,
    [],
  )
}

/** Alice is a member of a hundred of the channels, of both kinds and none of the crowded ones, and all of it is queued for her. */
async function fillMemberships(user: string): Promise<void> {
  await kit.store.db.run(
    `INSERT INTO members (channel_id, id, user_id, identity, role_id, seq, joined_seq, user_seq)
     SELECT chosen.id, gen_random_uuid(), $1::uuid, 'alice', default_channel_role_id, 1, 1, 1 + row_number() OVER ()
     FROM (SELECT * FROM channels WHERE last_index = 0 ORDER BY updated_at DESC LIMIT 100) AS chosen
     JOIN services ON services.id = service_id`,
    [user],
  )
  await kit.store.db.run('UPDATE users SET last_seq = 101 WHERE id = $1', [user])
}

/** No table is walked, nothing is sorted, and little more is read than is answered, wherever in the table it stands. */
async function expectOneScan(read: () => Promise<unknown>, { rows = 2 * size, sorted = false, hashed = false } = {}) {
  for (const { statement, steps, rowsRead } of await plansOf(kit.store, read)) {
    const wrong = steps.filter(
      (step) =>
        /Seq Scan|Materialize|BitmapAnd/.test(step) || (!sorted && /Sort/.test(step)) || (!hashed && /Hash/.test(step)),
    )
    expect([statement, wrong]).toEqual([statement, []])
    expect([statement, rowsRead, rowsRead <= rows]).toEqual([statement, rowsRead, true])
  }
}

describe('history', () => {
  test.each(['head', 'middle', 'start'] as const)('at its %s, in both directions', async (place) => {
    const index = { head: depth - 1, middle: depth / 2, start: 0 }[place]
    const { db } = kit.store
    const read = (page: object) => () =>
      readMessagePage(db, long, { size, backwards: false, ...ends, ...page }, { withReplies: false })
    await expectOneScan(read({ after: index }))
    await expectOneScan(read({ before: index, backwards: true }))
    await expectOneScan(read({ backwards: true }))
    await expectOneScan(read({ after: 10, before: index, backwards: true }))
  })

  test('of which only the newest message is read, in many channels', async () => {
    const rows = await kit.store.db.run<{ id: string }>('SELECT id FROM channels ORDER BY id LIMIT 99', [])
    const ids = [long, ...rows.map(({ id }) => uuidToSid('CH', id))]
    await expectOneScan(() => readLastMessages(kit.store.db, ids, undefined), { rows: 5 * ids.length })
    await expectOneScan(() => readLastMessages(kit.store.db, ids, userId), { rows: 6 * ids.length })
  })

  test('of which a position before a moment is looked for', async () => {
    const place = { index: depth - 10, seq: depth - 10 }
    const tomorrow = new Date(Date.now() + 86_400_000)
    await expectOneScan(() => readPositionBefore(kit.store.db, long, place, tomorrow))
  })

  test('in which sends are looked for that were made before', async () => {
    const sends = Array.from({ length: 256 }, (_, at) => ({
      channelId: long,
      id: uuidToSid('IM', '0'.repeat(32)),
      author: 'someone',
      clientMessageId: `name ${at}`,
      body: '',
      attributes: '{}',
      memberAsOf: 0,
    }))
    await expectOneScan(() => readRepeatedMessages(kit.store.db, sends), { rows: 2 * sends.length })
  })
})

describe('a list of channels', () => {
  const lists = {
    'all of a service': { userId: undefined, types: undefined },
    'the public ones of a service': { userId: undefined, types: ['public'] },
    'the private ones of a service': { userId: undefined, types: ['private'] },
    'the frozen ones of a service': { userId: undefined, types: undefined, onlyFrozen: true },
    'those of a user': { userId: 'alice', types: undefined },
    'the private ones of a user': { userId: 'alice', types: ['private'] },
    'those of a user that is in none': { userId: 'nobody', types: undefined },
    'the private ones of a user that is in none': { userId: 'nobody', types: ['private'] },
  } as const
  test.each(Object.entries(lists))('%s', async (_name, { userId: who, ...list }) => {
    const { db } = kit.store
    const user = who === 'alice' ? userId : who && uuidToSid('US', '0'.repeat(32))
    const read = (page: object) => () =>
      readChannelPage(db, { serviceId, userId: user, ...list }, { size, backwards: false, ...ends, ...page })
    await expectOneScan(read({}), { rows: 6 * size })
    await expectOneScan(read({ backwards: true }), { rows: 6 * size })
    await expectOneScan(read({ after: long }), { rows: 6 * size })
  })
})

describe('invites', () => {
  test.each([false, true])('of a service and of a user, from the end: %s', async (backwards) => {
    const { db } = kit.store
    const page = { size, backwards, ...ends }
    // A page of each role of the service is sorted.
    await expectOneScan(() => readServiceInvitePage(db, serviceId, page), { rows: 3 * size, sorted: true })
    const [middle] = await readServiceInvitePage(db, serviceId, { ...page, size: 0 })
    await expectOneScan(
      () => readServiceInvitePage(db, serviceId, { ...page, [backwards ? 'before' : 'after']: middle!.id }),
      { rows: 3 * size, sorted: true },
    )
    await expectOneScan(() => readUserInvitePage(db, middle!.userId, page), { sorted: true })
  })
})

describe('members of a channel', () => {
  test('all of them', async () => {
    const { db } = kit.store
    await expectOneScan(() => readMemberPage(db, long, { size, backwards: false, ...ends }))
    await expectOneScan(() => readMemberPage(db, long, { size, backwards: true, ...ends }))
    await expectOneScan(() => readMemberPage(db, long, { size, backwards: false, ...ends, after: memberId }))
  })

  test('the one with an identity', async () => {
    await expectOneScan(() => readMemberByIdentity(kit.store.db, long, 'user 100'))
  })

  test('those with some identities', async () => {
    const identities = ['user 1', 'user 100', 'user 199']
    const read = () => readMemberPage(kit.store.db, long, { size, backwards: false, ...ends }, identities)
    await expectOneScan(read, { sorted: true })
  })
})

test('texts that stream: those that are silent, the owner of one, what is stored of it', async () => {
  const { db } = kit.store
  await expectOneScan(() => readSilentStreams(db, new Date(Date.now() + 60_000), size))
  const [stream] = await readSilentStreams(db, new Date(Date.now() + 60_000), 1)
  await expectOneScan(() => readStreamOwner(db, stream!))
  await expectOneScan(() => readStreamedTexts(db, [stream!]))
  await expectOneScan(() => countStreams(db, long), { rows: 40 })
  const text = { ...stream!, epoch: 1, body: 'a', text: null, appendedAt: new Date() }
  await expectOneScan(() => storeStreamedTexts(db, [text]), { sorted: true })
})

test('processes that were seen lately with their last minute, and minutes of two of them', async () => {
  const { db } = kit.store
  const since = new Date(Date.now() - 3_600_000)
  await expectOneScan(() => readProcesses(db, since, 100), { rows: 2 * 21 })
  const ids = (await readProcesses(db, since, 2)).map(({ id }) => id)
  await expectOneScan(() => readProcessMinutes(db, ids, since, 1000), { rows: 2 * 61, sorted: true })
  await expectOneScan(() => deleteProcessMinutes(db, new Date(0)), { rows: 0, sorted: true })
})

test('texts that stream in a service or a channel, of which there are as many as processes write', async () => {
  const { db } = kit.store
  const page = { size, backwards: false, ...ends }
  const streams = await db.orm.$count(messageStreams)
  for (const { rowsRead } of await plansOf(kit.store, () => readStreamPage(db, { serviceId }, page)))
    expect(rowsRead).toBeLessThanOrEqual(streams + channelCount + 2 * size)
  const read = () => readStreamPage(db, { serviceId, channelId: long }, page)
  await expectOneScan(read, { rows: 80, sorted: true })
})

test.each([false, true])(
  'what is scheduled in a service, by a user, or in a channel, from the end: %s',
  async (backwards) => {
    const { db } = kit.store
    for (const scope of [{}, { userId }, { channelId: long }, { userId, channelId: long }]) {
      const filter = { serviceId, state: 'waiting', ...scope } as const
      const [first] = await readScheduledOfService(db, filter, { size: 0, backwards, ...ends })
      const key = { value: first!.sendAt.toISOString(), id: first!.id }
      for (const place of [ends, backwards ? { after: undefined, before: key } : { after: key, before: undefined }]) {
        const page = { size, backwards, ...place }
        const read = () => readScheduledOfService(db, filter, page)
        if (!('userId' in scope && 'channelId' in scope)) {
          await expectOneScan(read)
          continue
        }
        // Looked for in what Alice has scheduled, in 101 channels, or where that and what the channel has meet.
        for (const { steps, rowsRead } of await plansOf(kit.store, read)) {
          expect(steps).not.toContain('Seq Scan')
          expect(rowsRead).toBeLessThanOrEqual(202)
        }
      }
    }
    const id = uuidToSid('SM', sidToUuid(memberId))
    await expectOneScan(() => findScheduledMessage(db, id))
    await expectOneScan(() => fillServicesOfScheduled(db), { rows: 0 })
  },
)

describe('webhook deliveries', () => {
  const page = { size, backwards: true, ...ends }
  const filters = {
    all: {},
    'those of a rare event': { event: 'onMemberAdded' },
    'those that were given up': { status: 'dead' },
    'those that wait': { status: 'pending' },
    'those that wait of a rare event': { status: 'pending', event: 'onMemberAdded' },
  } as const
  test.each(Object.entries(filters))('%s', async (_name, filter) => {
    const { db } = kit.store
    // What waits of one event is looked for in what waits.
    const rows = 'status' in filter && 'event' in filter ? 600 : 4 * size + 4
    const sorted = 'status' in filter && 'event' in filter
    await expectOneScan(() => readWebhookDeliveryPage(db, serviceId, filter, page), { rows, sorted })
  })

  test('those of one channel', async () => {
    const read = () => readWebhookDeliveryPage(kit.store.db, serviceId, { subjectId: long }, page)
    expect(await read()).toHaveLength(4)
    await expectOneScan(read, { rows: 10, sorted: true })
  })

  test('one of them, what holds it back, what waits for whom, and what a replay would send', async () => {
    const { db } = kit.store
    const [waiting] = await readWebhookDeliveryPage(db, serviceId, { status: 'pending' }, page)
    await expectOneScan(() => readWebhookDelivery(db, waiting!.id))
    await expectOneScan(() => readQueueHeads(db, [waiting!.queueId]))
    const queues = (channelCount + 2) / 50
    await expectOneScan(() => readWaitingForEndpoints(db, serviceId), { rows: 2 * queues + 2, sorted: true })
    for (const status of ['dead', undefined] as const) {
      const plans = await plansOf(kit.store, () => countSettledSince(db, serviceId, { since: new Date(0), status }))
      for (const { rowsRead } of plans) expect(rowsRead).toBeLessThanOrEqual(10_001 + 2 * channelCount)
    }
  })
})

test('what is queued for a user, from the beginning and from the middle of a long channel', async () => {
  const { db } = kit.store
  // The queue is ordered by channel already; within one of them the database sorts again.
  const options = { rows: 20 * size, sorted: true }
  await expectOneScan(() => readPendingMessages(db, userId, undefined, size), options)
  await expectOneScan(() => readPendingMessages(db, userId, { channelId: long, index: depth / 2 }, size), options)
})

describe('who has not received what', () => {
  const after = {
    seenAt: 1,
    channelId: uuidToSid('CH', '0'.repeat(32)),
    memberId: uuidToSid('MB', '1'.repeat(32)),
    deviceId: 'x',
  }
  // Some thousand positions are looked at, and above each of a page a thousand messages.
  const options = { rows: 2000 * 3 + (size + 1) * 1000, sorted: true }

  test('of a channel', async () => {
    const { db } = kit.store
    await expectOneScan(() => readDeliveryBacklogs(db, { by: 'channel', id: long }, undefined, size), options)
    await expectOneScan(() => readDeliveryBacklogs(db, { by: 'channel', id: long }, after, size), options)
  })

  test('of a user', async () => {
    const { db } = kit.store
    await expectOneScan(() => readDeliveryBacklogs(db, { by: 'user', id: userId }, undefined, size), options)
    await expectOneScan(() => readDeliveryBacklogs(db, { by: 'user', id: userId }, after, size), options)
  })

  test('of a user in a channel', async () => {
    const { db } = kit.store
    const scope = { by: 'member', id: userId, channelId: long } as const
    await expectOneScan(() => readDeliveryBacklogs(db, scope, undefined, size), { ...options, rows: 1100 })
    await expectOneScan(() => readDeliveryBacklogs(db, scope, after, size), { ...options, rows: 1100 })
  })

  test('of a service', async () => {
    const { db } = kit.store
    // All devices were seen at one moment here, and those are sorted together.
    const ofOneMoment = { ...options, rows: options.rows + memberCount * 20 }
    await expectOneScan(() => readDeliveryBacklogs(db, { by: 'service', id: serviceId }, undefined, size), ofOneMoment)
    await expectOneScan(() => readDeliveryBacklogs(db, { by: 'service', id: serviceId }, after, size), ofOneMoment)
  })
})

describe('what a user has not read', () => {
  test('in all of its channels, by the indexes of authors and of deleted messages, and by no message besides', async () => {
    const { db } = kit.store
    const rows = await db.run<{ id: string }>('SELECT id FROM members WHERE user_id = $1 AND left_at IS NULL', [
      sidToUuid(userId),
    ])
    const ids = rows.map(({ id }) => uuidToSid('MB', id))
    expect(ids).toHaveLength(101)
    const reads = {
      totals: () => readUnreadTotals(db, userId),
      counts: () => readUnreadCounts(db, ids),
      first: () => readFirstUnread(db, ids),
      all: () => readUnreadMembers(db, userId),
    }
    for (const [name, read] of Object.entries(reads)) {
      for (const { steps, indexes, rowsRead } of await plansOf(kit.store, read)) {
        expect([name, steps.includes('Seq Scan') && indexes]).toEqual([name, false])
        const needed = name === 'first' ? ['messages_author'] : ['messages_author', 'messages_deleted']
        expect([name, needed.filter((index) => !indexes.includes(index))]).toEqual([name, []])
        expect([name, rowsRead, rowsRead <= 8 * ids.length]).toEqual([name, rowsRead, true])
      }
    }
  })
})

describe('the list of a user’s channels', () => {
  // Alice is in 101 of them. Of each are read: the membership, the channel, what she keeps about it, and her newest message there.
  test.each([false, true])('all of them, with unread counts: %s', async (withUnread) => {
    await expectOneScan(() => readChannelKeys(kit.store.db, userId, { withUnread }), { rows: withUnread ? 606 : 303 })
  })

  test('what is shown of a page, and its first members', async () => {
    const { keys } = await readChannelKeys(kit.store.db, userId, { withUnread: false })
    const page = keys.slice(0, size)
    const memberIds = page.map(({ memberId: id }) => id)
    await expectOneScan(() => readChannelListRows(kit.store.db, memberIds), { rows: 6 * size })
    const ids = page.map(({ id }) => id)
    await expectOneScan(() => readFirstMembers(kit.store.db, ids, userId, 3), {
      rows: 7 * size,
      sorted: true,
      hashed: true,
    })
  })
})

describe('what others have added to messages', () => {
  test('of a page of messages', async () => {
    const keys = Array.from({ length: size }, (_, at) => ({ channelId: long, index: depth - 10 * at }))
    await expectOneScan(() => readExtras(kit.store.db, keys), { rows: 3 * size })
  })

  test.each([false, true])('pinned messages, from the end: %s', async (backwards) => {
    await expectOneScan(() => readPinnedPage(kit.store.db, long, { size, backwards, ...ends }), { rows: 3 * size + 3 })
  })
})

describe('mentions', () => {
  // Alice is in 101 channels, with ten in each, and twenty of all in the long one.
  test('unread ones of members, and of a user', async () => {
    await expectOneScan(() => readMentionCounts(kit.store.db, [memberId]), { rows: 40 })
    await expectOneScan(() => readMentionTotal(kit.store.db, userId), { rows: 101 * 16 })
  })

  test.each([false, true])('a page, from the end: %s', async (isBackwards) => {
    const page = {
      from: { time: Date.now() + 60_000, channelId: long, index: 5 },
      size: 10,
      isBackwards,
      unread: false,
    }
    await expectOneScan(() => readMentionPage(kit.store.db, userId, page), { rows: 101 * 25, sorted: true })
  })
})

describe('what changed in a channel', () => {
  test.each([-1, 0.5, 0.999])('messages added since %d of it', async (part) => {
    const index = part < 0 ? -1 : Math.round(depth * part)
    await expectOneScan(() => readAddedAfter(kit.store.db, long, index, size), { rows: 3 * size })
    await expectOneScan(() => readAddedAfter(kit.store.db, long, index, size, memberId), { rows: 3 * size })
  })

  test.each([0, 0.5, 0.999])('everything else since %d of it', async (part) => {
    const after = Math.round(depth * part)
    const range = { channelId: long, after, through: depth + 10, firstIndex: 0, index: depth, limit: size }
    // Every second message has a row of extras.
    await expectOneScan(() => readChanges(kit.store.db, range), { rows: 5 * size })
  })

  test('about a user, and when', async () => {
    const { db } = kit.store
    await expectOneScan(() => readUserChanges(db, userId, 60, size), { rows: 6 * size, sorted: true })
    for (const seq of [0, 50, 99]) await expectOneScan(() => readUserSharing(db, userId, seq, new Date()))
  })

  test.each([false, true])('what it keeps for itself, from the end: %s', async (backwards) => {
    const { db } = kit.store
    const page = { size, backwards, after: 10, before: 90 }
    await expectOneScan(() => readDraftPage(db, userId, page), { rows: 6 * size + 6 })
    await expectOneScan(() => readSavedPage(db, userId, page), { rows: 4 * size + 4 })
    const first = { size, backwards, after: undefined, before: undefined }
    await expectOneScan(() => readScheduledPage(db, userId, first), { sorted: true })
  })

  test('what is due next, and what is due', async () => {
    const { db } = kit.store
    await expectOneScan(() => readNextDue(db), { rows: 2 })
    const now = new Date(Date.now() + 3 * 86_400_000)
    await expectOneScan(() => readDueReminders(db, now, size))
    await expectOneScan(() => claimScheduledMessages(db, { now, leaseEndsAt: now, limit: size }), { sorted: true })
  })

  test('how much is due, and for how long', async () => {
    const rows = await kit.store.db.run<{ 'QUERY PLAN': string }>(`EXPLAIN ${waitingWorkStatement}`, [])
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    expect(plan).toContain('scheduled_messages_due')
    expect(plan).not.toMatch(/Seq Scan on (scheduled|saved)_messages/)
  })

  test('the memberships of a user in some channels', async () => {
    const { db } = kit.store
    const channelIds = (await readUserChanges(db, userId, 0, size)).changed.member.map(({ channelId }) => channelId)
    expect(channelIds).toHaveLength(size)
    await expectOneScan(() => readOwnMembers(db, userId, channelIds), { rows: 3 * size })
  })
})

describe('the cleanup', () => {
  test('finds what has ended, and nothing else', async () => {
    const { db } = kit.store
    const before = new Date(Date.now() + 86_400_000)
    await expectOneScan(() => deleteEndedScheduled(db, before), { rows: 0, sorted: true })
    await expectOneScan(() => deleteUnsaved(db, before), { rows: 0, sorted: true })
  })

  test('goes through ended memberships, with one look at the mentions of each', async () => {
    const { db } = kit.store
    const read = () => deleteUnseenMentions(db, firstEnded)
    await expectOneScan(read, { rows: 4 * batchRows, sorted: true, hashed: true })
  })
})

/** Members of `long`. */
const identitiesOf = (count: number) => Array.from({ length: count }, (_, at) => `user ${at + 1}`)

/**
 * The statements that read more than they may. For many each table may be walked once, as small as it is here. All members of the channel for each of
 * them would be more.
 */
async function excessiveReads(count: number, reads: readonly (() => Promise<unknown>)[]) {
  const most = count === 1 ? 20 : 40 * memberCount
  const plans = []
  // One after the other: what is sent is recorded.
  for (const read of reads) plans.push(...(await plansOf(kit.store, read)))
  return plans.filter(({ rowsRead }) => rowsRead > most)
}

test.each([1, size])('what clients read that reconnect, %i at once', async (count) => {
  const { db } = kit.store
  const keys = identitiesOf(count).map((identity) => ({ serviceId, identity }))
  const ids = (await readUsersByIdentities(db, keys)).map(({ user }) => user!.id)
  const reads = [
    () => readUsersByIdentities(db, keys),
    () => readUserCounters(db, ids),
    () =>
      readChannelAccesses(
        db,
        ids.map((id) => ({ id: long, userId: id })),
      ),
    () =>
      startDevices(
        db,
        ids.map((id) => ({ userId: id, channelId: long, deviceId: 'phone' })),
      ),
  ]
  expect(await excessiveReads(count, reads)).toEqual([])
})

test.each([1, size])('the authors of a large channel, %i at once', async (count) => {
  const authors = identitiesOf(count).map((identity) => ({ channelId: long, identity }))
  expect(await excessiveReads(count, [() => readParticipants(kit.store.db, authors)])).toEqual([])
})

test('receipts of all members of many channels, and of some members', async () => {
  const { db } = kit.store
  const rows = await db.run<{ channel_id: string; id: string; members: number }>(
    `SELECT m.channel_id, m.id, (SELECT count(*) FROM members WHERE channel_id = m.channel_id) AS members
     FROM members m WHERE user_id = $1 AND channel_id <> $2::uuid ORDER BY channel_id LIMIT 20`,
    [sidToUuid(userId), sidToUuid(long)],
  )
  const some = rows.map((row) => ({ channelId: uuidToSid('CH', row.channel_id), memberId: uuidToSid('MB', row.id) }))
  await expectOneScan(() => readMemberReceipts(db, some), { rows: 8 * some.length, sorted: true })
  const all = some.map(({ channelId }) => channelId)
  const memberCount = rows.reduce((sum, { members }) => sum + members, 0)
  await expectOneScan(() => readReceipts(db, all), { rows: 4 * memberCount + 4 * all.length, sorted: true })
})

test('delivery positions that move, and whose receipts they are', async () => {
  const { db } = kit.store
  const moves = [{ channelId: long, memberId, deviceId: '', index: 5, seq: 0 }]
  await expectOneScan(() => moveDeliveries(db, moves), { sorted: true })
})

test('the service of a keyword rule', async () => {
  await expectOneScan(() => readServiceOfRule(kit.store.db, 'KR1000' as KeywordRuleId))
})

describe('lists in another order', () => {
  const id = uuidToSid('CH', '5'.repeat(32))
  const places = (value: string) => [
    {},
    { backwards: true },
    { after: { value, id } },
    { before: { value, id }, backwards: true },
  ]

  test('channels by their last update', async () => {
    const list = { field: 'updatedAt', prefix: undefined } as const
    for (const place of places(new Date(Date.now() + 1_000_000).toISOString())) {
      const page = { size, backwards: false, ...ends, ...place }
      await expectOneScan(() => readChannelsInOrder(kit.store.db, serviceId, list, page))
    }
  })

  test.each(
    (['uniqueName', 'name'] as const).flatMap((field) => [undefined, 'channel 3'].map((prefix) => ({ field, prefix }))),
  )('channels by $field, beginning with $prefix', async (list) => {
    for (const place of places('channel 3500')) {
      const page = { size, backwards: false, ...ends, ...place }
      await expectOneScan(() => readChannelsInOrder(kit.store.db, serviceId, list, page))
    }
  })

  test.each([undefined, 'user 3'])('users by identity, beginning with %s', async (prefix) => {
    for (const place of places('user 350')) {
      const page = { size, backwards: false, ...ends, ...place }
      await expectOneScan(() => readUsersByIdentity(kit.store.db, { serviceId, visibleTo: undefined }, prefix, page))
    }
  })
})

test.each([
  ['name', 'channel 3', 'channel '],
  ['name', 'channel 3', undefined],
  ['members', '0', undefined],
  ['activity', '2026-01-01T00:00:00.000Z', undefined],
] as const)('public channels by %s, from %j, of %j', async (field, value, prefix) => {
  const { db, maintenance } = kit.store
  await refreshChannelSummaries(maintenance)
  await db.orm.execute(sql`VACUUM ANALYZE channel_summaries`)
  const id = uuidToSid('CH', '5'.repeat(32))
  for (const at of [{}, { backwards: true }, { after: { value, id } }, { before: { value, id }, backwards: true }]) {
    const page = { size, backwards: false, ...ends, ...at }
    await expectOneScan(() => readPublicChannels(db, serviceId, { field, prefix }, page), { rows: 3 * size })
  }
})

describe('a channel of which ninety-nine of a hundred messages are hidden replies', () => {
  const shown = 10
  const pageOf = (page: object) => () =>
    readMessagePage(kit.store.db, threaded, { size: shown, backwards: false, ...ends, ...page }, { withReplies: false })

  test('is paged without reading them', async () => {
    for (const page of [
      {},
      { backwards: true },
      { after: threadedDepth / 2 },
      { before: threadedDepth / 2, backwards: true },
    ]) {
      // Half of it is the window of the first statement.
      await expectOneScan(pageOf(page), { rows: 8 * shown, sorted: true })
      expect(await pageOf(page)()).toHaveLength(shown + 1)
    }
    expect((await pageOf({ backwards: true })()).map(({ index }) => index).slice(0, 3)).toEqual([
      threadedDepth - 100,
      threadedDepth - 200,
      threadedDepth - 300,
    ])
    expect((await pageOf({ after: 150, before: 420 })()).map(({ index }) => index)).toEqual([200, 300, 400])
    expect((await pageOf({ after: 150, before: 420, backwards: true })()).map(({ index }) => index)).toEqual([
      400, 300, 200,
    ])
  })

  test('and so are its last message, its first unread one and their number', async () => {
    const { db, maintenance } = kit.store
    const [row] = await db.run<{ id: string }>('SELECT id FROM members WHERE channel_id = $1', [sidToUuid(threaded)])
    const own = [uuidToSid('MB', row!.id)]
    await expectOneScan(() => readLastMessages(db, [threaded], undefined), { rows: 10 })
    await expectOneScan(() => readFirstUnread(db, own), { rows: 12 })
    await expectOneScan(() => readUnreadCounts(db, own), { rows: 12 })
    expect((await readLastMessages(db, [threaded], undefined))[0]).toMatchObject({ index: threadedDepth - 200 })
    for (const [joined, first, unread] of [
      [-1, 0, threadedDepth / 100 - 1],
      [150, 200, threadedDepth / 100 - 3],
      [threadedDepth - 1, undefined, 0],
    ] as const) {
      await maintenance.run('UPDATE members SET joined_index = $2 WHERE id = $1::uuid', [row!.id, joined])
      expect((await readFirstUnread(db, own))[0]?.message.index).toBe(first)
      expect(await readUnreadCounts(db, own)).toMatchObject([{ unread }])
    }
  })
})

test('public channels that a user may join are looked for among the names that begin so', async () => {
  const { db, maintenance } = kit.store
  await refreshChannelSummaries(maintenance)
  await db.orm.execute(sql`VACUUM ANALYZE channel_summaries`)
  const read = () => readJoinableChannels(db, serviceId, userId, 'channel 3', 10)
  await expectOneScan(read, { rows: 3 * 500 })
})

test('a truncated channel is read from its first message on, though the rows before are still there', async () => {
  const { db, maintenance } = kit.store
  const begin = (index: number) =>
    maintenance.run('UPDATE channels SET first_index = $2 WHERE id = $1', [sidToUuid(long), index])
  await begin(depth / 2)
  await expectOneScan(() => readMessagePage(db, long, { size, backwards: false, ...ends }, { withReplies: false }))
  await expectOneScan(() => readMessagePage(db, long, { size, backwards: true, ...ends }, { withReplies: false }))
  await expectOneScan(() => readAddedAfter(db, long, -1, size), { rows: 3 * size })
  await expectOneScan(() => readPendingMessages(db, userId, undefined, size), { rows: 20 * size, sorted: true })
  await expectOneScan(() => readLastMessages(db, [long], undefined))
  await begin(0)
})

test('a user with many channels that keeps something about each costs one look for each, and no comparison of all with all', async () => {
  const { db, maintenance } = kit.store
  const count = 1000
  const [user] = await db.run<{ user_id: string }>(
    `WITH busy AS (
       INSERT INTO users (id, service_id, identity, role_id)
       SELECT gen_random_uuid(), id, 'busy', default_service_role_id FROM services WHERE id = $1::uuid
       RETURNING id
     ), joined AS (
       INSERT INTO members (channel_id, id, user_id, identity, role_id, seq, joined_seq, user_seq)
       SELECT channels.id, gen_random_uuid(), busy.id, 'busy', default_channel_role_id, 1, 1, row_number() OVER ()
       FROM busy, channels JOIN services ON services.id = service_id WHERE last_index = 0 ORDER BY channels.id LIMIT $2::int
       RETURNING user_id, channel_id, user_seq
     )
     INSERT INTO user_channels (user_id, channel_id, user_seq, pinned_order) SELECT user_id, channel_id, user_seq, 1 FROM joined
     RETURNING user_id`,
    [sidToUuid(serviceId), count],
  )
  await maintenance.orm.execute(sql`ANALYZE`)
  const id = uuidToSid('US', user!.user_id)
  const reads = {
    totals: () => readUnreadTotals(db, id),
    unread: () => readUnreadMembers(db, id),
    keys: () => readChannelKeys(db, id, { withUnread: false }),
    'keys with unread': () => readChannelKeys(db, id, { withUnread: true }),
  }
  for (const [name, read] of Object.entries(reads)) {
    const plans = await plansOf(kit.store, read)
    expect([name, plans.length]).toEqual([name, 2])
    const [own, generic] = plans
    // A sixth of all channels is found sooner by reading all of them; besides, there are the memberships, the preferences and what is unread.
    expect([name, own!.rowsRead, own!.rowsRead <= channelCount + 1 + 3 * count]).toEqual([name, own!.rowsRead, true])
    // Planned for all users it expects few channels, and must be no worse for one that has many.
    const compared = generic!.steps.filter((step) => /Materialize|Hash|Merge|Seq Scan/.test(step))
    expect([name, compared]).toEqual([name, []])
  }
  // Other specs of this file plan with what was there before, in any order.
  for (const table of ['user_channels', 'members'])
    await db.run(`DELETE FROM ${table} WHERE user_id = $1`, [user!.user_id])
  await maintenance.orm.execute(sql`VACUUM ANALYZE`)
})

describe('what operators have changed, and work on many things', () => {
  const subjectId = `CH${'1'.repeat(32)}`
  beforeAll(async () => {
    const { maintenance: db, db: own } = kit.store
    const account = sidToUuid(kit.server.account.accountId)
    // Ten of each kind stand between many others, so that no order of the ids leads to them by itself.
    await db.run(
      `INSERT INTO audit_entries (account_id, id, mutation, subject_id, identity, console_session_id, credential_id)
       SELECT $1::uuid, (lpad(to_hex(1700000000000 + n * 60000), 12, '0') || '7' || repeat('0', 19))::uuid,
         CASE WHEN n % 1000 = 1 THEN 'deleteChannel' ELSE 'sendMessage' END,
         CASE WHEN n % 1000 = 2 THEN $2 ELSE 'IM' || n END,
         CASE WHEN n % 1000 = 5 THEN 'one' WHEN n % 3 = 0 THEN 'other' || n % 50 END,
         CASE WHEN n % 1000 = 3 THEN 'one' ELSE 'other' || n % 50 END,
         CASE WHEN n % 1000 = 4 THEN 'one' ELSE 'other' END
       FROM generate_series(1, 10000) AS n`,
      [account, subjectId],
    )
    await db.run(
      `INSERT INTO jobs (account_id, service_id, id, task, state, errors, checkpoint, credential_id, due_at, created_at, ended_at)
       SELECT $1::uuid, $2::uuid, gen_random_uuid(), '{}', CASE WHEN n > 10 THEN 'done' ELSE 'queued' END, '[]', '{}', '',
         CASE WHEN n > 10 THEN NULL ELSE now() + interval '1 hour' END, now(), CASE WHEN n > 10 THEN now() END
       FROM generate_series(1, 5000) AS n`,
      [account, sidToUuid(serviceId)],
    )
    // Of few users all are read and sorted.
    await db.run(
      `INSERT INTO users (id, service_id, identity, role_id)
       SELECT gen_random_uuid(), $1::uuid, 'one of many ' || n, default_service_role_id
       FROM services, generate_series(1, 5000) AS n WHERE services.id = $1::uuid`,
      [sidToUuid(serviceId)],
    )
    await own.orm.execute(sql`VACUUM ANALYZE audit_entries, jobs, users`)
  })

  const filters = {
    everything: {},
    'one mutation': { mutation: 'deleteChannel' },
    'one thing': { subjectId },
    'one user': { identity: 'one' },
    'one session': { consoleSessionId: 'one' },
    'one credential': { credentialId: 'one' },
    'a time': { since: new Date(1_700_000_600_000), until: new Date(1_700_010_000_000) },
  }
  test.each(Object.entries(filters))('%s of the audit list', async (_name, filter) => {
    const { accountId } = kit.server.account
    const page = { size, backwards: false, ...ends }
    await expectOneScan(() => readAuditPage(kit.store.db, accountId, filter, page))
    await expectOneScan(() => readAuditPage(kit.store.db, accountId, filter, { ...page, backwards: true }))
  })

  test('those about a user who is deleted', async () => {
    const { accountId } = kit.server.account
    await kit.store.maintenance.run(`UPDATE users SET deleted_at = now() WHERE identity = 'one of many 1'`, [])
    const [user] = await kit.store.maintenance.run<{ id: string }>(
      `SELECT id FROM users WHERE identity = 'one of many 1'`,
      [],
    )
    await expectOneScan(() => eraseAuditEntries(kit.store.db, accountId, uuidToSid('US', user!.id)))
  })

  test('old entries, for the cleanup', async () => {
    await expectOneScan(() => deleteOldAuditEntries(kit.store.db, new Date(1_700_000_000_000)))
  })

  test('jobs: those of a service, and the next one', async () => {
    const { db } = kit.store
    const { accountId } = kit.server.account
    await expectOneScan(() => readJobPage(db, serviceId, { size, backwards: false, ...ends }))
    await expectOneScan(() => readNextJobDue(db))
    // Those of one time are the jobs of one account, of which there are few.
    await expectOneScan(() => claimJob(db, 30), { sorted: true })
    await expectOneScan(() => isOtherAccountWaiting(db, newSid('AC')))
    await expectOneScan(() => passTurn(db, accountId))
  })

  const tasks = {
    'messages of an author': { kind: 'deleteMessages', filter: { authorIdentity: 'someone' } },
    'messages of a time': { kind: 'deleteMessages', filter: { since: '2020-01-01T00:00:00.000Z' } },
    members: { kind: 'removeMembers', filter: {} },
    users: { kind: 'deleteUsers', filter: { identityPrefix: 'nobody' } },
    channels: { kind: 'deleteChannels', filter: { uniqueNamePrefix: 'nothing' } },
  } as const
  test.each(Object.entries(tasks))('what a job looks for: %s', async (_name, task) => {
    const scope = { serviceId, task: { ...task, channelId: long }, until: new Date(Date.now() + 86_400_000) }
    const find = (position: string | null) => () => findJobThings(kit.store.db, scope, position, 50)
    // A stretch, whether anything in it is wanted or not.
    await expectOneScan(find(null), { rows: 1001 })
    const middle = { messages: String(depth / 2), others: `MB${'8'.repeat(32)}` }
    if (task.kind === 'deleteMessages') await expectOneScan(find(middle.messages), { rows: 1001 })
    // Of messages nothing can have changed.
    else await expectOneScan(() => kit.store.db.transaction((tx) => isStillWanted(tx, scope.task, middle.others)))
  })
})
