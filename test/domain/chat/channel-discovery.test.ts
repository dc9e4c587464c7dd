import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  CreateChannelDocument,
  CreateServiceDocument,
  DeleteChannelDocument,
  PublicChannelsDocument,
  UpdateChannelDocument,
  type PublicChannelsQueryVariables,
} from '../../../schema/generated/graphql.ts'
import { sidToUuid, type ChannelId } from '../../../src/model/sid.ts'
import { refreshChannelSummaries } from '../../../src/store/channel-summary.ts'
import { openKit, uniqueName, type Caller, type Kit, type User } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
let user: User
let serviceId: string
beforeAll(async () => {
  kit = await openKit()
  user = await kit.user()
})
afterAll(() => kit.close())
beforeEach(async () => {
  const { createService } = await kit.backend.request(CreateServiceDocument, {
    input: { friendlyName: uniqueName('service') },
  })
  serviceId = createService.service.id
})

const refresh = async (): Promise<void> => {
  await refreshChannelSummaries(kit.store.maintenance)
}

async function make(friendlyName: string | null, more: object = {}): Promise<ChannelId> {
  const { createChannel } = await kit.backend.request(CreateChannelDocument, {
    input: { serviceId, friendlyName, ...more },
  })
  return createChannel.channel.id as ChannelId
}

async function list(variables: PublicChannelsQueryVariables = {}, caller: Caller = kit.backend) {
  const { publicChannels } = await caller.request(PublicChannelsDocument, { serviceId, ...variables })
  return publicChannels!
}

async function namesOf(variables: PublicChannelsQueryVariables = {}): Promise<(string | null | undefined)[]> {
  return (await list(variables)).edges.map(({ node }) => node.friendlyName ?? node.uniqueName)
}

/** As if so many were members. */
async function count(channelId: ChannelId, members: number): Promise<void> {
  await kit.store.db.run('UPDATE channels SET members_count = $2 WHERE id = $1', [sidToUuid(channelId), members])
}

test('public channels are listed by name, by members and by activity, and no others', async () => {
  const [owls, Bears, cats] = [await make('owls'), await make('Bears'), await make(null, { uniqueName: 'cats' })]
  await make('secret', { type: 'PRIVATE' })
  for (const [id, members] of [
    [owls, 3],
    [Bears, 10],
    [cats, 9],
  ] as const)
    await count(id, members)
  for (const id of [cats, owls, Bears]) await kit.backend.send(id, 'hello')
  await kit.backend.send(cats, 'newest')
  await refresh()
  expect(await namesOf({ orderBy: 'NAME' })).toEqual(['Bears', 'cats', 'owls'])
  expect(await namesOf()).toEqual(['Bears', 'cats', 'owls'])
  expect(await namesOf({ orderBy: 'ACTIVITY' })).toEqual(['cats', 'Bears', 'owls'])
  await count(owls, 11)
  await kit.backend.request(UpdateChannelDocument, { input: { channelId: cats, friendlyName: 'Zebras' } })
  await refresh()
  expect(await namesOf()).toEqual(['owls', 'Bears', 'Zebras'])
  expect(await namesOf({ orderBy: 'NAME' })).toEqual(['Bears', 'owls', 'Zebras'])
})

test('a deleted channel is gone at once, and its summary with the next refreshing', async () => {
  const id = await make('soon gone')
  await make('stays')
  await refresh()
  await kit.backend.request(DeleteChannelDocument, { input: { channelId: id } })
  expect(await namesOf({ orderBy: 'NAME' })).toEqual(['stays'])
  await refresh()
  expect(await kit.store.db.run('SELECT FROM channel_summaries WHERE channel_id = $1', [sidToUuid(id)])).toEqual([])
})

test('a filter finds what begins with it, in any case and form', async () => {
  for (const name of ['Ärzte', 'ärger', 'ARCHIV', '50 % off', '50 cats', 'a_b']) await make(name)
  await refresh()
  const found = (name: string) => namesOf({ filter: { name } })
  expect(await found('Är')).toEqual(['ARCHIV', 'ärger', 'Ärzte'])
  expect(await found('A\u0308RZ')).toEqual(['Ärzte'])
  expect(await found('50 %')).toEqual(['50 % off'])
  expect(await found('a')).toEqual(['a_b', 'ARCHIV', 'ärger', 'Ärzte'])
  expect(await found('_')).toEqual([])
})

test.each(['NAME', 'MEMBERS', 'ACTIVITY'] as const)(
  'pages by %s join without gap or repetition, both ways',
  async (orderBy) => {
    for (let made = 0; made < 7; made++) await count(await make(`channel ${made % 3}`), made % 3)
    await refresh()
    const whole = (await list({ orderBy, first: 100 })).edges.map(({ node }) => node.id)
    expect(new Set(whole).size).toBe(7)
    const forwards: string[] = []
    for (let after: string | null = null, more = true; more;) {
      const page = await list({ orderBy, first: 2, after })
      forwards.push(...page.edges.map(({ node }) => node.id))
      after = page.pageInfo.endCursor ?? null
      more = page.pageInfo.hasNextPage
    }
    expect(forwards).toEqual(whole)
    const backwards: string[] = []
    for (let before: string | null = null, more = true; more;) {
      const page = await list({ orderBy, last: 3, before })
      backwards.unshift(...page.edges.map(({ node }) => node.id))
      before = page.pageInfo.startCursor ?? null
      more = page.pageInfo.hasPreviousPage
    }
    expect(backwards).toEqual(whole)
  },
)

test('users see the channels of their own service, and none of another', async () => {
  const { id } = await kit.channel([], { friendlyName: 'visible to users' })
  await make('of another service')
  await refresh()
  const { publicChannels } = await user.request(PublicChannelsDocument, { filter: { name: 'VISIBLE' } })
  expect(publicChannels!.edges.map(({ node }) => node.id)).toEqual([id])
  expect(await refusalOf(user, PublicChannelsDocument, { serviceId })).toEqual({ code: 'NOT_FOUND', chatCode: 50050 })
})

test('wrong cursors, names and orders are refused', async () => {
  await make('one')
  await refresh()
  const { edges } = await list({ orderBy: 'MEMBERS' })
  const of = (value: string, field = 'members', direction = 'desc', id = edges[0]!.node.id) =>
    Buffer.from(JSON.stringify([field, direction, '', value, id])).toString('base64url')
  expect((await list({ orderBy: 'MEMBERS', after: of('1') })).edges).toHaveLength(1)
  const wrong: readonly PublicChannelsQueryVariables[] = [
    { orderBy: 'MEMBERS', after: 'nonsense' },
    { orderBy: 'NAME', after: edges[0]!.cursor },
    { filter: { name: 'o' }, after: edges[0]!.cursor },
    ...['', '-1', '1e3', '99999999999', 'one'].map((value) => ({ orderBy: 'MEMBERS' as const, after: of(value) })),
    { orderBy: 'MEMBERS', after: of('1', 'members', 'desc', 'US1') },
    ...['', 'yesterday', '+275760-09-13T00:00:00.000Z'].map((value) => ({
      orderBy: 'ACTIVITY' as const,
      after: of(value, 'activity'),
    })),
    { filter: { name: 'x'.repeat(65) } },
    { filter: { name: '\0' } },
    { filter: { name: 'x' }, orderBy: 'MEMBERS' },
    { first: 1001 },
  ]
  for (const variables of wrong) {
    const { code } = await refusalOf(kit.backend, PublicChannelsDocument, { serviceId, ...variables })
    expect([variables, code]).toEqual([variables, 'BAD_USER_INPUT'])
  }
})

test('refreshing writes what has changed alone, and may happen several times at once', async () => {
  await Promise.all(['a', 'b', 'c'].map((name) => make(name)))
  await Promise.all([refresh(), refresh(), refresh()])
  expect(await namesOf({ orderBy: 'NAME' })).toEqual(['a', 'b', 'c'])
  await refresh()
  const versions = () =>
    kit.store.db.run('SELECT channel_id, xmin::text FROM channel_summaries ORDER BY channel_id', [])
  const before = await versions()
  await refresh()
  expect(await versions()).toEqual(before)
})
