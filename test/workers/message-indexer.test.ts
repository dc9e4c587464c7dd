import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '../../src/config/logger.ts'
import { UnindexedChannels } from '../../src/domain/chat/unindexed-channels.ts'
import { sidToUuid, type ChannelId } from '../../src/model/sid.ts'
import { MessageIndexer } from '../../src/workers/message-indexer.ts'
import { openKit, type Kit } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
const channels: ChannelId[] = []
beforeAll(async () => {
  kit = await openKit()
  for (let at = 0; at < 3; at++) channels.push((await kit.channel()).id)
  // So that only the indexers of the specs are there. Nothing is left that would have to be read before.
  await kit.server.close({ immediate: true })
})
afterAll(() => kit.store.close())

/** What each of two processes has of its own. Both poll when they are made. */
const openIndexer = (): MessageIndexer =>
  new MessageIndexer({ db: kit.store.db, unindexed: new UnindexedChannels(), logger: createLogger('fatal') })

/** Messages that a process has written and not made searchable. */
async function write(channelId: ChannelId, count: number): Promise<void> {
  await kit.store.db.run(
    `WITH counted AS (
       UPDATE channels SET last_index = last_index + $2::int, last_seq = last_seq + $2::int, last_message_at = now()
       WHERE id = $1::uuid
       RETURNING id, last_index - $2::int AS index, last_seq - $2::int AS seq
     )
     INSERT INTO messages (channel_id, index, id, seq, author, body, created_at, updated_at)
     SELECT id, index + n, gen_random_uuid(), seq + n, 'someone', 'Common ' || translate((index + n)::text, '0123456789', 'abcdefghij') || 'ish', now(), now()
     FROM counted, generate_series(1, $2::int) AS n`,
    [sidToUuid(channelId), count],
  )
}

/** Changes a tenth of them, as the same process would. */
async function edit(channelId: ChannelId): Promise<void> {
  await kit.store.db.run(
    `WITH edited AS (
       UPDATE messages SET body = 'edited ' || body, seq = (SELECT last_seq FROM channels WHERE id = $1::uuid) + index / 10 + 1
       WHERE channel_id = $1::uuid AND index % 10 = 0
       RETURNING seq
     )
     UPDATE channels SET last_seq = (SELECT max(seq) FROM edited) WHERE id = $1::uuid`,
    [sidToUuid(channelId)],
  )
}

const isIndexed = async (): Promise<boolean> => {
  const rows = await kit.store.db.run(
    `SELECT FROM channels LEFT JOIN search_positions AS position ON channel_id = id WHERE deleted_at IS NULL AND last_seq > coalesce(position.seq, 0)`,
    [],
  )
  return rows.length === 0
}

/** What is kept, and what is right: every message with its tokens, and every word once. */
async function readIndex(channelId: ChannelId) {
  const { db } = kit.store
  const rows = await db.run<{ body: string; tokens: string | null }>(
    `SELECT body, array_to_string(ARRAY(SELECT substr(lexeme, 5) FROM unnest(tokens)), ' ') AS tokens
     FROM messages LEFT JOIN message_search
       ON message_search.channel_id = messages.channel_id AND message_search.index = messages.index
         AND message_search.created_at = messages.created_at
     WHERE messages.channel_id = $1::uuid`,
    [sidToUuid(channelId)],
  )
  const wordsOf = (text: string): string[] => [...new Set(text.toLowerCase().split(' '))].toSorted()
  const [counted] = await db.run<{ count: number }>(
    'SELECT count(*) AS count FROM message_search WHERE channel_id = $1::uuid',
    [sidToUuid(channelId)],
  )
  const kept = await db.run<{ words: string }>('SELECT words FROM search_words WHERE channel_id = $1::uuid', [
    sidToUuid(channelId),
  ])
  const words = kept.flatMap((row) => row.words.trim().split(' '))
  return {
    kept: { texts: rows.map(({ tokens }) => wordsOf(tokens ?? '')), count: counted!.count, words: words.toSorted() },
    right: {
      texts: rows.map(({ body }) => wordsOf(body)),
      count: rows.length,
      words: [...new Set(rows.flatMap(({ body }) => wordsOf(body)))].toSorted(),
    },
  }
}

test('the poll makes searchable what a process has left that is gone', async () => {
  await write(channels[0]!, 30)
  const indexer = openIndexer()
  await waitFor(isIndexed, { timeout: 30_000 })
  await indexer.close()
  const { kept, right } = await readIndex(channels[0]!)
  expect(kept).toEqual(right)
})

test('two processes at once leave one right index', async () => {
  for (let round = 0; round < 3; round++) {
    for (const id of channels) {
      await write(id, 200)
      if (round > 0) await edit(id)
    }
    const indexers = [openIndexer(), openIndexer()]
    await waitFor(isIndexed, { timeout: 30_000 })
    await Promise.all(indexers.map((indexer) => indexer.close()))
    for (const id of channels) {
      const { kept, right } = await readIndex(id)
      expect(kept).toEqual(right)
    }
  }
})

test('the words of a deleted channel go with it', async () => {
  const [gone, stays] = channels
  const { db } = kit.store
  await db.run('UPDATE channels SET deleted_at = now() WHERE id = $1::uuid', [sidToUuid(gone!)])
  const indexer = openIndexer()
  const left = (table: string) => db.run(`SELECT FROM ${table} WHERE channel_id = $1::uuid LIMIT 1`, [sidToUuid(gone!)])
  await waitFor(async () => (await left('search_positions')).length === 0)
  await indexer.close()
  expect([await left('search_words'), await left('message_search')]).toEqual([[], []])
  const { kept, right } = await readIndex(stays!)
  expect(kept).toEqual(right)
})

test('words of one length beyond some thousands of bytes are not kept', async () => {
  const { db } = kit.store
  const id = sidToUuid(channels[1]!)
  // Words of seven letters.
  await db.run(
    `UPDATE messages SET seq = seq + 1000000, body = (
       SELECT string_agg(translate((1000000 + messages.index * 50 + n)::text, '0123456789', 'abcdefghij'), ' ') FROM generate_series(1, 50) AS n
     ) WHERE channel_id = $1::uuid`,
    [id],
  )
  await db.run('UPDATE channels SET last_seq = last_seq + 1000000 WHERE id = $1::uuid', [id])
  const indexer = openIndexer()
  await waitFor(isIndexed, { timeout: 30_000 })
  await indexer.close()
  const rows = await db.run<{ bytes: number }>(
    'SELECT octet_length(words) AS bytes FROM search_words WHERE channel_id = $1::uuid AND bucket / 4 = 7',
    [id],
  )
  expect(rows).toHaveLength(4)
  for (const { bytes } of rows) {
    expect(bytes).toBeGreaterThan(1500)
    expect(bytes).toBeLessThan(2100)
  }
})
