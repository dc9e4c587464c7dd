import { once } from 'node:events'
import { request } from 'node:http'
import * as fc from 'fast-check'
import { print } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  DeleteChannelDocument,
  HistoryDocument,
  RemoveMemberDocument,
  SendMessageDocument,
  UpdateRoleDocument,
} from '../../schema/generated/graphql.ts'
import { newSid, sidToUuid, type ChannelId } from '../../src/model/sid.ts'
import type { Server } from '../../src/server.ts'
import { makeRole } from '../support/authority.ts'
import { openKit, type Answer, type Kit, type User } from '../support/kit.ts'
import { RawSocket } from '../support/raw-socket.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let elsewhere: Server
beforeAll(async () => {
  kit = await openKit()
  elsewhere = await kit.another()
})
afterAll(() => kit.close())

const upTo = (count: number): number[] => [...Array(count).keys()]

async function history(channelId: string) {
  const { channel } = await kit.backend.request(HistoryDocument, { channelId, first: 1000 })
  return channel!.messages.edges.map(({ node }) => node)
}

async function expectNoHole(channelId: string) {
  const messages = await history(channelId)
  expect(messages.map(({ index }) => index)).toEqual(upTo(messages.length))
  return messages
}

/** Straight to a server's writer, so that what is written together is known. */
function write(server: Server, channelId: ChannelId, body: string, clientMessageId: string | null = null) {
  const id = newSid('IM')
  const memberAsOf = Number.MAX_SAFE_INTEGER
  const message = { channelId, id, author: 'system', body, attributes: '{}', clientMessageId, memberAsOf }
  return server.app.messages.write(message)
}

/** The batches that the work writes, as the arrays that go to the database. */
async function batchesOf(work: () => Promise<unknown>): Promise<readonly (readonly unknown[])[][]> {
  const sent = await kit.store.statementsOf(work)
  return sent
    .filter(({ statement }) => statement.includes('INSERT INTO messages'))
    .map(({ parameters }) => parameters.map((one) => (Array.isArray(one) ? one : [one]) as readonly unknown[]))
}

test.for([
  ['SID', ({ id }: { id: string; uniqueName: string }) => id],
  ['unique name', ({ uniqueName }: { id: string; uniqueName: string }) => uniqueName],
] as const)(
  'sends of one author over one socket keep their order when nothing is in memory, by %s',
  async ([, name]) => {
    for (const round of upTo(10)) {
      const user = await kit.user()
      const uniqueName = `ordered ${name.length} ${user.identity}`
      const { id } = await kit.channel([user], { uniqueName })
      const socket = await RawSocket.open(elsewhere, { token: user.token })
      // Twice: when its role is read for the first time, and when that is out of date.
      elsewhere.app.caches.users.clear()
      elsewhere.app.caches.access.clear()
      for (const number of upTo(20)) {
        const input = { channelId: name({ id, uniqueName }), body: `${round} ${number}` }
        socket.subscribe(`${number}`, SendMessageDocument, { input })
      }
      await waitFor(() => socket.messages.filter(({ type }) => type === 'complete').length === 20)
      expect((await expectNoHole(id)).map(({ body }) => body)).toEqual(upTo(20).map((number) => `${round} ${number}`))
      socket.terminate()
    }
  },
)

test('P1: a caller that goes away undoes nothing, and gets the first message when it comes again', async () => {
  const user = await kit.user()
  const { id: channelId } = await kit.channel([user])
  const path = `${kit.server.url}/graphql`
  const headers = { 'content-type': 'application/json', authorization: user.authorization }
  for (const number of upTo(10)) {
    const input = { channelId, body: `${number}`, clientMessageId: `${number}` }
    const body = JSON.stringify({ query: print(SendMessageDocument), variables: { input } })
    const isWritten = (): boolean => kit.store.statements.some((one) => one.includes('INSERT INTO messages'))
    kit.store.statements.length = 0
    const asked = request(path, { method: 'POST', headers: { ...headers, 'content-length': Buffer.byteLength(body) } })
    const gone = Promise.allSettled([once(asked, 'close')])
    asked.end(body)
    await waitFor(isWritten, { interval: 0 })
    asked.destroy()
    await gone
    const again = await user.send(channelId, `${number}`, { clientMessageId: `${number}` })
    expect(again.index).toBe(number)
  }
  expect((await expectNoHole(channelId)).map(({ body }) => body)).toEqual(upTo(10).map(String))
})

test('a batch is bounded in rows, in characters and in parameters, and all of it is written in order', async () => {
  const { id: channelId } = await kit.channel()
  const short = await batchesOf(() => Promise.all(upTo(700).map((number) => write(kit.server, channelId, `${number}`))))
  expect(Math.max(...short.map(([, , , , bodies]) => bodies!.length))).toBe(256)
  expect(Math.max(...short.map((parameters) => parameters.length))).toBe(7)
  const body = 'x'.repeat(32 * 1024)
  const long = await batchesOf(() => Promise.all(upTo(80).map(() => write(kit.server, channelId, body))))
  const sizes = long.map((parameters) => parameters[4]!.reduce((sum: number, one) => sum + String(one).length, 0))
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024)
  expect(long.length).toBeLessThan(10)
  const messages = await expectNoHole(channelId)
  expect(messages.map((message) => message.body)).toEqual([...upTo(700).map(String), ...Array<string>(80).fill(body)])
})

/** Ways for a send to fail, or to be one that was made before, among others in one batch. */
const odd = [
  'in a channel that has just been deleted',
  'with a text that the database refuses',
  'that was made before',
  'that is in the batch twice',
] as const

test('P2 P6: whatever is wrong with some sends of a batch, the others are written, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('good', ...odd), { minLength: 2, maxLength: 20 }), async (sends) => {
      const [{ id: channelId }, gone] = await Promise.all([kit.channel(), kit.channel()])
      const before = await write(kit.server, channelId, 'before', 'before')
      // Keeps the writer busy, so that the others leave together.
      const first = write(kit.server, channelId, 'first')
      const answers = sends.map((kind, at) => {
        switch (kind) {
          case 'in a channel that has just been deleted':
            return write(kit.server, gone.id, 'nowhere')
          case 'with a text that the database refuses':
            return write(kit.server, channelId, 'the text\0').then(String, ({ code }) => code as string)
          case 'that was made before':
            return write(kit.server, channelId, 'again', 'before')
          case 'that is in the batch twice':
            return write(kit.server, channelId, 'twice', 'twice')
          case 'good':
            return write(kit.server, channelId, `${at}`)
        }
      })
      await first
      const deletion = kit.backend.request(DeleteChannelDocument, { input: { channelId: gone.id } })
      const answered = await Promise.all(answers)
      await deletion
      const answersTo = (wanted: string) => answered.filter((_answer, at) => sends[at] === wanted)
      const idsOf = (wanted: string) => answersTo(wanted).map((answer) => (answer as { id: string }).id)
      expect(new Set([...answersTo('with a text that the database refuses'), '22021'])).toEqual(new Set(['22021']))
      expect(new Set([...idsOf('that was made before'), before!.id])).toEqual(new Set([before!.id]))
      const stored = (await expectNoHole(channelId)).map(({ id }) => id).slice(2)
      const good = idsOf('good')
      const twice = new Set(idsOf('that is in the batch twice'))
      expect(stored.filter((id) => !twice.has(id))).toEqual(good)
      expect(stored).toHaveLength(good.length + twice.size)
      expect(twice.size).toBeLessThanOrEqual(1)
    }),
    { numRuns: 15 },
  )
})

// Nothing in it waits for a time, but up to a thousand sends take that of a busy machine.
test('P2 P3: no message of a member that is removed has a seq above its leaving, whatever waits in batches', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ who: fc.nat(2), burst: fc.integer({ min: 1, max: 8 }), at: fc.boolean() }), {
        minLength: 5,
        maxLength: 15,
      }),
      fc.array(fc.nat(14), { minLength: 3, maxLength: 3 }),
      async (bursts, removals) => {
        const users = await Promise.all(upTo(3).map(() => kit.user()))
        const { id: channelId } = await kit.channel()
        const memberIds = await Promise.all(
          users.map(async ({ identity }) => {
            const { addMember } = await kit.backend.request(AddMemberDocument, { input: { channelId, identity } })
            return addMember.member.id
          }),
        )
        const homes = users.map((user): [User, User] => [user, user.at(elsewhere)])
        const work: Promise<Answer<object>>[] = bursts.flatMap(({ who, burst, at }, turn) => [
          ...upTo(burst).map((number) =>
            homes[who]![at ? 1 : 0].ask(SendMessageDocument, { input: { channelId, body: `${turn} ${number}` } }),
          ),
          ...removals.flatMap((when, member) =>
            when === turn ? kit.backend.ask(RemoveMemberDocument, { input: { memberId: memberIds[member]! } }) : [],
          ),
        ])
        const answers = await Promise.all(work)
        const refused = answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions.code) ?? [])
        expect(new Set([...refused, 'FORBIDDEN'])).toEqual(new Set(['FORBIDDEN']))
        const late = await kit.store.db.run(
          `SELECT messages.index FROM messages JOIN members ON members.channel_id = messages.channel_id AND identity = author
           WHERE messages.channel_id = $1 AND left_at IS NOT NULL AND messages.seq > members.seq`,
          [sidToUuid(channelId)],
        )
        expect(late).toEqual([])
        const sent = answers.filter(({ data }) => (data as { sendMessage?: object | null } | null)?.sendMessage).length
        expect(await expectNoHole(channelId)).toHaveLength(sent)
      },
    ),
    { numRuns: 8 },
  )
}, 60_000)

test('a permission that a role loses is gone at once on every server that gets the hint, and within 5 seconds on one that does not', async () => {
  const deaf = await kit.another({ REDIS_URL: '', DEVICE_DAYS: '7' })
  const user = await kit.user()
  const roleId = await makeRole(kit, 'channel', ['sendMessage'])
  const { id: channelId } = await kit.channel()
  const input = { channelId, identity: user.identity, roleId }
  await kit.backend.request(AddMemberDocument, { input })
  const homes = [user, user.at(elsewhere), user.at(deaf)]
  await Promise.all(homes.map((home) => home.send(channelId, 'allowed')))
  await kit.backend.request(UpdateRoleDocument, { input: { roleId, permissions: [] } })
  const lost = performance.now()
  const times = await Promise.all(
    homes.map(async (home) => {
      await waitFor(async () => (await home.ask(SendMessageDocument, { input: { channelId, body: 'still' } })).errors, {
        interval: 50,
      })
      return performance.now() - lost
    }),
  )
  expect(times[0]).toBeLessThan(2000)
  expect(times[1]).toBeLessThan(2000)
  expect(times[2]).toBeLessThan(6000)
})
