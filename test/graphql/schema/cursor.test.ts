import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ChannelsDocument,
  EventsDocument,
  HistoryDocument,
  MembersDocument,
  MessageAddedDocument,
  PendingDeliveriesDocument,
} from '../../../schema/generated/graphql.ts'
import { newSid, type ChannelId } from '../../../src/model/sid.ts'
import { openKit, openSocket, record, type Kit, type Recording, type User } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
let alice: User
let channelId: ChannelId
let otherCursor: string
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
  channelId = (await kit.channel([alice])).id
  await alice.send(channelId, 'here')
  const other = await kit.channel([alice])
  otherCursor = (await alice.send(other.id, 'elsewhere')).cursor
})
afterAll(() => kit.close())

const bad = { code: 'BAD_USER_INPUT' }

/** Cursors that this channel has never given. */
function forged(): string[] {
  const tail = channelId.slice(-8)
  return [
    '',
    'garbage',
    otherCursor,
    `${tail}.0`,
    `${tail}.0.0.0`,
    `${tail}.-2.0`,
    `${tail}.0.-1`,
    `${tail}.zzzzzzzzzzz.0`,
    `${tail}.0.zzzzzzzzzzz`,
    `${tail}.0.0\n`,
    `${tail}.0.0 OR 1=1`,
    `${tail}.😀.0`,
    `${tail}.NaN.0`,
    '\u0000',
    'x'.repeat(10_000),
  ]
}

test('a page after or before a cursor that the channel has never given is refused', async () => {
  for (const cursor of forged()) {
    expect([cursor, await refusalOf(alice, HistoryDocument, { channelId, after: cursor })]).toEqual([cursor, bad])
    expect([cursor, await refusalOf(alice, HistoryDocument, { channelId, before: cursor })]).toEqual([cursor, bad])
  }
})

test('lists of channels and members, and the queue, refuse cursors that are none', async () => {
  const member = newSid('MB')
  for (const after of ['', 'garbage', newSid('IM'), `CH${'g'.repeat(32)}`, `${newSid('CH')} `, '\u0000', member]) {
    expect([after, await refusalOf(alice, ChannelsDocument, { after })]).toEqual([after, bad])
    expect([after, await refusalOf(alice, PendingDeliveriesDocument, { after })]).toEqual([after, bad])
  }
  for (const before of ['', 'garbage', newSid('CH'), '\u0000']) {
    expect([before, await refusalOf(alice, MembersDocument, { channelId, before })]).toEqual([before, bad])
  }
  for (const cursor of forged()) {
    const after = `${channelId}:${cursor}`
    expect([after, await refusalOf(alice, PendingDeliveriesDocument, { after })]).toEqual([after, bad])
  }
})

test('a subscription from a cursor that the channel has never given ends with the reason', async () => {
  const backend = openSocket(kit.server, { authorization: kit.backend.authorization })
  for (const client of [alice.connect(), backend]) {
    const recordings = forged().flatMap((after): Recording<unknown>[] => [
      record(client, MessageAddedDocument, { channelId, after }),
      record(client, EventsDocument, { channelId, after }),
    ])
    await Promise.all(recordings.map((recording) => recording.ended()))
    for (const { errors } of recordings) expect(errors.flat()).toMatchObject([{ extensions: bad }])
    await client.dispose()
  }
})

test('a subscription to all channels takes positions of its own channels only, and no single cursor', async () => {
  const client = alice.connect()
  const wrong = [
    record(client, MessageAddedDocument, { after: otherCursor }),
    record(client, EventsDocument, { after: otherCursor }),
    record(client, EventsDocument, { positions: [{ channelId, after: otherCursor }] }),
    record(client, EventsDocument, { positions: [{ channelId, after: 'garbage' }] }),
    record(client, EventsDocument, { channelId, positions: [] }),
  ]
  await Promise.all(wrong.map((recording) => recording.ended()))
  for (const { errors, items } of wrong) {
    expect(errors.flat()).toMatchObject([{ extensions: bad }])
    expect(items).toEqual([])
  }
  await client.dispose()
})
