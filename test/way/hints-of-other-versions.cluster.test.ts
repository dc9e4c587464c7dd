import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  AddMemberDocument,
  AddReactionDocument,
  AppendToMessageDocument,
  CreateApiKeyDocument,
  CreateInviteDocument,
  CreateServiceDocument,
  DeleteApiKeyDocument,
  DeleteChannelDocument,
  DeleteDraftDocument,
  DeleteInviteDocument,
  DeleteMessageDocument,
  DeleteServiceDocument,
  DeleteUserDocument,
  EventsDocument,
  FinishMessageDocument,
  UnfollowThreadDocument,
  LeaveChannelDocument,
  MarkReadDocument,
  PinMessageDocument,
  PresenceChangedDocument,
  RemoveMemberDocument,
  RotateSigningKeyDocument,
  SaveDraftDocument,
  SaveMessageDocument,
  ScheduleMessageDocument,
  StartTypingDocument,
  TruncateChannelDocument,
  UnsaveMessageDocument,
  UpdateApiKeyDocument,
  UpdateChannelDocument,
  UpdateMemberDocument,
  UpdateMessageDocument,
  UpdateRoleDocument,
  UpdateServiceDocument,
  UpdateUserDocument,
  LaterEventsDocument,
} from '../../schema/generated/graphql.ts'
import { authorityChanges, readAuthorityChange } from '../../src/domain/access/authority-change.ts'
import { readProcessMessage } from '../../src/domain/process-calls.ts'
import { topics, type Bus } from '../../src/live/bus.ts'
import { channelHints, readChannelHint, readPresenceHint, readUserHint, userHints } from '../../src/model/hint.ts'
import { makeRole } from '../support/authority.ts'
import { openKit, record, uniqueName, type Kit } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'

// Without the sweep nothing but a hint makes a feed read the store.
vi.mock('../../src/domain/realtime/counter-sweep.ts', () => ({
  CounterSweep: class {
    async close() {}
  },
}))

let kit: Kit
let bus: Bus
beforeAll(async () => {
  kit = await openKit()
  ;({ bus } = kit.server.app)
})
afterAll(() => kit.close())

type Payload = Readonly<Record<string, unknown>>

/** What comes over the bus on some topics. */
async function listen(...wanted: string[]) {
  const heard: Payload[] = []
  const stops = await Promise.all(wanted.map((topic) => bus.subscribe(topic, (hint) => heard.push(hint as Payload))))
  return { heard, stop: () => stops.forEach((stop) => stop()) }
}

/** Someone with a device who follows a channel and itself, and two other members. */
async function openScene() {
  const [alice, bob, carol] = await Promise.all([kit.user('alice'), kit.user('bob'), kit.user('carol')])
  const { id: channelId } = await kit.channel([alice, bob, carol])
  const { id: otherId } = await kit.channel()
  const read = await kit.server.app.db.run<{ id: string; identity: string }>(
    `SELECT concat('US', replace(id::text, '-', '')) AS id, identity FROM users`,
    [],
  )
  const idOf = (identity: string) => read.find((user) => user.identity === identity)!.id
  const topicsOfAll = [
    topics.channel(channelId),
    ...[alice, bob, carol].map(({ identity }) => topics.user(idOf(identity))),
  ]
  // Before anything of the channel is open: a feed asks when it opens.
  const [channel, user] = [await listen(topics.channel(channelId)), await listen(...topicsOfAll.slice(1))]
  const closed: unknown[] = []
  const client = alice.connect({ deviceId: 'phone', on: { closed: (event) => closed.push(event) } })
  const events = record(client, EventsDocument, { channelId })
  const own = record(client, LaterEventsDocument, {})
  await Promise.all([events.atLeast(1), own.atLeast(1)])
  return { alice, bob, carol, channelId, otherId, idOf, topicsOfAll, channel, user, client, closed, events, own }
}

type Scene = Awaited<ReturnType<typeof openScene>>

/** Everything that makes a hint. */
async function doEverything({ alice, bob, carol, channelId, otherId, idOf, channel }: Scene): Promise<void> {
  const { backend } = kit
  const [first, second] = [await alice.send(channelId, 'one'), await alice.send(channelId, 'two')]
  const reply = await bob.send(channelId, 'reply', {
    parentId: first.id,
    showInChannel: true,
    quotedMessageId: first.id,
  })
  await alice.request(UpdateMessageDocument, { input: { messageId: first.id, body: 'edited' } })
  await backend.request(PinMessageDocument, { input: { messageId: first.id } })
  await bob.request(AddReactionDocument, { input: { messageId: first.id, reaction: '🦉' } })
  const text = await backend.send(channelId, 'a ', { isStreaming: true })
  await backend.request(AppendToMessageDocument, { input: { messageId: text.id, offset: 2, text: 'text' } })
  // What is finished sooner is published whole.
  await haveCome(channel.heard, { text: true })
  await backend.request(FinishMessageDocument, { input: { messageId: text.id } })
  await bob.request(StartTypingDocument, { input: { channelId } })
  await bob.request(StartTypingDocument, { input: { channelId, parentId: first.id } })
  await alice.request(MarkReadDocument, { input: { channelId, throughIndex: reply.index } })
  await bob.request(UnfollowThreadDocument, { input: { parentId: first.id } })
  const draft = { channelId, body: 'to be', clientMessageId: uniqueName('draft') }
  await alice.request(SaveDraftDocument, { input: draft })
  await alice.request(DeleteDraftDocument, { input: { channelId } })
  const sendAt = new Date(Date.now() + 3_600_000).toISOString()
  await alice.request(ScheduleMessageDocument, { input: { channelId, body: 'later', sendAt } })
  const remindAt = new Date(Date.now() + 300).toISOString()
  await alice.request(SaveMessageDocument, { input: { messageId: second.id, remindAt } })
  await bob.request(SaveMessageDocument, { input: { messageId: second.id } })
  await bob.request(UnsaveMessageDocument, { input: { messageId: second.id } })
  const { createInvite } = await backend.request(CreateInviteDocument, {
    input: { channelId: otherId, identity: alice.identity },
  })
  await backend.request(DeleteInviteDocument, { input: { inviteId: createInvite.invite.id } })
  await alice.request(UpdateUserDocument, { input: { friendlyName: 'Alice', userId: idOf(alice.identity) } })
  const roleId = await makeRole(kit, 'channel', ['sendMessage'])
  await backend.request(UpdateRoleDocument, { input: { roleId, permissions: ['sendMessage'] } })
  await carol.request(LeaveChannelDocument, { input: { channelId } })
  const { addMember } = await backend.request(AddMemberDocument, { input: { channelId, identity: carol.identity } })
  const memberId = addMember.member.id
  await backend.request(UpdateMemberDocument, { input: { memberId, roleId } })
  await backend.request(RemoveMemberDocument, { input: { memberId } })
  await backend.request(UpdateChannelDocument, { input: { channelId, friendlyName: 'Owls' } })
  await alice.request(DeleteMessageDocument, { input: { messageId: second.id } })
  await backend.request(TruncateChannelDocument, { input: { channelId, beforeIndex: 1 } })
  await backend.request(DeleteUserDocument, { input: { userId: carol.identity } })
  const { createApiKey } = await backend.request(CreateApiKeyDocument, { input: {} })
  const apiKeyId = createApiKey.apiKey.id
  await backend.request(UpdateApiKeyDocument, { input: { apiKeyId, friendlyName: 'renamed' } })
  await backend.request(DeleteApiKeyDocument, { input: { apiKeyId } })
  await backend.request(RotateSigningKeyDocument, {})
  const { createService } = await backend.request(CreateServiceDocument, { input: { friendlyName: 'gone' } })
  const serviceId = createService.service.id
  await backend.request(UpdateServiceDocument, { input: { serviceId, friendlyName: 'soon' } })
  await backend.request(DeleteServiceDocument, { input: { serviceId } })
}

/** The same with one of its fields left out, at any depth, for each of them. */
function* lacking(payload: unknown, path = ''): Generator<readonly [path: string, Payload]> {
  if (typeof payload !== 'object' || payload === null || payload instanceof Date || Array.isArray(payload)) return
  for (const [name, value] of Object.entries(payload)) {
    const { [name]: _, ...others } = payload as Payload
    if (value === undefined) continue
    yield [`${path}${name}`, others]
    for (const [below, less] of lacking(value, `${path}${name}.`)) yield [below, { ...payload, [name]: less }]
  }
}

async function haveCome(heard: readonly Payload[], types: object): Promise<void> {
  const missing = () => Object.keys(types).filter((type) => !heard.some((hint) => hint['type'] === type))
  await waitFor(() => missing().length === 0).catch(() => {})
  expect(missing()).toEqual([])
}

/** What a row has only where there is something to say, and columns that no reader of hints knows. */
const mayLack = new Set(
  `parentIndex isSilent quotedId mentions mentionsChannel streamState streamEndedSeq hiddenRun parent quoted extras messageSeq
   parentId showInChannel quotedMessageId silent
   streamEndedAt uncounted authorShownIndex sender addedBy uncountedIndex shownAt dueAt scheduled.serviceId`.split(
    /\s+/,
  ),
)

test('every hint that is published is read whole, with more fields too, and one that lacks a field is not used', async () => {
  const scene = await openScene()
  const { channel, user } = scene
  const authority = await listen(topics.authority)
  const presence = await listen(topics.presence(kit.server.account.serviceId))
  await doEverything(scene)
  const client = scene.bob.connect({ deviceId: 'phone' })
  const late = record(client, EventsDocument, { channelId: scene.channelId })
  await waitFor(() => presence.heard.length > 0)
  const { channelRemoved, ...others } = channelHints
  await haveCome(channel.heard, others)
  await haveCome(user.heard, userHints)
  await kit.backend.request(DeleteChannelDocument, { input: { channelId: scene.channelId } })
  await haveCome(channel.heard, { channelRemoved })
  await haveCome(authority.heard, authorityChanges)
  for (const { stop } of [channel, user, authority, presence]) stop()

  const spared = new Set<string>()
  const wrong: string[] = []
  /** Where it has a number, the store knows what it was about. */
  const differ = (path: string, answer: unknown, seq: unknown): string[] =>
    isDeepStrictEqual(answer, seq === undefined ? undefined : { type: 'unreadable', seq }) ? [] : [path]
  const walk = (heard: readonly Payload[], read: (payload: unknown) => unknown): void => {
    for (const hint of heard) {
      expect(read(hint)).toBe(hint)
      const more = { ...hint, later: { than: 'this version' } }
      expect(read(more)).toBe(more)
      for (const [path, less] of lacking(hint)) {
        const answer = read(less)
        if (answer === less) spared.add(path)
        else wrong.push(...differ(path, answer, path === 'seq' ? undefined : hint['seq']))
      }
    }
  }
  walk(channel.heard, readChannelHint)
  walk(user.heard, readUserHint)
  walk(authority.heard, readAuthorityChange)
  walk(presence.heard, readPresenceHint)
  expect(wrong).toEqual([])
  const isExpected = (path: string): boolean => mayLack.has(path) || mayLack.has(path.split('.').at(-1)!)
  expect([...spared].filter((path) => !isExpected(path))).toEqual([])
  late.stop()
  await client.dispose()
  await scene.client.dispose()
})

const junk: readonly unknown[] = [
  null,
  'text',
  7,
  true,
  [],
  {},
  { type: 7 },
  { type: '__proto__' },
  { type: 'constructor', seq: 1 },
  { type: 'pollOpened' },
  { type: 'pollOpened', seq: -1 },
  { type: 'pollOpened', seq: 'x' },
  // Of a lost history, or of nobody: reading the store once does no harm.
  { type: 'pollOpened', seq: 2 ** 52 },
  ...[...Object.keys(channelHints), ...Object.keys(userHints), ...Object.keys(authorityChanges)].map((type) => ({
    type,
  })),
  { type: 'messageAdded', seq: 2 ** 52, message: null },
  { type: 'memberLeft', seq: 2 ** 52, member: {} },
  { type: 'typing', member: {}, milliseconds: 'long', isAnswer: 1 },
  { type: 'receiptsMoved', of: 'seen', memberIds: 'all' },
  { type: 'members', userId: 'US', channelIds: 7 },
  { identity: 7 },
  { type: 'question', number: 1, from: 'spec', question: { ask: 'pause', messageId: 'IM' } },
  { type: 'question', number: 1, from: 7, question: null },
  { type: 'answer', number: 1, outcome: { refusal: { code: 'PAUSED', message: 'later' } } },
  { type: 'answer', number: 1, from: 7, outcome: null },
  { type: 'here', id: 7, host: null },
  { type: 'gone' },
]

test('junk on every topic ends nothing, and is passed on to nobody', async () => {
  const scene = await openScene()
  const { alice, channelId, topicsOfAll, closed, events, own, client } = scene
  const presence = record(client, PresenceChangedDocument, { identities: [alice.identity] })
  await presence.atLeast(1)
  const { serviceId } = kit.server.account
  const owner = kit.server.app.streams.id
  const all = [...topicsOfAll, topics.presence(serviceId), topics.authority, topics.processes, topics.process(owner)]
  for (const topic of all) for (const payload of junk) bus.publish(topic, payload)
  const bodies = ['one', 'two', 'three']
  for (const body of bodies) await alice.send(channelId, body)
  const added = () => events.items.flatMap(({ events: event }) => (event.__typename === 'MessageAdded' ? [event] : []))
  await waitFor(() => added().length >= bodies.length)
  expect(added().map(({ message }) => message.body)).toEqual(bodies)
  await alice.request(SaveDraftDocument, { input: { channelId, body: 'x', clientMessageId: uniqueName('x') } })
  await own.atLeast(2)
  // A text goes on at its owner, who was asked all that.
  const text = await kit.backend.send(channelId, 'a ', { isStreaming: true })
  await kit.backend.request(AppendToMessageDocument, { input: { messageId: text.id, offset: 2, text: 'b' } })
  expect({ closed, errors: [...events.errors, ...own.errors, ...presence.errors] }).toEqual({ closed: [], errors: [] })
  const unexpected = events.items.filter(({ events: event }) => /Gap|Left|Removed/.test(event.__typename))
  expect(unexpected).toEqual([])
  await client.dispose()
})

test('a process answers what it is asked, and not what it does not know', async () => {
  const { heard, stop } = await listen(topics.process('spec'))
  const owner = topics.process(kit.server.app.streams.id)
  const ask = (number: number, question: unknown) =>
    bus.publish(owner, { type: 'question', number, from: 'spec', question })
  ask(1, { ask: 'pause', messageId: 'IM' })
  ask(2, { ask: 'append', messageId: 'IM', offset: 0 })
  ask(3, { ask: 'handOver', messageId: 'IM', later: true })
  await waitFor(() => heard.length > 0)
  expect(heard).toEqual([{ type: 'answer', number: 3, from: kit.server.app.process.id, outcome: {} }])
  expect(readProcessMessage(heard[0])).toBe(heard[0])
  stop()
})

/** What a process of another version might publish instead. */
const distortions: Readonly<Record<string, (hint: Payload) => unknown>> = {
  'are of another type': ({ seq }) => ({ type: 'pollOpened', seq, poll: { question: '?' } }),
  'have more fields': (hint) => ({ ...hint, poll: { question: '?' } }),
  'lack a field of their row': (hint) =>
    Object.fromEntries(
      Object.entries(hint).map(([name, value]) => {
        if (typeof value !== 'object' || value === null) return [name, value]
        const { createdAt: _, updatedAt: __, ...others } = value as Payload
        return [name, others]
      }),
    ),
}

test.each(Object.keys(distortions))(
  'P3: streams whose hints %s are told of everything, once and in order',
  async (how) => {
    const { alice, channelId, client, closed, events, own } = await openScene()
    const publish = bus.publish.bind(bus)
    bus.publish = (topic, payload) => {
      const isChange = typeof (payload as Payload)['seq'] === 'number'
      publish(topic, isChange ? distortions[how]!(payload as Payload) : payload)
    }
    try {
      const bodies: string[] = []
      for (let at = 0; at < 5; at++) {
        const { id: messageId } = await alice.send(channelId, `message ${at}`)
        await alice.request(UpdateMessageDocument, { input: { messageId, body: `edit ${at}` } })
        bodies.push(`message ${at}`)
        const clientMessageId = uniqueName('draft')
        await alice.request(SaveDraftDocument, { input: { channelId, body: `draft ${at}`, clientMessageId } })
        // Each for itself: the store has only the latest state of what is read together.
        await waitFor(() => events.items.some(({ events: event }) => bodyOf(event) === `edit ${at}`))
        await waitFor(() => own.items.some((item) => JSON.stringify(item).includes(`draft ${at}`)))
      }
      const indexes = events.items.flatMap(({ events: event }) =>
        event.__typename === 'MessageAdded' ? [event.message.index] : [],
      )
      expect(indexes).toEqual(bodies.map((_, index) => index))
      const cursors = events.items.flatMap(({ events: event }) => ('cursor' in event ? [event.cursor] : []))
      const seqs = cursors.map((cursor) => Number.parseInt(cursor.split('.')[2]!, 36))
      expect(seqs).toEqual(seqs.toSorted((one, other) => one - other))
      expect({ closed, errors: [...events.errors, ...own.errors] }).toEqual({ closed: [], errors: [] })
    } finally {
      bus.publish = publish
      await client.dispose()
    }
  },
)

function bodyOf(event: object): string | undefined {
  return (event as { message?: { body?: string } }).message?.body
}
