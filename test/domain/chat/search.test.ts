import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  AddReactionDocument,
  DeleteChannelDocument,
  DeleteMessageDocument,
  RemoveMemberDocument,
  RemoveReactionDocument,
  SearchMessagesDocument,
  SendMessageDocument,
  UpdateMessageDocument,
  type MessageSearchFilter,
  type SearchedAddition,
  type SearchMessagesQueryVariables,
} from '../../../schema/generated/graphql.ts'
import { sidToUuid, type ChannelId, type Sid } from '../../../src/model/sid.ts'
import { readFoundMessages, readUnindexedMessages } from '../../../src/store/message-search.ts'
import { openKit, uniqueName, type Caller, type Kit, type User } from '../../support/kit.ts'
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
  return searchMessages
}

async function bodies(caller: Caller, query: string, more: Partial<SearchMessagesQueryVariables> = {}) {
  return (await search(caller, query, more)).edges.map(({ node }) => node.body)
}

/** Waits until every message of the channel is in the index. */
async function indexed(channelId: string): Promise<void> {
  await waitFor(async () => {
    const rows = await kit.store.db.run(
      `SELECT FROM search_positions AS position WHERE channel_id = $1::uuid
         AND NOT EXISTS (SELECT FROM messages WHERE channel_id = position.channel_id AND seq > position.seq)`,
      [sidToUuid(channelId as Sid)],
    )
    return rows.length === 1
  })
}

/** Every claim must hold before a message is indexed and after. */
async function inBoth(channelId: string, claim: () => Promise<void>): Promise<void> {
  await claim()
  await indexed(channelId)
  await claim()
}

test('words, phrases, exclusion and the beginning of the last word', async () => {
  const { id } = await kit.channel([alice])
  for (const body of ['The quick brown fox', 'A brown, quick fox', 'Quick!', 'slow']) await alice.send(id, body)
  const find = (query: string) => bodies(alice, query, { filter: { channelIds: [id] } })
  await inBoth(id, async () => {
    expect(await find('quick fox')).toEqual(['A brown, quick fox', 'The quick brown fox'])
    expect(await find('"quick brown"')).toEqual(['The quick brown fox'])
    expect(await find('quick -fox')).toEqual(['Quick!'])
    expect(await find('quick -"brown fox"')).toEqual(['Quick!', 'A brown, quick fox'])
    expect(await find('qui')).toEqual(['Quick!', 'A brown, quick fox', 'The quick brown fox'])
    expect(await find('"qui"')).toEqual([])
    expect(await find('"qui" fox')).toEqual([])
    expect(await find('"quick" SLOW')).toEqual([])
  })
})

test('a match is found in any case and width, without accents, and in scripts without spaces; it is cut out exactly', async () => {
  const { id } = await kit.channel([alice])
  const body = 'Ｈｅｌｌｏ Café, STRASSE, 👍 東京都に ﾊﾟﾝ don’t'
  await alice.send(id, body)
  const cut = async (query: string) => {
    const { edges } = await search(alice, query, { filter: { channelIds: [id] } })
    return edges.flatMap(({ node, highlights }) => highlights.map(({ start, end }) => node.body.slice(start, end)))
  }
  await inBoth(id, async () => {
    expect(await cut('hello')).toEqual(['Ｈｅｌｌｏ'])
    expect(await cut('hel')).toEqual(['Ｈｅｌｌｏ'])
    expect(await cut('cafe straße ')).toEqual(['Café', 'STRASSE'])
    expect(await cut('"hello cafe"')).toEqual(['Ｈｅｌｌｏ Café'])
    expect(await cut('👍')).toEqual(['👍'])
    expect(await cut('京')).toEqual(['京'])
    expect(await cut('京都')).toEqual(['京都'])
    expect(await cut('東京都に')).toEqual(['東京都に'])
    expect(await cut('パン')).toEqual(['ﾊﾟﾝ'])
    expect(await cut("don't")).toEqual(['don’t'])
    expect(await cut('東都')).toEqual([])
  })
})

test('edits and deletions count at once', async () => {
  const { id } = await kit.channel([alice])
  const first = await alice.send(id, 'before')
  const second = await alice.send(id, 'before')
  await indexed(id)
  await alice.request(UpdateMessageDocument, { input: { messageId: first.id, body: 'after' } })
  await alice.request(DeleteMessageDocument, { input: { messageId: second.id } })
  await inBoth(id, async () => {
    expect(await bodies(alice, 'before', { filter: { channelIds: [id] } })).toEqual([])
    expect(await bodies(alice, 'after', { filter: { channelIds: [id] } })).toEqual(['after'])
  })
  const rows = await kit.store.db.run('SELECT FROM message_search WHERE channel_id = $1::uuid', [sidToUuid(id)])
  expect(rows).toHaveLength(1)
})

test('a message that is not indexed yet is read with all that it has', async () => {
  const { id } = await kit.channel([alice])
  const channelId = id as ChannelId
  const mentions = { identities: [alice.identity], channel: true }
  await kit.backend.request(SendMessageDocument, { input: { channelId, body: 'hello', mentions, silent: true } })
  const unindexed = await readUnindexedMessages(kit.store.db, [{ id: channelId, indexedSeq: 0 }], 10, 1000)
  expect(unindexed).toEqual(await readFoundMessages(kit.store.db, [{ channelId, index: 0, createdAt: 0 }]))
  expect(unindexed).toMatchObject([
    { body: 'hello', mentions: [alice.identity], mentionsChannel: true, isSilent: true },
  ])
})

test('a very long message is found by a phrase at its end and by its commonest word', async () => {
  const { id } = await kit.channel([alice])
  const body = `${'a '.repeat(16_300)}last words`
  await alice.send(id, body)
  await inBoth(id, async () => {
    for (const query of ['"last words"', '"a last"', '"a a" words']) {
      expect(await bodies(alice, query, { filter: { channelIds: [id] } })).toEqual([body])
    }
    expect(await bodies(alice, 'a -"a last"', { filter: { channelIds: [id] } })).toEqual([])
    expect(await bodies(alice, '"words last"', { filter: { channelIds: [id] } })).toEqual([])
  })
})

describe('who may find what', () => {
  test('members find, and nobody else, until they leave; the backend finds all of its service', async () => {
    const bob = await kit.user('bob')
    const word = uniqueName('secret').replaceAll('-', '')
    const { id } = await kit.channel([alice, bob], { type: 'PUBLIC' })
    const { id: other } = await kit.channel([alice])
    await alice.send(id, `${word} shared`)
    await alice.send(other, `${word} alone`)
    await indexed(id)
    await indexed(other)
    expect(await bodies(bob, word)).toEqual([`${word} shared`])
    expect(await bodies(alice, word)).toEqual([`${word} alone`, `${word} shared`])
    expect(await bodies(kit.backend, word)).toEqual([`${word} alone`, `${word} shared`])
    expect(await bodies(kit.backend, word, { filter: { channelIds: [id] } })).toEqual([`${word} shared`])
    await bob.expectRefusal(
      SearchMessagesDocument,
      { query: word, filter: { channelIds: [other] } },
      'FORBIDDEN',
      50400,
    )
    await kit.backend.request(RemoveMemberDocument, { input: { channelId: id, identity: bob.identity } })
    expect(await bodies(bob, word)).toEqual([])
    await kit.backend.request(DeleteChannelDocument, { input: { channelId: id } })
    expect(await bodies(alice, word)).toEqual([`${word} alone`])
    expect(await bodies(kit.backend, word)).toEqual([`${word} alone`])
  })

  test('truncated messages are never found, and their rows go', async () => {
    const { id } = await kit.channel([alice])
    for (const body of ['gone', 'gone too', 'gone not']) await alice.send(id, body)
    await indexed(id)
    const { db } = kit.store
    await db.run('UPDATE channels SET first_index = 2 WHERE id = $1::uuid', [sidToUuid(id)])
    expect(await bodies(alice, 'gone', { filter: { channelIds: [id] } })).toEqual(['gone not'])
    await alice.send(id, 'another')
    await waitFor(async () => {
      const rows = await db.run('SELECT FROM message_search WHERE channel_id = $1::uuid AND index < 2', [sidToUuid(id)])
      return rows.length === 0
    })
  })

  test('authors and times', async () => {
    const bob = await kit.user('bob')
    const { id } = await kit.channel([alice, bob])
    const first = await alice.send(id, 'dated')
    const second = await bob.send(id, 'dated again')
    await kit.store.db.run(`UPDATE messages SET created_at = '2020-01-02T00:00:00Z' WHERE id = $1::uuid`, [
      sidToUuid(first.id as Sid),
    ])
    await kit.store.db.run('DELETE FROM message_search WHERE channel_id = $1::uuid', [sidToUuid(id)])
    await kit.store.db.run('DELETE FROM search_positions WHERE channel_id = $1::uuid', [sidToUuid(id)])
    await alice.send(id, 'wakes the indexing')
    const find = (filter: object) => bodies(alice, 'dated', { filter: { channelIds: [id], ...filter } })
    await inBoth(id, async () => {
      expect(await find({ authors: [alice.identity] })).toEqual(['dated'])
      expect(await find({ authors: [bob.identity, 'nobody'] })).toEqual(['dated again'])
      expect(await find({ authors: [] })).toEqual([])
      expect(await find({ to: '2020-01-02T00:00:00Z' })).toEqual([])
      expect(await find({ to: '2020-01-02T00:00:00.001Z' })).toEqual(['dated'])
      expect(await find({ from: '2020-01-02T00:00:00.001Z' })).toEqual(['dated again'])
      expect(await find({ from: second.createdAt, to: '9999-12-31T23:59:59Z' })).toEqual(['dated again'])
    })
  })
})

test('replies to a message, and what has reactions or replies', async () => {
  const bob = await kit.user('bob')
  const { id } = await kit.channel([alice, bob])
  const reply = async (parentId: string, body: string, showInChannel: boolean): Promise<string> => {
    const input = { channelId: id, parentId, body, showInChannel }
    return (await bob.request(SendMessageDocument, { input })).sendMessage.message.id
  }
  const parent = await alice.send(id, 'a thread')
  const other = await alice.send(id, 'another thread')
  const hidden = await reply(parent.id, 'thread hidden', false)
  await reply(parent.id, 'thread shown', true)
  await reply(other.id, 'thread elsewhere', false)
  await bob.request(AddReactionDocument, { input: { messageId: hidden, reaction: '👍' } })
  await bob.request(AddReactionDocument, { input: { messageId: other.id, reaction: '👍' } })
  const find = async (filter: MessageSearchFilter) => {
    const [recent, relevant] = await Promise.all(
      (['RECENT', 'RELEVANCE'] as const).map((orderBy) => bodies(alice, 'thread', { filter, orderBy })),
    )
    expect(relevant!.toSorted()).toEqual(recent!.toSorted())
    return recent
  }
  await inBoth(id, async () => {
    expect(await find({ parentId: parent.id })).toEqual(['thread shown', 'thread hidden'])
    expect(await find({ parentId: parent.id, channelIds: [id], authors: [alice.identity] })).toEqual([])
    expect(await find({ parentId: parent.id, to: parent.createdAt })).toEqual([])
    expect(await find({ parentId: parent.id, from: parent.createdAt, has: ['REACTIONS'] })).toEqual(['thread hidden'])
    expect(await find({ parentId: hidden })).toEqual([])
    const filter = { channelIds: [id] }
    expect(await find({ ...filter, has: ['THREAD', 'THREAD'] })).toEqual(['another thread', 'a thread'])
    expect(await find({ ...filter, has: ['REACTIONS'] })).toEqual(['thread hidden', 'another thread'])
    expect(await find({ ...filter, has: ['THREAD', 'REACTIONS'] })).toEqual(['another thread'])
    expect(await bodies(kit.backend, 'thread', { filter: { parentId: other.id } })).toEqual(['thread elsewhere'])
    expect(await bodies(kit.backend, 'another', { filter: { has: ['THREAD'] } })).toEqual(['another thread'])
  })
  const { id: elsewhere } = await kit.channel([alice])
  expect(await find({ parentId: parent.id, channelIds: [elsewhere] })).toEqual([])
  const carol = await kit.user('carol')
  const refused = { query: 'thread', filter: { parentId: parent.id } }
  await carol.expectRefusal(SearchMessagesDocument, refused, 'NOT_FOUND', 50500)
  // A deleted message with replies is a thread still, and with the last of them there is none.
  await alice.request(DeleteMessageDocument, { input: { messageId: parent.id } })
  await bob.request(RemoveReactionDocument, { input: { messageId: hidden, reaction: '👍' } })
  expect(await find({ parentId: parent.id })).toHaveLength(2)
  expect(await find({ parentId: parent.id, has: ['REACTIONS'] })).toEqual([])
})

describe('pages', () => {
  test.each([
    ['RECENT', 'channels'],
    ['RELEVANCE', 'channels'],
    ['RECENT', 'a thread'],
    ['RELEVANCE', 'a thread'],
  ] as const)('by %s of %s have each message once, while others are sent', async (orderBy, where) => {
    const channels = await Promise.all([kit.channel([alice]), kit.channel([alice])])
    const parentId = where === 'a thread' ? (await alice.send(channels[0]!.id, 'parent')).id : null
    const send = async (channelId: string, body: string) =>
      (await alice.request(SendMessageDocument, { input: { channelId, body, parentId } })).sendMessage.message
    const expected: string[] = []
    for (let at = 0; at < 9; at++) {
      expected.push((await send(channels[parentId === null ? at % 2 : 0]!.id, `page ${at}`)).id)
    }
    await indexed(channels[0]!.id)
    const filter = parentId === null ? { channelIds: channels.map(({ id }) => id) } : { parentId }
    const found: string[] = []
    const times: number[] = []
    let after: string | null | undefined
    do {
      const { edges, pageInfo } = await search(alice, 'page', { filter, orderBy, first: 2, after: after ?? null })
      expect(pageInfo.hasPreviousPage).toBe(after !== undefined)
      found.push(...edges.map(({ node }) => node.id))
      times.push(...edges.map(({ node }) => Date.parse(node.createdAt)))
      after = pageInfo.hasNextPage ? pageInfo.endCursor : undefined
      await send(channels[0]!.id, 'page later')
    } while (after != null)
    expect(found.toSorted()).toEqual(expected.toSorted())
    const isInOrder = times.every((time, at) => at === 0 || time <= times[at - 1]!)
    expect(isInOrder || orderBy === 'RELEVANCE').toBe(true)
  })

  test('the better match comes first', async () => {
    const { id } = await kit.channel([alice])
    await alice.send(id, 'cheese cheese cheese')
    await alice.send(id, 'a long list of many words of which one is cheese and all the others are not')
    const find = () => bodies(alice, 'cheese', { filter: { channelIds: [id] }, orderBy: 'RELEVANCE' })
    await inBoth(id, async () => {
      expect((await find())[0]).toBe('cheese cheese cheese')
    })
  })

  test('a cursor of another search is refused', async () => {
    const { id } = await kit.channel([alice])
    await alice.send(id, 'cursor one')
    const { edges } = await search(alice, 'cursor')
    const { cursor } = edges[0]!
    for (const more of [{ query: 'one' }, { orderBy: 'RELEVANCE' as const }, { filter: { channelIds: [id] } }]) {
      const variables = { query: 'cursor', orderBy: 'RECENT' as const, after: cursor, ...more }
      expect(await alice.expectRefusal(SearchMessagesDocument, variables, 'BAD_USER_INPUT')).toMatchObject({
        extensions: { field: 'after' },
      })
    }
    for (const after of [
      '',
      'x',
      `${cursor}.1`,
      cursor.replace(/\.[^.]+$/, '.zzzzzzzzzzz'),
      `${cursor.slice(0, 41)}.-1.0`,
    ]) {
      const variables = { query: 'cursor', orderBy: 'RECENT' as const, after }
      await alice.expectRefusal(SearchMessagesDocument, variables, 'BAD_USER_INPUT')
    }
  })
})

test.each([
  ['\0', 'query'],
  ['\ud83e', 'query'],
  ['', 'query'],
  ['-', 'query'],
  ['-word', 'query'],
  ['"', 'query'],
  ['?!', 'query'],
  [' '.repeat(256), 'query'],
  ['"'.repeat(256), 'query'],
  ['x'.repeat(257), 'query'],
  ['a '.repeat(65), 'query'],
  ['"'.repeat(1000), 'query'],
])('the query %j is refused', async (query, field) => {
  const error = await alice.expectRefusal(SearchMessagesDocument, { query }, 'BAD_USER_INPUT')
  expect(error.extensions.field).toBe(field)
})

test.each(["'", "' | 'x", 'a:*', 'a & !b', '\\', "o'reilly", '(', '<->', '%_'])(
  '%j is text like any other',
  async (text) => {
    const { id } = await kit.channel([alice])
    await alice.send(id, `word ${text}`)
    await inBoth(id, async () => {
      expect(await bodies(alice, `word ${text} `, { filter: { channelIds: [id] } })).toEqual([`word ${text}`])
    })
  },
)

/** Words that stand alone, and texts in which any part is found. */
const words = ['ab', 'abc', 'b', 'Σας', 'É'] as const
const runsOfCharacters = ['東京', '京都', '東京都', '都'] as const
const item = fc.constantFrom(...words, ...runsOfCharacters)
const change = fc.record({
  at: fc.nat(20),
  channel: fc.nat(1),
  server: fc.nat(1),
  kind: fc.constantFrom('send', 'send', 'reply', 'edit', 'delete', 'react'),
  body: fc.array(item, { minLength: 1, maxLength: 5 }),
})
const clause = fc.oneof(
  fc.record({ kind: fc.constant('word' as const), texts: fc.tuple(fc.constantFrom(...words)) }),
  fc.record({ kind: fc.constant('run' as const), texts: fc.tuple(fc.constantFrom(...runsOfCharacters, '京')) }),
  fc.record({
    kind: fc.constant('phrase' as const),
    texts: fc.array(fc.constantFrom(...words), { minLength: 2, maxLength: 3 }),
  }),
)
const asked = fc.record({
  wanted: fc.array(clause, { minLength: 1, maxLength: 2 }),
  excluded: fc.array(clause, { maxLength: 1 }),
  prefix: fc.option(fc.constantFrom('a', 'ab', 'é')),
  within: fc.option(fc.nat(20), { freq: 2 }),
  has: fc.subarray<SearchedAddition>(['REACTIONS', 'THREAD']),
})

const naively = (text: string): string => text.toLowerCase().replaceAll('é', 'e').replaceAll('ς', 'σ')

/** What a message must contain, as text that is found in ` word word `. */
function needle({ kind, texts }: { readonly kind: string; readonly texts: readonly string[] }): string {
  return kind === 'run' ? texts[0]! : naively(` ${texts.join(' ')} `)
}

interface Visible {
  text: string
  readonly channelId: string
  readonly parentId: string | null
  isReactedTo: boolean
}

test('what is found is what a naive search of the visible messages finds, on every process, indexed or not', async () => {
  const servers = [kit.server, await kit.another()]
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 12 }),
      fc.array(asked, { minLength: 1, maxLength: 3 }),
      async (changes, queries) => {
        const channels = await Promise.all([kit.channel([alice]), kit.channel([alice])])
        const visible = new Map<string, Visible>()
        for (const { at, channel, server, kind, body } of changes) {
          const user = alice.at(servers[server]!)
          const text = body.join(' ')
          const messageId = [...visible.keys()][at % Math.max(1, visible.size)]
          const chosen = messageId === undefined ? undefined : visible.get(messageId)!
          if (kind === 'send' || messageId === undefined || !chosen) {
            const { id } = await user.send(channels[channel]!.id, text)
            visible.set(id, { text, channelId: channels[channel]!.id, parentId: null, isReactedTo: false })
          } else if (kind === 'reply') {
            const parentId = chosen.parentId ?? messageId
            const { channelId } = chosen
            if (!visible.has(parentId)) continue
            const input = { channelId, parentId, body: text, showInChannel: at % 2 === 0 }
            const { id } = (await user.request(SendMessageDocument, { input })).sendMessage.message
            visible.set(id, { text, channelId, parentId, isReactedTo: false })
          } else if (kind === 'edit') {
            await user.request(UpdateMessageDocument, { input: { messageId, body: text } })
            chosen.text = text
          } else if (kind === 'react') {
            const input = { messageId, reaction: '👍' }
            await (chosen.isReactedTo
              ? user.request(RemoveReactionDocument, { input })
              : user.request(AddReactionDocument, { input }))
            chosen.isReactedTo = !chosen.isReactedTo
          } else {
            await user.request(DeleteMessageDocument, { input: { messageId } })
            visible.delete(messageId)
          }
        }
        const check = async (): Promise<void> => {
          const parents = [...visible].filter(([, { parentId }]) => parentId === null).map(([id]) => id)
          const isThere = {
            REACTIONS: (id: string) => visible.get(id)!.isReactedTo,
            THREAD: (id: string) => [...visible.values()].some(({ parentId }) => parentId === id),
          }
          for (const [at, { wanted, excluded, prefix, within, has }] of queries.entries()) {
            const parentId = within === null ? undefined : parents[within % Math.max(1, parents.length)]
            const parts = [
              ...wanted.map((one) => (one.kind === 'phrase' ? `"${one.texts.join(' ')}"` : one.texts[0]!)),
              ...excluded.map((one) => (one.kind === 'phrase' ? `-"${one.texts.join(' ')}"` : `-${one.texts[0]!}`)),
            ]
            const query = `${parts.join(' ')} ${prefix ?? ''}`
            const expected = [...visible]
              .filter(([id, message]) => {
                const { text } = message
                const naive = ` ${naively(text)} `
                return (
                  (parentId === undefined || message.parentId === parentId) &&
                  has.every((one) => isThere[one](id)) &&
                  wanted.every((one) => naive.includes(needle(one))) &&
                  !excluded.some((one) => naive.includes(needle(one))) &&
                  (prefix === null || naive.includes(` ${naively(prefix)}`))
                )
              })
              .map(([id]) => id)
            const filter = { channelIds: channels.map(({ id }) => id), has, parentId: parentId ?? null }
            const user = alice.at(servers[at % 2]!)
            for (const orderBy of ['RECENT', 'RELEVANCE'] as const) {
              const { edges: all, isCorrected } = await search(user, query, { filter, orderBy, first: 50 })
              // Similar words are found only where nothing is.
              const edges = isCorrected ? [] : all
              expect([query, edges.map(({ node }) => node.id).toSorted()]).toEqual([query, expected.toSorted()])
              if (orderBy === 'RELEVANCE') continue
              const times = edges.map(({ node }) => Date.parse(node.createdAt))
              expect(times).toEqual(times.toSorted((one, other) => other - one))
            }
          }
        }
        await check()
        for (const { id } of channels) {
          if (changes.some(({ channel, kind }) => kind === 'send' && channels[channel]!.id === id)) await indexed(id)
        }
        await check()
      },
    ),
    { numRuns: 6 },
  )
}, 120_000)
