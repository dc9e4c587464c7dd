import { afterAll, beforeAll, expect, test } from 'vitest'
import { MessageBodiesDocument } from '../../schema/generated/graphql.ts'
import { openKit, record, type Kit } from '../support/kit.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

test('a message that one member sends is received by the other', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const channel = await kit.channel([alice, bob])
  const client = bob.connect()
  const received = record(client, MessageBodiesDocument, { channelId: channel.id })
  await alice.send(channel.id, 'Draw the 🦉!')
  expect(await received.atLeast(1)).toEqual([{ messageAdded: { index: 0, body: 'Draw the 🦉!' } }])
  await client.dispose()
})
