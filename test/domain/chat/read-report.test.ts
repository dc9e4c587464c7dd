import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  MarkAllReadDocument,
  MarkChannelsReadDocument,
  MarkReadDocument,
  MarkUnreadDocument,
  UpdateMemberDocument,
  UpdateServiceDocument,
} from '../../../schema/generated/graphql.ts'
import type { Server } from '../../../src/server.ts'
import { openKit, type Kit, type User } from '../../support/kit.ts'
import { webhookDeliveriesOf } from '../../support/webhook-deliveries.ts'
import { openReceiver, type Receiver } from '../../support/webhook-receiver.ts'
import { hookService, webhookEnvironment, type HookedService } from '../../support/webhooks.ts'

let kit: Kit
let other: Server
let receiver: Receiver
let service: HookedService
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
  other = await kit.another()
  receiver = await openReceiver()
  service = await hookService(kit, receiver, { preUrl: null, filters: ['ON_MEMBER_UPDATED'] })
  // A whole day, so that no spec meets the end of one.
  await kit.backend.request(UpdateServiceDocument, {
    input: { serviceId: service.id, consumptionReportInterval: 86_400 },
  })
})
afterAll(async () => {
  await kit.close()
  await receiver.close()
})

async function furnish(messages: number) {
  const alice = await service.user('alice')
  const { id: channelId } = await service.channel([alice])
  const quiet = kit.backend.with({ 'x-twilio-webhook-enabled': 'false' })
  const sent = []
  for (let at = 0; at < messages; at++) sent.push(await quiet.send(channelId, `${at}`))
  return { alice, channelId, sent }
}

/** The read horizons that were reported, in the order in which they were. */
async function reportedOf({ identity }: User): Promise<(string | undefined)[]> {
  const deliveries = await webhookDeliveriesOf(kit.store.db, service.id)
  const parameters = deliveries.map((one) => JSON.parse(one.parameters) as Record<string, string>)
  return parameters.filter((one) => one['Identity'] === identity).map((one) => one['LastConsumedMessageIndex'])
}

const letIntervalPass = ({ identity }: User) =>
  kit.store.db.run(`UPDATE members SET last_read_at = last_read_at - interval '1 day' WHERE identity = $1`, [identity])

test('of the reads of one member only the first in an interval is reported, on whichever server and in whatever way', async () => {
  const { alice, channelId, sent } = await furnish(6)
  const read = (throughIndex: number, server: Server = kit.server) =>
    alice.at(server).request(MarkReadDocument, { input: { channelId, throughIndex } })
  const set = (lastReadIndex: number | null) =>
    alice.request(UpdateMemberDocument, { input: { channelId, identity: alice.identity, lastReadIndex } })
  await read(0)
  expect(await reportedOf(alice)).toEqual(['0'])
  await read(1)
  await read(2, other)
  await set(null)
  await set(1)
  await alice.request(MarkChannelsReadDocument, { input: { reads: [{ channelId, throughIndex: 3 }] } })
  expect(await reportedOf(alice)).toEqual(['0'])
  await letIntervalPass(alice)
  await alice.request(MarkUnreadDocument, { input: { messageId: sent[0]!.id } })
  expect(await reportedOf(alice)).toEqual(['0'])
  await read(4, other)
  expect(await reportedOf(alice)).toEqual(['0', '4'])
  await letIntervalPass(alice)
  // What changes nothing is no read.
  await read(4)
  expect(await reportedOf(alice)).toEqual(['0', '4'])
  await alice.request(MarkAllReadDocument)
  expect(await reportedOf(alice)).toEqual(['0', '4', '5'])
  await receiver.atLeast(3, 'onMemberUpdated')
})

test('members do not share an interval', async () => {
  const [one, two] = [await furnish(1), await furnish(1)]
  for (const { alice, channelId } of [one, two]) {
    await alice.request(MarkReadDocument, { input: { channelId, throughIndex: 0 } })
    expect(await reportedOf(alice)).toEqual(['0'])
  }
})
