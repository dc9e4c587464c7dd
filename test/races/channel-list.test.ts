import { afterAll, beforeAll, expect, test } from 'vitest'
import { ViewerChannelsDocument, ViewerDocument } from '../../schema/generated/graphql.ts'
import { uuidArray } from '../../src/store/engine/db.ts'
import { fillChannels } from '../support/filling.ts'
import { Caller, openKit, type Kit } from '../support/kit.ts'
import { seed } from '../support/seed.ts'
import { pickOne, seededRandom } from '../support/seeded-random.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

test('no channel is left out while two processes send to those that a walk has yet to meet', async () => {
  const alice = await kit.user('alice')
  await alice.request(ViewerDocument)
  const other = new Caller(await kit.another(), kit.backend.authorization)
  const ids = await fillChannels(kit.store.db, [alice.identity], 30)
  const random = seededRandom(seed)
  const page = async (after: string | null) =>
    (await alice.request(ViewerChannelsDocument, { first: 4, after })).viewer.channels!
  for (let round = 0; round < 3; round++) {
    await kit.store.db.run(
      `UPDATE channels SET last_message_at = last_message_at - interval '1 hour' WHERE id = ANY ($1::uuid[])`,
      [uuidArray(ids)],
    )
    const met = new Set<string>()
    const sends: Promise<unknown>[] = []
    for (let after: string | null = null; ;) {
      const { edges, pageInfo } = await page(after)
      for (const { node } of edges) met.add(node.channel.id)
      if (!pageInfo.hasNextPage) break
      after = pageInfo.endCursor
      // Some of these are still under way when the next page is read.
      const waiting = ids.filter((id) => !met.has(id))
      for (const caller of [kit.backend, other]) {
        for (let sent = 0; sent < 3 && waiting.length > 0; sent++)
          sends.push(caller.send(pickOne(waiting, random)!, 'hello'))
      }
      await pickOne(sends.slice(-6), random)
    }
    await Promise.all(sends)
    expect(ids.filter((id) => !met.has(id))).toEqual([])
  }
})
