import { createHash, randomUUID } from 'node:crypto'
import {
  AcknowledgeDeliveriesDocument,
  AddMemberDocument,
  AddReactionDocument,
  CreateAccessTokenDocument,
  CreateChannelDocument,
  EventsDocument,
  HistoryDocument,
  LaterEventsDocument,
  MessageBodiesDocument,
  PinMessageDocument,
  SaveDraftDocument,
  StartTypingDocument,
  UpdateChannelDocument,
  UpdateMessageDocument,
} from '../../schema/generated/graphql.ts'
import { Caller, record, User } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'

/** How long a crossing waits for what it asks for: longer than a sweep takes, on a machine that is loaded. */
const limit = { timeout: 15_000 }

interface Scene {
  readonly urls: readonly [from: string, to: string]
  readonly authorization: string
}

/**
 * What two processes have to understand of each other: what somebody does at one, someone sees at the other; cursors, tokens, names of messages and
 * positions of devices that one has made the other one takes. Answers how long the first message took from one to the other, in milliseconds.
 */
export async function cross({ urls: [from, to], authorization }: Scene): Promise<number> {
  const [backend, backendThere] = [from, to].map((url) => new Caller({ url }, authorization)) as [Caller, Caller]
  const { createChannel } = await ask(() => backend.request(CreateChannelDocument, { input: {} }))
  const channelId = createChannel.channel.id
  const member = async (name: string): Promise<User> => {
    const identity = `${name}-${randomUUID()}`
    await ask(() => backend.request(AddMemberDocument, { input: { channelId, identity } }))
    const { createAccessToken } = await ask(() => backend.request(CreateAccessTokenDocument, { input: { identity } }))
    return new User({ url: from }, identity, createAccessToken.token)
  }
  const [alice, bob] = [await member('alice'), await member('bob')]
  // A token of one process is good at the other.
  const bobThere = bob.at({ url: to })
  const client = bobThere.connect()
  try {
    const events = record(client, EventsDocument, { channelId })
    const own = record(client, LaterEventsDocument, {})
    await Promise.all([events.atLeast(1, limit.timeout), own.atLeast(1, limit.timeout)])
    const bodies = () =>
      events.items.flatMap(({ events: each }) => (each.__typename === 'MessageAdded' ? [each.message.body] : []))

    const sentAt = performance.now()
    const { id: messageId } = await named(alice, channelId, 'one')
    await waitFor(() => bodies().includes('one'), limit)
    const latency = performance.now() - sentAt
    await ask(() => alice.request(UpdateMessageDocument, { input: { messageId, body: 'edited' } }))
    await ask(() => alice.request(AddReactionDocument, { input: { messageId, reaction: '🎉' } }))
    await ask(() => backend.request(PinMessageDocument, { input: { messageId } }))
    await ask(() => backend.request(UpdateChannelDocument, { input: { channelId, friendlyName: 'crossed' } }))
    await member('carol')
    const wanted = ['MessageUpdated', 'ChannelUpdated', 'MemberJoined', 'TypingStarted']
    const seen = () => new Set(events.items.map(({ events: each }) => each.__typename as string))
    // As an event of its own, or, of a reader whose process has read it from the store, with the message.
    const hasReaction = () =>
      events.items.some(({ events: each }) => 'message' in each && JSON.stringify(each.message).includes('🎉'))
    await waitFor(async () => {
      // It is a hint, and may be lost.
      await alice.request(StartTypingDocument, { input: { channelId } })
      return hasReaction() && wanted.every((type) => seen().has(type))
    }, limit).catch((error: unknown) => {
      throw new Error(`${to} has seen ${[...seen()].join()} of what was done at ${from}`, { cause: error })
    })

    await crossCursors()
    await crossDrafts()
    await crossPages()
    await crossNames()
    await crossDevices()
    return latency

    /** Of events: what one process has delivered last is where the other one goes on. */
    async function crossCursors(): Promise<void> {
      const last = events.items.findLast(({ events: each }) => 'cursor' in each)!.events as { cursor: string }
      const more = ['two', 'three']
      for (const body of more) await named(alice, channelId, body)
      await waitFor(() => more.every((body) => bodies().includes(body)), limit)
      // Who has confirmed nothing: what the reader has of it would not come again.
      const back = alice.connect()
      const missed = record(back, EventsDocument, { channelId, after: last.cursor })
      const added = () =>
        missed.items.flatMap(({ events: each }) => (each.__typename === 'MessageAdded' ? [each.message.body] : []))
      await waitFor(() => added().length >= more.length, limit)
      expectSame('what follows the cursor', added(), more)
      await back.dispose()
    }

    async function crossDrafts(): Promise<void> {
      const save = (at: User, body: string) =>
        ask(() => at.request(SaveDraftDocument, { input: { channelId, body, clientMessageId: randomUUID() } }))
      const draftsOf = (items: typeof own.items) =>
        items.flatMap(({ viewerEvents: each }) => (each.__typename === 'ViewerDraftSaved' ? [each] : []))
      await save(bob, 'first')
      await waitFor(() => draftsOf(own.items).some(({ draft }) => draft.body === 'first'), limit)
      const after = draftsOf(own.items).at(-1)!.cursor
      await save(bobThere, 'second')
      const back = bob.connect()
      const missed = record(back, LaterEventsDocument, { after })
      await waitFor(() => draftsOf(missed.items).length > 0, limit)
      expectSame(
        'drafts after the cursor',
        draftsOf(missed.items).map(({ draft }) => draft.body),
        ['second'],
      )
      await back.dispose()
    }

    async function crossPages(): Promise<void> {
      const page = await ask(() => alice.request(HistoryDocument, { channelId, first: 2 }))
      const after = page.channel!.messages.pageInfo.endCursor
      const next = await ask(() => backendThere.request(HistoryDocument, { channelId, first: 1, after }))
      expectSame(
        'the next page',
        next.channel!.messages.edges.map(({ node }) => node.index),
        [2],
      )
    }

    async function crossNames(): Promise<void> {
      const clientMessageId = randomUUID()
      const [one, again] = [
        await ask(() => alice.send(channelId, 'once', { clientMessageId })),
        await ask(() => alice.at({ url: to }).send(channelId, 'once', { clientMessageId })),
      ]
      expectSame('a repeated send', [again.id, again.index], [one.id, one.index])
    }

    async function crossDevices(): Promise<void> {
      const deviceId = `device-${randomUUID()}`
      // Who has no other device: a new one begins where the furthest is.
      const dan = await member('dan')
      const danThere = dan.at({ url: to })
      const { index } = await named(alice, channelId, 'for the device')
      const there = danThere.connect({ deviceId })
      const first = record(there, MessageBodiesDocument, { channelId })
      await waitFor(() => first.items.some(({ messageAdded }) => messageAdded.index === index), limit)
      const input = { channelId, deviceId, throughIndex: index }
      await ask(() => danThere.request(AcknowledgeDeliveriesDocument, { input }))
      await there.dispose()
      await named(alice, channelId, 'while it was away')
      const here = dan.connect({ deviceId })
      const second = record(here, MessageBodiesDocument, { channelId })
      await second.atLeast(1, limit.timeout)
      expectSame(
        'what was queued for the device',
        second.items.map(({ messageAdded }) => messageAdded.index),
        [index + 1],
      )
      await here.dispose()
    }
  } finally {
    await client.dispose()
  }
}

/** Asks until it is answered: what is asked may be asked twice. */
const ask = <Result>(work: () => Promise<Result>): Promise<Result> => waitFor(work, limit) as Promise<Result>

function named(user: User, channelId: string, body: string) {
  const clientMessageId = randomUUID()
  return ask(() => user.send(channelId, body, { clientMessageId }))
}

function expectSame(what: string, found: unknown, wanted: unknown): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)]
  if (one !== other) throw new Error(`${what}: ${one} and not ${other}`)
}

/** What a process answers of documents that are named by their hash, or sent as texts: those that it does not take. */
export async function findUnanswered(
  url: string,
  authorization: string,
  documents: readonly string[],
  by: 'hash' | 'text',
): Promise<string[]> {
  const caller = new Caller({ url }, authorization)
  const refused: string[] = []
  for (const query of documents) {
    const documentId = createHash('sha256').update(query).digest('hex')
    const response = await fetch(`${caller.server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify(by === 'hash' ? { documentId } : { query }),
      signal: AbortSignal.timeout(10_000),
    })
    const { errors = [] } = (await response.json()) as { errors?: { message: string }[] }
    // Variables are missing, and a subscription is for a socket: either is said of a document that is known and valid.
    const fault = errors.find(({ message }) => /document|Cannot query|Unknown|must not|conflict/i.test(message))
    if (fault) refused.push(`${query.slice(0, 60)}: ${fault.message}`)
  }
  return refused
}
