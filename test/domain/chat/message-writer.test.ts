import { afterAll, beforeAll, expect, test } from 'vitest'
import { HistoryDocument, RemoveMemberDocument, AddMemberDocument } from '../../../schema/generated/graphql.ts'
import type { Sending } from '../../../src/domain/chat/message-writer.ts'
import { sendMessage } from '../../../src/domain/chat/send-message.ts'
import { authenticateUser } from '../../../src/domain/chat/sign-in.ts'
import type { UserActor } from '../../../src/model/actor.ts'
import { newSid, type ChannelId } from '../../../src/model/sid.ts'
import { openKit, type Kit } from '../../support/kit.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

async function history(channelId: string) {
  const { channel } = await kit.backend.request(HistoryDocument, { channelId, first: 1000 })
  return channel!.messages.edges.map(({ node }) => node)
}

async function member(channelMembers = 1) {
  const users = await Promise.all(Array.from({ length: channelMembers }, () => kit.user()))
  const channel = await kit.channel(users)
  const actors = await Promise.all(users.map(({ token }) => authenticateUser(kit.server.app, token)))
  return { users, channel, actors: actors as UserActor[] }
}

test('P2 P6: 500 sends at once over two servers, a third of them twice, are numbered without a gap and stored once', async () => {
  const { channel, actors } = await member(5)
  const other = await kit.channel([])
  const apps = [kit.server.app, (await kit.another()).app]
  const backend = { kind: 'backend', accountId: kit.server.account.accountId } as const
  const sends = Array.from({ length: 500 }, (_, at) => {
    const name = at % 3 === 0 ? `twice-${at}` : undefined
    const send = (app = apps[at % 2]!) =>
      at % 7 === 0
        ? sendMessage(app, backend, { channelId: other.id, body: `${at}`, clientMessageId: name })
        : sendMessage(app, actors[at % 5]!, { channelId: channel.id, body: `${at}`, clientMessageId: name })
    return name === undefined ? [send()] : [send(), send(apps[(at + 1) % 2])]
  })
  const answers = await Promise.all(sends.map((twins) => Promise.all(twins)))
  for (const twins of answers) expect(new Set(twins.map(({ id }) => id)).size).toBe(1)
  for (const id of [channel.id, other.id]) {
    const messages = await history(id)
    expect(messages.map(({ index }) => index)).toEqual(messages.map((_, at) => at))
    expect(new Set(messages.map(({ body }) => body)).size).toBe(messages.length)
  }
  expect((await history(channel.id)).length + (await history(other.id)).length).toBe(500)
})

test('sends that come while one is written leave together', async () => {
  const { channel, actors } = await member()
  const send = (body: string) => sendMessage(kit.server.app, actors[0]!, { channelId: channel.id, body })
  await send('first')
  kit.store.statements.length = 0
  await Promise.all(Array.from({ length: 50 }, (_, at) => send(`${at}`)))
  expect(kit.store.statements.filter((statement) => statement.includes('INSERT INTO messages'))).toHaveLength(2)
  expect((await history(channel.id)).map(({ body }) => body)).toEqual(['first', ...Array(50).keys().map(String)])
})

const newMessage = (channelId: ChannelId, body: string): Sending => ({
  channelId,
  body,
  id: newSid('IM'),
  author: 'system',
  attributes: '{}',
  clientMessageId: null,
  memberAsOf: Number.MAX_SAFE_INTEGER,
})

const withDeliveries = (message: Sending): Sending => ({ ...message, deliveries: () => [] })

test('what takes no transaction is written without one, also where something else of its channel took one', async () => {
  const channel = await kit.channel()
  const other = await kit.channel()
  const { messages } = kit.server.app
  kit.store.statements.length = 0
  await Promise.all([
    messages.write(withDeliveries(newMessage(channel.id, 'with deliveries'))),
    ...Array.from({ length: 10 }, (_, at) => messages.write(newMessage(other.id, `${at}`))),
  ])
  const inserts = () => kit.store.statements.filter((statement) => statement.includes('INSERT INTO messages'))
  const begun = () => kit.store.statements.filter((statement) => statement.startsWith('BEGIN'))
  // The first of the others goes at once, and nine leave together.
  expect(inserts()).toHaveLength(3)
  expect(begun()).toHaveLength(1)
  await messages.write(newMessage(channel.id, 'plain'))
  expect(inserts()).toHaveLength(4)
  expect(begun()).toHaveLength(1)
})

test('a batch is bounded, and channels with much to write leave others their turn', async () => {
  const [busy, quiet] = [await kit.channel(), await kit.channel()]
  const { messages } = kit.server.app
  const order: string[] = []
  const write = async (channelId: string, body: string): Promise<void> => {
    await messages.write(newMessage(channelId as ChannelId, body))
    order.push(body)
  }
  await Promise.all([
    ...Array.from({ length: 600 }, (_, at) => write(busy.id, `${at}`)),
    write(quiet.id, 'quiet'),
    ...Array.from({ length: 600 }, (_, at) => write(busy.id, `${600 + at}`)),
  ])
  expect(order.indexOf('quiet')).toBeLessThan(600)
  expect(order.filter((body) => body !== 'quiet')).toEqual(Array.from({ length: 1200 }, (_, at) => `${at}`))
})

test('a send that must fail fails alone', async () => {
  const { channel, actors } = await member()
  const { app } = kit.server
  const [good, bad, deleted, alsoGood] = await Promise.allSettled([
    sendMessage(app, actors[0]!, { channelId: channel.id, body: 'good' }),
    sendMessage(app, actors[0]!, { channelId: channel.id, body: 'x'.repeat(40_000) }),
    app.messages.write({
      channelId: newSid('CH'),
      id: newSid('IM'),
      author: 'system',
      body: 'to nowhere',
      attributes: '{}',
      clientMessageId: null,
      memberAsOf: 0,
    }),
    sendMessage(app, actors[0]!, { channelId: channel.id, body: 'also good' }),
  ])
  expect(good).toMatchObject({ status: 'fulfilled' })
  expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'BAD_USER_INPUT', chatCode: 50504 } })
  expect(deleted).toEqual({ status: 'fulfilled', value: undefined })
  expect(alsoGood).toMatchObject({ status: 'fulfilled' })
  // Sends that do not wait for each other may be committed in any order.
  expect((await history(channel.id)).map(({ body }) => body).toSorted()).toEqual(['also good', 'good'])
})

test('P2: no message follows its author’s leaving, whatever is kept in memory', async () => {
  const { users, channel, actors } = await member(2)
  const { app } = kit.server
  await sendMessage(app, actors[0]!, { channelId: channel.id, body: 'as a member' })
  const { addMember } = await kit.backend.request(AddMemberDocument, {
    input: { channelId: channel.id, identity: 'someone-else' },
  })
  // Another one leaves: what is known of alice is out of date, and is read again without her noticing.
  await kit.backend.request(RemoveMemberDocument, { input: { memberId: addMember.member.id } })
  await sendMessage(app, actors[0]!, { channelId: channel.id, body: 'still a member' })
  const removal = kit.backend.request(
    `mutation { removeMember(input: { memberId: "${await memberIdOf(channel.id, users[0]!.identity)}" }) { member { id } } }`,
  )
  const sends = await Promise.allSettled([
    ...Array.from({ length: 20 }, () => sendMessage(app, actors[0]!, { channelId: channel.id, body: 'racing' })),
    removal,
    ...Array.from({ length: 20 }, () => sendMessage(app, actors[0]!, { channelId: channel.id, body: 'racing' })),
  ])
  const after = await Promise.allSettled([sendMessage(app, actors[0]!, { channelId: channel.id, body: 'after' })])
  expect(after[0]).toMatchObject({ status: 'rejected', reason: { code: 'FORBIDDEN', chatCode: 50400 } })
  const sent = sends.filter(({ status }) => status === 'fulfilled').length - 1
  expect((await history(channel.id)).filter(({ body }) => body === 'racing')).toHaveLength(sent)
})

async function memberIdOf(channelId: string, identity: string): Promise<string> {
  const { channel } = await kit.backend.request<
    { channel: { members: { edges: { node: { id: string; identity: string } }[] } } },
    { id: string }
  >('query ($id: ID!) { channel(id: $id) { members { edges { node { id identity } } } } }', { id: channelId })
  return channel.members.edges.find(({ node }) => node.identity === identity)!.node.id
}
