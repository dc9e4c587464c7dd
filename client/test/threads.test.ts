import { parse } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openKit, type Kit } from '../../test/support/kit.ts'
import { waitFor } from '../../test/support/wait.ts'
import { threads } from '../src/modules/threads.ts'
import type { Thread } from '../src/modules/threads.ts'
import { clientOf, live } from './support/client-of.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const modules = [threads()] as const

async function twoClients() {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  const [hers, his] = [clientOf(alice, modules), clientOf(bob, modules)]
  await live(hers, his)
  return { alice, bob, id, hers, his }
}

/** Opens a thread as a view does. */
async function show(thread: Thread) {
  const stops = [thread.subscribe(() => {}), thread.replies.subscribe(() => {})]
  await thread.replies.loadNewest()
  return { thread, [Symbol.dispose]: () => stops.forEach((stop) => stop()) }
}

/** Many at once, by the backend; in this order. */
async function sendReplies(parentId: string, channelId: string, count: number): Promise<readonly string[]> {
  const sent = Array.from({ length: count }, (_, at) => `${count}: ${at}`)
  const fields = sent.map(
    (body, at) =>
      `m${at}: sendMessage(input: { channelId: "${channelId}", parentId: "${parentId}", body: "${body}" }) { cursor }`,
  )
  for (let from = 0; from < count; from += 70)
    await kit.backend.request(parse(`mutation { ${fields.slice(from, from + 70).join('\n')} }`), {})
  return sent
}

const bodies = ({ replies }: Thread) => replies.getSnapshot().rows.map(({ body }) => body)
const isShown = (thread: Thread, body: string) => bodies(thread).includes(body)

test('two people reply in a thread: at once for who does it, counted at the message, live and through a cut', async () => {
  const { id, hers, his } = await twoClients()
  await using _hers = hers
  await using _his = his
  const question = await hers.channel(id).sendMessage('lunch?')
  const [first, second] = [hers.threads.of(question), his.threads.of(question)]
  using _first = await show(first)
  using _second = await show(second)
  const inChannel = (client: typeof hers) => client.getSnapshot().channels.get(id)!.messages
  const counts = (client: typeof hers) => inChannel(client).find(({ index }) => index === question.index)?.replyCount
  const sent = second.sendMessage('yes')
  await waitFor(() => isShown(second, 'yes'))
  const yes = await sent
  await waitFor(() => isShown(first, 'yes') && counts(hers) === 1 && counts(his) === 1)
  expect(first.getSnapshot().parent?.message?.repliers).toMatchObject([{ identity: yes.author }])
  await second.sendMessage('at noon', { showInChannel: true })
  await waitFor(() => isShown(first, 'at noon') && inChannel(hers).some(({ body }) => body === 'at noon'))
  expect(inChannel(hers).map(({ body }) => body)).toEqual(['lunch?', 'at noon'])
  // What one does with a reply.
  await hers.channel(id).addReaction(yes.id, '🎉')
  await yes.update('yes!')
  await waitFor(() => {
    const [row] = first.replies.getSnapshot().rows
    return row?.body === 'yes!' && row.reactions[0]?.count === 1 && row.reactions[0].viewerHasReacted
  })
  // He is away: what he writes waits in the thread alone, and what happens meanwhile comes.
  his.disconnect()
  const waiting = second.sendMessage('with salad')
  await waitFor(() => isShown(second, 'with salad'))
  expect(
    his
      .channel(id)
      .messageList()
      .getSnapshot()
      .rows.some(({ body }) => body === 'with salad'),
  ).toBe(false)
  await first.sendMessage('no, soup')
  await hers.channel(id).updateMessage((await first.sendMessage('and bread')).id, 'and rolls')
  await hers.channel(id).sendMessage('who else?')
  his.connect()
  await waiting
  const all = ['yes!', 'at noon', 'no, soup', 'and rolls', 'with salad']
  for (const thread of [first, second]) await waitFor(() => bodies(thread).join() === all.join())
  await waitFor(() => counts(hers) === 5 && counts(his) === 5)
  await yes.delete()
  for (const thread of [first, second]) await waitFor(() => bodies(thread).join() === all.slice(1).join())
  await waitFor(() => counts(hers) === 4 && counts(his) === 4)
})

test('a long thread is read in both directions, from its place in the channel alone, and again after a long absence', async () => {
  const { alice, id, hers, his } = await twoClients()
  await using _hers = hers
  await using _his = his
  const { id: parentId } = await alice.send(id, 'parent')
  const earlier = await sendReplies(parentId, id, 110)
  await alice.send(id, 'shown', { parentId, showInChannel: true })
  await his.close()
  const bob = await kit.user('carol')
  await using late = clientOf(bob, modules)
  await live(late)
  await late.joinChannel(id)
  await waitFor(() => late.getSnapshot().channels.has(id))
  const thread = late.threads.of({ channelId: id, index: 0 })
  using _shown = await show(thread)
  await waitFor(() => thread.getSnapshot().parent?.body === 'parent')
  expect(bodies(thread).slice(-2)).toEqual([earlier.at(-1), 'shown'])
  expect(thread.replies.getSnapshot()).toMatchObject({ hasOlder: true, hasNewer: false })
  await thread.replies.jumpTo(20)
  expect(bodies(thread).slice(0, 19)).toEqual(earlier.slice(0, 19))
  expect(thread.replies.getSnapshot()).toMatchObject({ hasNewer: true })
  while (thread.replies.getSnapshot().hasNewer) await thread.replies.loadNewer()
  while (thread.replies.getSnapshot().hasOlder) await thread.replies.loadOlder()
  expect(bodies(thread)).toEqual([...earlier, 'shown'])
  // Replies that the channel does not show are no holes in it.
  const list = late.channel(id).messageList()
  await list.loadNewest()
  const { rows, hasOlder } = list.getSnapshot()
  expect([rows.map(({ body }) => body), hasOlder]).toEqual([['parent', 'shown'], false])
  late.disconnect()
  const missed = await sendReplies(parentId, id, 210)
  late.connect()
  await live(late)
  const isRead = () => bodies(thread).slice(-40).join() === missed.slice(-40).join()
  await waitFor(isRead, { timeout: 15_000 })
  await thread.replies.loadOlder()
  expect(bodies(thread).slice(-60)).toEqual(missed.slice(-60))
  const nowhere = late.threads.of({ channelId: id, index: 5000 })
  await expect(nowhere.replies.loadNewest()).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(nowhere.getSnapshot()).toMatchObject({ isMissing: true, parent: null })
})

test('followed threads count what is unread, on all devices, and notify', async () => {
  const { bob, id, hers, his } = await twoClients()
  await using _hers = hers
  await using _his = his
  await using desk = clientOf(bob, modules)
  await live(desk)
  const [followed, onDesk] = [his.threads.followed(), desk.threads.followed()]
  const unread = (list = followed) => list.getSnapshot().threads.map(({ unreadCount }) => unreadCount)
  const notified: string[] = []
  his.on('notification', ({ body }) => notified.push(body))
  const question = await his.channel(id).sendMessage('lunch?')
  const thread = hers.threads.of(question)
  await waitFor(() => hers.getSnapshot().channels.get(id)!.messages.length === 1)
  const one = await thread.sendMessage('one')
  for (const list of [followed, onDesk]) await waitFor(() => unread(list).join() === '1')
  await thread.sendMessage('two')
  await thread.sendMessage('by the way', { silent: true })
  for (const list of [followed, onDesk]) await waitFor(() => unread(list).join() === '2')
  await waitFor(() => followed.getSnapshot().threads[0]?.parent?.replyCount === 3)
  expect(followed.getSnapshot()).toMatchObject({ unreadCount: 1, threads: [{ unreadCount: 2 }] })
  await waitFor(() => notified.join() === 'one,two')
  await one.delete()
  for (const list of [followed, onDesk]) await waitFor(() => unread(list).join() === '1')
  // Reading the channel does not read it.
  await his.channel(id).setAllMessagesRead()
  await his.threads.of(question).markRead(question.index + 3)
  for (const list of [followed, onDesk]) await waitFor(() => unread(list).join() === '0')
  expect(his.threads.followed({ unread: true }).getSnapshot().threads).toEqual([])
  await his.threads.of(question).follow(false)
  for (const list of [followed, onDesk]) await waitFor(() => unread(list).length === 0)
  await thread.sendMessage('three')
  // Who replies follows again, and has read.
  await his.threads.of(question).sendMessage('mine')
  for (const list of [followed, onDesk]) await waitFor(() => unread(list).join() === '0')
  expect(notified).toEqual(['one', 'two'])
  his.disconnect()
  await thread.sendMessage('four')
  his.connect()
  await waitFor(() => unread().join() === '1')
  await his.markAllRead()
  for (const list of [followed, onDesk]) await waitFor(() => unread(list).join() === '0')
})

test('a quote shows what it quotes as it is now; a deleted message with replies stays until the last of them is gone', async () => {
  const { alice, id, hers, his } = await twoClients()
  await using _hers = hers
  await using _his = his
  const old = await alice.send(id, 'rules')
  for (let sent = 0; sent < 60; sent++) await alice.send(id, `${sent}`)
  const quoting = await his.channel(id).sendMessage('as you said', { quotedMessageId: old.id })
  await using late = clientOf(alice, modules)
  await live(late)
  const row = { message: quoting.message, item: null }
  const stop = late.threads.subscribe(() => {})
  const quoted = () => late.threads.quoted(row, id)
  expect(quoted()).toBeUndefined()
  await waitFor(() => quoted()?.body === 'rules')
  await hers.channel(id).updateMessage(old.id, 'rules, mended')
  await waitFor(() => quoted()?.body === 'rules, mended')
  const reply = await his.threads.of({ channelId: id, index: 0 }).sendMessage('which?')
  await hers.channel(id).deleteMessage(old.id)
  await waitFor(() => quoted()?.deletedAt != null)
  expect(quoted()?.body).toBe('')
  const list = late.channel(id).messageList()
  await list.jumpTo(0)
  const [tombstone] = list.getSnapshot().rows
  expect(tombstone).toMatchObject({ index: 0, body: '', message: { replyCount: 1 } })
  await reply.delete()
  await waitFor(() => list.getSnapshot().rows[0]?.index === 1)
  stop()
})
