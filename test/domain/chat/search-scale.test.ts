import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SearchMessagesDocument, type SearchMessagesQueryVariables } from '../../../schema/generated/graphql.ts'
import { aboveAll } from '../../../src/domain/chat/search-walk.ts'
import { similarTo } from '../../../src/model/search-words.ts'
import { sidToUuid, uuidToSid, type ChannelId, type ServiceId, type UserId } from '../../../src/model/sid.ts'
import { readChangedTexts, readUnindexedChannels } from '../../../src/store/message-indexing.ts'
import { readSearchedChannelsOfUser, readUnindexedMessages } from '../../../src/store/message-search.ts'
import { readIndexAt } from '../../../src/store/message.ts'
import { readIndexedHits, walkChannels, walkService, walkThread } from '../../../src/store/search-hits.ts'
import { readKnownWords, readSimilarWords } from '../../../src/store/search-words.ts'
import { openKit, type Kit, type User } from '../../support/kit.ts'
import { plansOf } from '../../support/plan.ts'

/** More than a page looks at, in the one channel, and more than the index of tokens is asked for, in the other. */
const ownMessages = 66_000
const othersMessages = 10_100

let kit: Kit
let alice: User
let bob: User
let own: ChannelId
let others: ChannelId
let serviceId: ServiceId
let mark: string

beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
  bob = await kit.user('bob')
  own = (await kit.channel([alice])).id
  others = (await kit.channel([bob])).id
  serviceId = kit.server.account.serviceId
  mark = serviceId.slice(-4)
  await fill(
    own,
    ownMessages,
    (n) => `CASE WHEN ${n} = 10 THEN 'elsewhere' WHEN ${n} IN (20, 30, 40) THEN 'rare' ELSE 'usual' END`,
  )
  await fill(others, othersMessages, () => `'elsewhere'`)
  // Every third message is a reply to the first one, and one of a thousand has reactions.
  const { maintenance: db } = kit.store
  await db.run('UPDATE messages SET parent_index = 0 WHERE channel_id = $1::uuid AND index % 3 = 1', [sidToUuid(own)])
  await db.run(
    `INSERT INTO message_extras (channel_id, index, seq, reactions)
     SELECT channel_id, index, seq, CASE WHEN index % 1000 = 700 THEN '[{}]' ELSE '[]' END
     FROM messages WHERE channel_id = $1::uuid AND index % 10 = 0`,
    [sidToUuid(own)],
  )
  await db.orm.execute(sql`VACUUM ANALYZE`)
}, 240_000)
afterAll(() => kit.close())

/** Messages of one word, one a second, indexed as the worker would. */
async function fill(channelId: ChannelId, count: number, word: (n: string) => string): Promise<void> {
  const { maintenance: db } = kit.store
  const id = sidToUuid(channelId)
  await db.run(
    `WITH made AS (
       INSERT INTO messages (channel_id, index, id, seq, author, body, created_at, updated_at)
       SELECT $1::uuid, n, gen_random_uuid(), 1000 + n, 'someone', ${word('n')}, moment, moment
       FROM (SELECT n, '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 second' AS moment FROM generate_series(0, $2::int - 1) AS n) AS numbers
       RETURNING channel_id, created_at, index, body
     )
     INSERT INTO message_search (channel_id, created_at, index, service_id, tokens)
     SELECT channel_id, created_at, index, $3::uuid, ('''' || $4 || body || ''':1')::tsvector FROM made`,
    [id, count, sidToUuid(serviceId), mark],
  )
  await db.run(
    `UPDATE channels SET last_index = $2::int - 1, last_seq = 1000 + $2::int, messages_count = $2::int,
       last_message_at = '2026-01-01T00:00:00Z'::timestamptz + $2::int * interval '1 second' WHERE id = $1::uuid`,
    [id, count],
  )
  await db.run(
    `INSERT INTO search_positions (channel_id, seq, language) VALUES ($1::uuid, 1000 + $2::int, 'en')
     ON CONFLICT (channel_id) DO UPDATE SET seq = excluded.seq`,
    [id, count],
  )
}

async function search(user: User, query: string, more: Partial<SearchMessagesQueryVariables> = {}) {
  const { searchMessages } = await user.request(SearchMessagesDocument, { query, orderBy: 'RECENT', ...more })
  return { ...searchMessages, indexes: searchMessages.edges.map(({ node }) => node.index) }
}

test('a common word is found by walking back, page after page', async () => {
  let after: string | null = null
  for (let page = 0; page < 3; page++) {
    const statements = await kit.store.statementsOf(async () => {
      const { indexes, pageInfo } = await search(alice, 'usual ', { first: 10, after })
      expect(indexes).toEqual(Array.from({ length: 10 }, (_, at) => ownMessages - 1 - page * 10 - at))
      after = pageInfo.endCursor ?? null
    })
    expect(statements.some(({ statement }) => statement.includes('found AS MATERIALIZED'))).toBe(false)
  }
})

test.each(['RECENT', 'RELEVANCE'] as const)('a rare word is found by the index, by %s', async (orderBy) => {
  const statements = await kit.store.statementsOf(async () => {
    const first = await search(alice, 'rare ', { orderBy, first: 2 })
    expect([first.indexes, first.pageInfo.hasNextPage]).toEqual([[40, 30], true])
    const last = await search(alice, 'rare ', { orderBy, first: 2, after: first.pageInfo.endCursor ?? null })
    expect([last.indexes, last.pageInfo.hasNextPage]).toEqual([[20], false])
    const none = await search(alice, 'missing ', { orderBy })
    expect([none.indexes, none.pageInfo.hasNextPage]).toEqual([[], false])
  })
  expect(statements.filter(({ statement }) => statement.includes('found AS MATERIALIZED')).length).toBeGreaterThan(1)
})

test('a word that others use often, and the caller’s channels hardly ever, takes two pages', async () => {
  const first = await search(alice, 'elsewhere ')
  expect([first.indexes, first.pageInfo.hasNextPage]).toEqual([[], true])
  const second = await search(alice, 'elsewhere ', { after: first.pageInfo.endCursor ?? null })
  expect([second.indexes, second.pageInfo.hasNextPage]).toEqual([[10], false])
})

test('what few messages have is looked for among all that match, and a thread is walked through alone', async () => {
  const first = await search(alice, 'usual ', { first: 3, filter: { has: ['REACTIONS'] } })
  expect(first.indexes).toEqual([65_700, 64_700, 63_700])
  const channelId = own
  const [row] = await kit.store.db.run<{ id: string }>('SELECT id FROM messages WHERE channel_id = $1 AND index = 0', [
    sidToUuid(channelId),
  ])
  const parentId = uuidToSid('IM', row!.id)
  const walked: number[] = []
  for (const filter of [{ parentId }, { parentId, to: '2026-01-01T00:00:35Z' }]) {
    const statements = await kit.store.statementsOf(async () => {
      const { indexes, pageInfo } = await search(alice, 'rare ', { filter })
      expect([indexes, pageInfo.hasNextPage]).toEqual([filter.to === undefined ? [40] : [], false])
    })
    walked.push(statements.filter(({ statement }) => statement.includes('parent_index = $2')).length)
  }
  // Some 22,000 replies in rounds of 4,000; what is newer than `to` is passed at once.
  expect(walked).toEqual([6, 1])
})

test('times before and after all messages end at once', async () => {
  expect((await search(alice, 'usual ', { filter: { from: '2027-01-01T00:00:00Z' } })).indexes).toEqual([])
  const { indexes } = await search(alice, 'usual', { first: 1, filter: { to: '2026-01-01T00:10:00Z' } })
  expect(indexes).toEqual([599])
})

describe('plans', () => {
  const asked = () => ({ query: `'${mark}rare'`, from: undefined, isRanked: true, has: [] })

  async function expectIndexes(indexes: readonly string[], rows: number, work: () => Promise<unknown>): Promise<void> {
    for (const plan of await plansOf(kit.store, work)) {
      expect([plan.statement, plan.steps.filter((step) => /Seq Scan|Sort/.test(step))]).toEqual([plan.statement, []])
      expect(plan.indexes.filter((index) => /message/.test(index)).toSorted()).toEqual(indexes)
      expect([plan.statement, plan.rowsRead, plan.rowsRead <= rows]).toEqual([plan.statement, plan.rowsRead, true])
    }
  }

  test('a walk reads as many rows as it is asked for, wherever it stands', async () => {
    const { db } = kit.store
    for (const until of [aboveAll, { createdAt: Date.parse('2026-01-01T01:00:00Z'), index: 100 }]) {
      const lanes = [own, others].map((channelId) => ({ channelId, until, size: 100 }))
      const read = () => walkChannels(db, lanes, asked())
      expect((await read()).rows).toBe(200)
      await expectIndexes(['message_search_channel_id_created_at_index_pk'], 500, read)
      const key = { ...until, channelId: own }
      await expectIndexes(['message_search_time'], 500, () => walkService(db, serviceId, key, 100, asked()))
    }
  })

  test('of a thread as many replies are read, and what was added to messages only of those that match', async () => {
    const { db } = kit.store
    const parent = { channelId: own, index: 0 }
    for (const below of [Number.MAX_SAFE_INTEGER, 3000]) {
      const read = () => walkThread(db, parent, below, aboveAll, 100, asked())
      expect((await read()).end?.index).toBe(Math.min(ownMessages - 2, below - 2) - 99 * 3)
      await expectIndexes(['message_search_channel_id_created_at_index_pk', 'messages_replies'], 200, read)
    }
    const usual = { ...asked(), query: `'${mark}usual'` } as const
    const lanes = [own, others].map((channelId) => ({ channelId, until: aboveAll, size: 100 }))
    for (const [query, rows] of [
      [asked().query, 400],
      [usual.query, 500],
    ] as const) {
      const read = () => walkChannels(db, lanes, { ...usual, query, has: ['reactions', 'thread'] })
      const indexes = ['message_extras_channel_id_index_pk', 'message_search_channel_id_created_at_index_pk']
      await expectIndexes(indexes, rows, read)
    }
  })

  test('a jump to a moment reads a row of each step', async () => {
    const moment = new Date('2026-01-01T05:00:00Z')
    expect(await readIndexAt(kit.store.db, own, moment)).toBe(5 * 3600)
    const plans = await plansOf(kit.store, () => readIndexAt(kit.store.db, own, moment))
    for (const { indexes, rowsRead } of plans) {
      expect(indexes).toContain('messages_channel_id_index_pk')
      expect(rowsRead).toBeLessThan(100)
    }
  })

  test('the index of tokens is read, however common the word seems', async () => {
    const { db } = kit.store
    for (const word of ['rare', 'usual']) {
      const asking = {
        max: 10,
        serviceId,
        channelIds: [own],
        from: undefined,
        until: aboveAll,
        limit: 10,
        isRanked: true,
        has: [],
      }
      const sent = await kit.store.statementsOf(() => readIndexedHits(db, { ...asking, query: `'${mark}${word}'` }))
      const { statement, parameters } = sent.find((one) => one.statement.includes('found AS MATERIALIZED'))!
      const plan = await db.transaction(async (tx) => {
        await tx.run('SET LOCAL enable_seqscan = off', [])
        return tx.run(`EXPLAIN ${statement}`, parameters)
      })
      const text = plan.map((row) => Object.values(row).join()).join('\n')
      expect(text).toContain('Bitmap Index Scan on message_search_tokens')
      expect(text).not.toContain('Seq Scan')
    }
  })

  test('what is behind is found by its seq', async () => {
    const { db } = kit.store
    const channels = [own, others].map((id) => ({ id, channelId: id, indexedSeq: 11_000, after: 11_000 }))
    for (const read of [
      () => readUnindexedMessages(db, channels, 100, 100_000),
      () => readChangedTexts(db, channels, 100),
    ]) {
      const sent = await kit.store.statementsOf(read)
      const [row] = await db.run<Record<string, readonly [{ readonly Plan: unknown }]>>(
        `EXPLAIN (ANALYZE, FORMAT JSON) ${sent[0]!.statement}`,
        sent[0]!.parameters,
      )
      expect(JSON.stringify(row)).toContain('"Index Name":"messages_seq"')
    }
  })

  test('of all words those of the channels are read, and of those of a known length one row', async () => {
    const { db, maintenance } = kit.store
    await db.run(
      `INSERT INTO search_words (channel_id, bucket, words)
       SELECT id, bucket, ' ' || repeat('similar ', 50)
       FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, 500)) AS made, generate_series(8, 60) AS bucket
       UNION ALL SELECT $1::uuid, bucket, ' ' || repeat('similar ', 50) FROM generate_series(8, 60) AS bucket
       ON CONFLICT DO NOTHING`,
      [sidToUuid(own)],
    )
    await maintenance.orm.execute(sql`VACUUM ANALYZE search_words`)
    for (const [rows, read] of [
      [10, () => readKnownWords(db, [own, others], ['similar', 'rare'])],
      [200, () => readSimilarWords(db, [own, others], similarTo('simliar')!, 100, 10_000)],
    ] as const) {
      for (const plan of await plansOf(kit.store, read)) {
        expect(plan.indexes).toEqual(['search_words_channel_id_bucket_pk'])
        expect(plan.steps).not.toContain('Seq Scan')
        expect([plan.statement, plan.rowsRead, plan.rowsRead <= rows]).toEqual([plan.statement, plan.rowsRead, true])
      }
    }
    const read = await readSimilarWords(db, [own], similarTo('simliar')!, 100, 1000)
    expect([new Set(read), read.length]).toEqual([new Set(['similar']), 2 * 50])
  })

  test('the channels of a user are read by its memberships, and those of all by their ids', async () => {
    const { db } = kit.store
    const [row] = await db.run<{ user_id: string }>('SELECT user_id FROM members WHERE identity = $1', [alice.identity])
    const userId: UserId = uuidToSid('US', row!.user_id)
    expect(await readSearchedChannelsOfUser(db, userId, 'en')).toMatchObject([{ id: own, lastSeq: ownMessages + 1000 }])
    const { unindexed, last } = await readUnindexedChannels(db, uuidToSid('CH', '0'.repeat(32)), 1000)
    expect([unindexed, last]).toEqual([[], undefined])
  })
})
