import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  DeleteChannelDocument,
  MembersDocument,
  MessageBodiesDocument,
  RemoveMemberDocument,
} from '../../schema/generated/graphql.ts'
import { openKit, record, type Kit, type Recording, type User } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

async function memberIdOf(channelId: string, { identity }: User): Promise<string> {
  const { channel } = await kit.backend.request(MembersDocument, { channelId, first: 100 })
  return channel!.members.edges.find(({ node }) => node.identity === identity)!.node.id
}

/** Sends without a pause until it is stopped. */
function flood(channelId: string) {
  let isFlowing = true
  const done = (async () => {
    for (let number = 0; isFlowing; number++) await kit.backend.send(channelId, `${number}`)
  })()
  return async (): Promise<void> => {
    isFlowing = false
    await done
  }
}

/** Milliseconds from the answer to the end of the subscription, which is when its last event has been received. */
async function timeToEnd(recording: Recording<unknown>, act: () => Promise<unknown>): Promise<number> {
  await recording.atLeast(1)
  await act()
  const answered = performance.now()
  await waitFor(() => recording.errors.length > 0, { interval: 1 })
  return performance.now() - answered
}

test('P3: a member that is removed at one server stops receiving at the other, while messages flow', async () => {
  const elsewhere = await kit.another()
  const times: number[] = []
  for (let round = 0; round < 5; round++) {
    const bob = await kit.user('bob')
    const channel = await kit.channel([bob])
    const memberId = await memberIdOf(channel.id, bob)
    const client = bob.at(elsewhere).connect()
    const received = record(client, MessageBodiesDocument, { channelId: channel.id })
    const stop = flood(channel.id)
    times.push(await timeToEnd(received, () => kit.backend.request(RemoveMemberDocument, { input: { memberId } })))
    const count = received.items.length
    await stop()
    expect(received.errors.flat()).toEqual([
      expect.objectContaining({ extensions: { code: 'FORBIDDEN', chatCode: 50400 } }),
    ])
    expect(received.items.length).toBe(count)
    expect(received.items.map(({ messageAdded }) => messageAdded.index)).toEqual([...Array(count).keys()])
    await client.dispose()
  }
  process.stdout.write(`removed: last event after ${times.map((time) => time.toFixed(1)).join(', ')} ms\n`)
})

test('P3: a channel that is deleted ends the subscriptions to it at once', async () => {
  const bob = await kit.user('bob')
  const channel = await kit.channel([bob])
  const client = bob.at(await kit.another()).connect()
  const received = record(client, MessageBodiesDocument, { channelId: channel.id })
  await kit.backend.send(channel.id, 'the only one')
  const time = await timeToEnd(received, () =>
    kit.backend.request(DeleteChannelDocument, { input: { channelId: channel.id } }),
  )
  expect(received.errors.flat()).toEqual([
    expect.objectContaining({ extensions: { code: 'NOT_FOUND', chatCode: 50300 } }),
  ])
  process.stdout.write(`deleted: last event after ${time.toFixed(1)} ms\n`)
  await client.dispose()
})
