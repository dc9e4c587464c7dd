import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  DeleteChannelDocument,
  DeleteMessageDocument,
  RemoveMemberDocument,
  SearchMessagesDocument,
  type SearchMessagesQueryVariables,
} from '../../../schema/generated/graphql.ts'
import { sidToUuid, type ChannelId } from '../../../src/model/sid.ts'
import { openKit, type Caller, type Kit, type User } from '../../support/kit.ts'
import { waitFor } from '../../support/wait.ts'

let kit: Kit
let alice: User
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
})
afterAll(() => kit.close())

async function search(caller: Caller, query: string, more: Partial<SearchMessagesQueryVariables> = {}) {
  const { searchMessages } = await caller.request(SearchMessagesDocument, { query, orderBy: 'RECENT', ...more })
  const { edges, isCorrected, pageInfo } = searchMessages
  const words = edges.map(({ node, highlights }) =>
    highlights.map(({ start, end }) => node.body.slice(start, end)).join(' '),
  )
  return { bodies: edges.map(({ node }) => node.body), words, isCorrected, pageInfo }
}

async function indexed(channelId: ChannelId): Promise<void> {
  await waitFor(async () => {
    const rows = await kit.store.db.run(
      `SELECT FROM search_positions AS position WHERE channel_id = $1::uuid
         AND NOT EXISTS (SELECT FROM messages WHERE channel_id = position.channel_id AND seq > position.seq)`,
      [sidToUuid(channelId)],
    )
    return rows.length === 1
  })
}

/** A channel with messages, and a claim that must hold before they are indexed and after. */
async function inChannel(bodies: readonly string[], claim: (filter: { channelIds: string[] }) => Promise<void>) {
  const { id } = await kit.channel([alice])
  for (const body of bodies) await alice.send(id, body)
  const filter = { channelIds: [id] }
  await claim(filter)
  await indexed(id)
  await claim(filter)
}

test.each([
  ['documnet ', ['document']],
  ['documnet', ['document']],
  ['DOKUMENT', ['document']],
  ['ocument', ['document']],
  ['ducoment', ['document']],
  ['reprot ', ['Report']],
  ['reprot document', ['Report document']],
  ['monats', ['Monatsbericht']],
  ['bericht ', ['Monatsbericht']],
  ['tsberi ', ['Monatsbericht']],
  ['보고 ', ['월간보고서']],
  ['cafés', ['Café']],
  ['-report documnet', []],
  ['ro ', []],
  ['xyz ', []],
  ['"documnet"', []],
  ['2024 ', []],
])('%j finds %j', async (query, expected) => {
  await inChannel(['The Report, a document', 'Der Monatsbericht', '월간보고서', 'Café 2023'], async (filter) => {
    const { words, isCorrected } = await search(alice, query, { filter })
    // The beginning of a word is found as such.
    expect([query, words, isCorrected]).toEqual([query, expected, expected.length > 0 && query !== 'monats'])
  })
})

test('words that a message has are never corrected', async () => {
  await inChannel(['form', 'from', 'from the fiscal', 'informal for'], async (filter) => {
    for (const [query, expected] of [
      ['form ', ['form']],
      ['from', ['from the fiscal', 'from']],
      ['form fiscal ', []],
      ['fro', ['from the fiscal', 'from']],
      ['informal fro', []],
      ['form nowhere', []],
      ['ficsal ', ['from the fiscal']],
    ] as const) {
      const { bodies, isCorrected } = await search(alice, query, { filter })
      expect([query, bodies, isCorrected]).toEqual([query, expected, query === 'ficsal '])
    }
    // Others have said it, and another than these wrote it.
    expect((await search(alice, 'form ', { filter: { ...filter, authors: ['nobody'] } })).bodies).toEqual([])
  })
})

test('words of other people’s channels, and of messages that are gone, never appear', async () => {
  const bob = await kit.user('bob')
  const { id: others } = await kit.channel([bob], { type: 'PUBLIC' })
  const { id: own } = await kit.channel([alice, bob])
  const secret = await bob.send(others, 'kryptonite')
  const gone = await bob.send(own, 'kryptology')
  await bob.send(own, 'hello')
  await indexed(others)
  await indexed(own)
  await bob.request(DeleteMessageDocument, { input: { messageId: gone.id } })
  for (const query of ['kryptonit ', 'krypt', 'ptonite', 'kryptologi', 'ptology']) {
    for (const orderBy of ['RECENT', 'RELEVANCE'] as const) {
      const { bodies, isCorrected } = await search(alice, query, { orderBy })
      expect([query, bodies, isCorrected]).toEqual([query, [], false])
    }
  }
  // Nor are they looked at, which takes time.
  const sent = await kit.store.statementsOf(() => search(alice, 'kryptonti'))
  const asked = sent.filter(({ statement }) => /^\s*SELECT[^]*search_words/.test(statement))
  expect(asked).toHaveLength(2)
  expect(JSON.stringify(asked)).toContain(sidToUuid(own))
  expect(JSON.stringify(asked)).not.toContain(sidToUuid(others))
  expect((await search(bob, 'kryptonti')).bodies).toEqual([secret.body])
  expect((await search(kit.backend, 'kryptonti')).bodies).toEqual([secret.body])
  await kit.backend.request(RemoveMemberDocument, { input: { channelId: others, identity: bob.identity } })
  expect((await search(bob, 'kryptonti')).bodies).toEqual([])
  await kit.backend.request(DeleteChannelDocument, { input: { channelId: others } })
  expect((await search(kit.backend, 'kryptonti')).bodies).toEqual([])
  await waitFor(async () => {
    const rows = await kit.store.db.run('SELECT FROM search_words WHERE channel_id = $1::uuid', [sidToUuid(others)])
    return rows.length === 0
  })
})

test.each(['RECENT', 'RELEVANCE'] as const)(
  'pages by %s of what is corrected have each message once',
  async (orderBy) => {
    const { id } = await kit.channel([alice])
    const expected: string[] = []
    for (const body of ['elephants', 'one elephant', 'elephans', 'many elephants', 'elephant'])
      expected.push((await alice.send(id, body)).body)
    await indexed(id)
    const found: string[] = []
    let after: string | null | undefined
    do {
      const page = await search(alice, 'elephatn ', {
        filter: { channelIds: [id] },
        orderBy,
        first: 2,
        after: after ?? null,
      })
      expect(page.isCorrected).toBe(true)
      found.push(...page.bodies)
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : undefined
    } while (after != null && found.length < 10)
    expect(found.toSorted()).toEqual(expected.toSorted())
    const variables = { query: 'elephant ', orderBy, filter: { channelIds: [id] }, after: after ?? null }
    expect((await search(alice, 'elephant ', variables)).isCorrected).toBe(false)
  },
)

test('a corrected search takes a few statements, whatever is asked', async () => {
  const { id } = await kit.channel([alice])
  for (const body of ['purple', 'orange', 'yellow', 'violet']) await alice.send(id, body)
  await indexed(id)
  const count = async (query: string) => {
    const sent = await kit.store.statementsOf(() => search(alice, query, { filter: { channelIds: [id] } }))
    return sent.filter(({ statement }) => /^\s*SELECT[^]*search_words/.test(statement)).length
  }
  expect(await count('purple ')).toBe(0)
  expect(await count('purple orange ')).toBe(1)
  expect(await count('pruple ')).toBe(2)
  expect(await count('pruple ornage yelow ')).toBe(4)
  expect(await count('pruple ornage yelow voilet ')).toBe(1)
  expect(await count(`${'qwertyuiop '.repeat(2)}`)).toBe(2)
  expect(
    await count(Array.from({ length: 64 }, (_, at) => String.fromCharCode(97 + (at % 26), 97 + at / 3)).join(' ')),
  ).toBe(0)
  for (const query of ['%%% ___ \\', 'abc%', "x'; DROP", '\u0301\u0301\u0301', 'ẞẞẞ', '𐐨𐐩𐐨']) {
    expect(await count(`${query} aaaa`)).toBeLessThanOrEqual(4)
  }
})
