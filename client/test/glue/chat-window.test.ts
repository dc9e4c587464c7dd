import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  DeleteMessageDocument,
  TruncateChannelDocument,
  UpdateMessageDocument,
} from '../../../schema/generated/graphql.ts'
import { openKit, type Kit, type User } from '../../../test/support/kit.ts'
import { openTcpProxy } from '../../../test/support/tcp-proxy.ts'
import { waitFor } from '../../../test/support/wait.ts'
import { createConnection } from '../../src/glue/connection.ts'
import { openApolloTab } from './apollo-tab.ts'
import { GatedConnection } from './gated.ts'
import type { ChatTab } from './tab.ts'
import { openUrqlTab } from './urql-tab.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const libraries = [
  ['Apollo Client', openApolloTab],
  ['urql', openUrqlTab],
] as const

describe.each(libraries)('a chat window with %s', (_name, open) => {
  /** Alice's tab, and Bob who writes. It is live when it shows `ready`. */
  async function setUp(opened: AsyncDisposableStack, sent: readonly string[] = []) {
    const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
    const { id: channelId } = await kit.channel([alice, bob])
    for (const text of sent) await bob.send(channelId, text)
    const { connection, tab } = openFor(opened, alice, channelId)
    // In a page it may be shown before the events begin.
    await waitFor(() => tab.shown.length > 0)
    await bob.send(channelId, 'ready')
    await waitFor(() => connection.events.some((event) => event.includes('"ready"')))
    await shows({ tab }, (texts) => texts.at(-1) === 'ready')
    return { alice, bob, channelId, connection, tab }
  }

  function openFor(opened: AsyncDisposableStack, user: User, channelId: string, url = user.server.url) {
    const connection = new GatedConnection(createConnection({ url: `${url}/graphql`, token: () => user.token }))
    const tab = opened.adopt(open(connection, user.identity, channelId), (one) => one.close())
    return { connection, tab }
  }

  const texts = (tab: ChatTab) => tab.messages().map(({ text }) => text)
  const shows = async ({ tab }: { tab: ChatTab }, is: (shown: readonly string[]) => boolean) => {
    try {
      await waitFor(() => is(texts(tab)))
    } catch (error) {
      throw new Error(`shows ${JSON.stringify(texts(tab))} ${String(tab.errors)}`, { cause: error })
    }
  }
  const exactly = (expected: readonly string[]) => (shown: readonly string[]) =>
    JSON.stringify(shown) === JSON.stringify(expected)
  const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `message ${from + at}`)

  test('pages back and live messages together are in order, each once', async () => {
    await using opened = new AsyncDisposableStack()
    const { bob, channelId, tab } = await setUp(opened, numbered(0, 20))
    await Promise.all([tab.loadOlder(), bob.send(channelId, 'live one')])
    await Promise.all([tab.loadOlder(), bob.send(channelId, 'live two')])
    await tab.loadOlder()
    await shows({ tab }, exactly([...numbered(0, 20), 'ready', 'live one', 'live two']))
    await tab.readAgain()
    expect(texts(tab)).toEqual([...numbered(0, 20), 'ready', 'live one', 'live two'])
    expect(tab.errors).toEqual([])
    for (const shown of tab.shown) expect(new Set(shown).size).toBe(shown.length)
  })

  test('a place in the middle is a list of its own until it is reached', async () => {
    await using opened = new AsyncDisposableStack()
    const { tab } = await setUp(opened, numbered(0, 20))
    expect(await tab.readAround(4)).toEqual(numbered(2, 6))
    expect(texts(tab)).toEqual([...numbered(15, 20), 'ready'])
    for (let page = 0; page < 2; page++) await tab.loadOlder()
    // The second page touches the place, which has one message more.
    expect(texts(tab)).toEqual([...numbered(2, 20), 'ready'])
  })

  test('edits, deletions and a truncation are shown, also of older pages, and a late page takes none of them back', async () => {
    await using opened = new AsyncDisposableStack()
    const { bob, channelId, tab, connection } = await setUp(opened, numbered(0, 8))
    await tab.loadOlder()
    await shows({ tab }, exactly([...numbered(0, 8), 'ready']))
    const [edited, deleted] = [tab.messages()[4]!, tab.messages()[6]!]
    // A page that the server has read before, and that arrives after the events.
    connection.hold('answers')
    const late = tab.readBeside()
    await waitFor(() => connection.waiting('answers') === 1)
    await bob.request(UpdateMessageDocument, { input: { messageId: edited.id, body: 'edited' } })
    await bob.request(DeleteMessageDocument, { input: { messageId: deleted.id } })
    const expected = [...numbered(0, 4), 'edited', 'message 5', 'message 7', 'ready']
    await shows({ tab }, exactly(expected))
    connection.release('answers')
    await late
    expect(texts(tab)).toEqual(expected)
    await kit.backend.request(TruncateChannelDocument, { input: { channelId, beforeIndex: 3 } })
    await shows({ tab }, exactly(expected.slice(3)))
    await bob.send(channelId, 'after')
    await shows({ tab }, exactly([...expected.slice(3), 'after']))
    expect(tab.errors).toEqual([])
  })

  test.each([
    ['the answer, then the event', ['answers', 'events']],
    ['the event, then the answer', ['events', 'answers']],
    ['both at once', [['events', 'answers']]],
  ] as const)('a message that is sent is shown once: %s', async (_order, order) => {
    await using opened = new AsyncDisposableStack()
    const { bob, channelId, tab, connection } = await setUp(opened)
    connection.hold('answers', 'events')
    const sending = tab.send('mine', 'c1')
    await shows({ tab }, exactly(['ready', 'mine']))
    await waitFor(() => connection.waiting('answers') === 1 && connection.waiting('events') === 1)
    for (const kind of order.flat()) {
      connection.release(kind)
      if (order.length > 1 && kind === 'answers') await sending
      if (order.length > 1) await shows({ tab }, exactly(['ready', 'mine']))
    }
    await sending
    await bob.send(channelId, 'next')
    await shows({ tab }, exactly(['ready', 'mine', 'next']))
    expect(tab.messages().map(({ index }) => index)).toEqual([0, 1, 2])
    // It was never away, and never there twice.
    const first = tab.shown.findIndex((shown) => shown.includes('mine'))
    for (const shown of tab.shown.slice(first)) expect(shown.filter((text) => text === 'mine')).toHaveLength(1)
    expect(tab.errors).toEqual([])
  })

  test('what others send is shown while a message is on its way, and above it', async () => {
    await using opened = new AsyncDisposableStack()
    const { bob, channelId, tab, connection } = await setUp(opened)
    connection.hold('answers')
    const sending = [tab.send('mine', 'c1'), tab.send('mine too', 'c2')]
    await waitFor(() => connection.waiting('answers') === 2)
    await bob.send(channelId, 'meanwhile')
    await shows({ tab }, (shown) => shown.includes('meanwhile'))
    connection.release('answers')
    await Promise.all(sending)
    await shows({ tab }, (shown) => shown.length === 4)
    expect(texts(tab).toSorted()).toEqual(['meanwhile', 'mine', 'mine too', 'ready'])
    const indexes = tab.messages().map(({ index }) => index)
    expect(indexes).toEqual([0, 1, 2, 3])
  })

  test('a refused send, edit or deletion is taken back', async () => {
    await using opened = new AsyncDisposableStack()
    const { tab } = await setUp(opened)
    const [ready] = tab.messages()
    await expect(tab.send('x'.repeat(40_000), 'c1')).rejects.toThrow(/body/)
    await expect(tab.edit(ready!, 'not mine')).rejects.toThrow(/permission|may|allowed/i)
    await expect(tab.remove(ready!)).rejects.toThrow(/permission|may|allowed/i)
    await shows({ tab }, exactly(['ready']))
    for (const expected of ['x'.repeat(40_000), 'not mine']) {
      expect(tab.shown.some((shown) => shown.includes(expected))).toBe(true)
    }
    expect(tab.shown.some((shown) => shown.length === 0)).toBe(true)
  })

  test('its own edits and deletions are shown at once', async () => {
    await using opened = new AsyncDisposableStack()
    const { tab, connection } = await setUp(opened)
    await tab.send('one', 'c1')
    await tab.send('two', 'c2')
    await shows({ tab }, exactly(['ready', 'one', 'two']))
    const [, one, two] = tab.messages()
    connection.hold('answers', 'events')
    const changing = [tab.edit(one!, 'uno'), tab.remove(two!)]
    await shows({ tab }, exactly(['ready', 'uno']))
    connection.release('answers')
    await Promise.all(changing)
    await shows({ tab }, exactly(['ready', 'uno']))
    connection.release('events')
    await tab.send('three', 'c3')
    await shows({ tab }, exactly(['ready', 'uno', 'three']))
    expect(tab.errors).toEqual([])
  })

  test('after a broken connection nothing is missing and nothing there twice', async () => {
    await using opened = new AsyncDisposableStack()
    const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
    const { id: channelId } = await kit.channel([alice, bob])
    const proxy = opened.use(await openTcpProxy({ host: '127.0.0.1', port: kit.server.port }))
    const { tab } = openFor(opened, alice, channelId, `http://127.0.0.1:${proxy.port}`)
    await bob.send(channelId, 'ready')
    await shows({ tab }, exactly(['ready']))
    await bob.send(channelId, 'before')
    await shows({ tab }, exactly(['ready', 'before']))
    await proxy.cut()
    for (const text of numbered(0, 12)) await bob.send(channelId, text)
    await proxy.restore()
    await shows({ tab }, exactly(['ready', 'before', ...numbered(0, 12)]))
    await bob.send(channelId, 'after')
    await shows({ tab }, exactly(['ready', 'before', ...numbered(0, 12), 'after']))
    expect(tab.errors).toEqual([])
  })

  test('what is sent between the reading of a page and the beginning of the events is read', async () => {
    await using opened = new AsyncDisposableStack()
    const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
    const { id: channelId } = await kit.channel([alice, bob])
    await bob.send(channelId, 'first')
    const connection = createConnection({ url: `${kit.server.url}/graphql`, token: () => alice.token })
    const begin = Promise.withResolvers<void>()
    const tab = opened.adopt(
      open(
        {
          ...connection,
          subscribe: (payload, sink) => {
            let stop = (): void => {}
            void begin.promise.then(() => (stop = connection.subscribe(payload, sink)))
            return () => stop()
          },
        },
        alice.identity,
        channelId,
      ),
      (one) => one.close(),
    )
    await shows({ tab }, exactly(['first']))
    await bob.send(channelId, 'between')
    begin.resolve()
    await shows({ tab }, exactly(['first', 'between']))
    expect(tab.errors).toEqual([])
  })
})
