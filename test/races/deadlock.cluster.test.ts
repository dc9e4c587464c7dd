import { afterAll, beforeAll, expect, test } from 'vitest'
import { HistoryDocument } from '../../schema/generated/graphql.ts'
import { newSid, type ChannelId } from '../../src/model/sid.ts'
import type { Server } from '../../src/server.ts'
import { lockChannel } from '../../src/store/channel.ts'
import { openKit, type Kit } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

test('two servers that write to the same channels in opposite orders do not wait for each other', async () => {
  const elsewhere = await kit.another()
  const channels = await Promise.all(Array.from({ length: 11 }, () => kit.channel()))
  const ids = channels.map(({ id }) => id)
  const writeAll = ({ app }: Server, order: readonly ChannelId[]) =>
    Promise.all(
      order.map((channelId) => {
        const message = { channelId, id: newSid('IM'), author: 'system', body: '', attributes: '{}' }
        return app.messages.write({ ...message, clientMessageId: null, memberAsOf: Number.MAX_SAFE_INTEGER })
      }),
    )
  kit.store.statements.length = 0
  // Both come to stand in the middle of their channels, with locks on those before it.
  const written = await kit.store.db.transaction(async (tx) => {
    await lockChannel(tx, ids[5]!)
    const writing = [writeAll(kit.server, ids), writeAll(elsewhere, ids.toReversed())]
    await waitFor(async () => {
      const [row] = await tx.run<{ waiting: number }>(
        `SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
        [],
      )
      return row!.waiting === 2
    })
    return { both: Promise.all(writing) }
  })
  const messages = (await written.both).flat()
  expect(messages).not.toContain(undefined)
  // The first of each goes alone and the others together; after a deadlock they would have gone one by one.
  expect(kit.store.statements.filter((one) => one.includes('INSERT INTO messages'))).toHaveLength(4)
  for (const channelId of ids) {
    const { channel } = await kit.backend.request(HistoryDocument, { channelId, first: 10 })
    expect(channel!.messages.edges.map(({ node }) => node.index)).toEqual([0, 1])
  }
})
