import { afterAll, beforeAll, expect, test } from 'vitest'
import { AddMemberDocument, ServiceDocument, UpdateServiceDocument } from '../../schema/generated/graphql.ts'
import { openKit, uniqueName, type Kit } from '../../test/support/kit.ts'
import { waitFor } from '../../test/support/wait.ts'
import { edits } from '../src/modules/edits.ts'
import { pins, type PinnedList } from '../src/modules/pins.ts'
import { clientOf, live } from './support/client-of.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const modules = [pins(), edits()] as const

/** Two who may both pin and edit everything in a channel of theirs. */
async function twoAdmins() {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const hers = clientOf(alice, modules)
  await live(hers)
  const { id } = await hers.createChannel({ uniqueName: uniqueName('pins') })
  const roleId = await waitFor(() => hers.getSnapshot().channels.get(id)?.membership.role.id)
  await kit.backend.request(AddMemberDocument, { input: { channelId: id, identity: bob.identity, roleId } })
  const his = clientOf(bob, modules)
  await live(his)
  await waitFor(() => his.getSnapshot().channels.has(id))
  return { id, hers, his, alice, bob }
}

const bodies = (list: PinnedList) => list.getSnapshot().messages.map(({ body }) => body)

test('two people pin and unpin against each other: at once for who does it, also of old messages, through a cut', async () => {
  const { id, hers, his } = await twoAdmins()
  await using _hers = hers
  await using _his = his
  const sent = []
  for (const body of ['one', 'two', 'three']) sent.push(await hers.channel(id).sendMessage(body))
  const [hersList, hisList] = [hers.pins.list(id), his.pins.list(id)]
  const stops = [hersList, hisList].map((list) => list.subscribe(() => {}))
  await waitFor(() => hisList.getSnapshot().isLoaded)
  const heard: string[] = []
  for (const name of ['messagePinned', 'messageUnpinned', 'messageUpdated'] as const) {
    his.channel(id).on(name, ({ body, isPinned }) => heard.push(`${name} ${body} ${isPinned}`))
  }
  expect(await hers.pins.pin(sent[0]!)).toMatchObject({ isPinned: true, version: 1, wasEdited: false })
  await waitFor(() => bodies(hisList).join() === 'one')
  await his.pins.pin(sent[2]!)
  await waitFor(() => bodies(hersList).join() === 'three,one')
  expect(heard).toEqual(['messagePinned one true', 'messagePinned three true'])
  // While he is away she unpins and pins; what he does waits, and shows.
  his.disconnect()
  const waiting = [his.pins.pin(sent[1]!), his.pins.unpin(sent[2]!)]
  await waitFor(() => bodies(hisList).join() === 'two,one')
  await hers.pins.unpin(sent[0]!)
  await sent[2]!.update('three, mended')
  his.connect()
  await Promise.all(waiting)
  for (const list of [hersList, hisList]) await waitFor(() => bodies(list).join() === 'two')
  await live(his)
  await waitFor(
    () => heard.includes('messageUnpinned one false') && heard.some((one) => one.startsWith('messageUpdated')),
  )
  expect(heard.filter((one) => one.startsWith('messageUpdated'))).toHaveLength(1)
  for (const stop of stops) stop()
})

test('what was pinned before the client knew the channel is read', async () => {
  const { id, hers, his, bob } = await twoAdmins()
  await using _hers = hers
  await his.close()
  const first = await hers.channel(id).sendMessage('rules')
  await hers.pins.pin(first)
  for (let sent = 0; sent < 60; sent++) await hers.channel(id).sendMessage(`${sent}`)
  await using late = clientOf(bob, modules)
  await live(late)
  const list = late.pins.list(id)
  const stop = list.subscribe(() => {})
  await waitFor(() => bodies(list).join() === 'rules')
  expect(late.pins.list(id)).toBe(list)
  await first.delete()
  await waitFor(() => list.getSnapshot().messages.length === 0)
  stop()
})

test('who may not pin is refused, and it shows no longer', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  const sent = await alice.send(id, 'not for the wall')
  await using his = clientOf(bob, modules)
  await live(his)
  const list = his.channel(id).messageList()
  await list.loadNewest()
  const shown: (boolean | undefined)[] = []
  const stop = list.subscribe(() => shown.push(list.getSnapshot().rows[0]?.isPinned))
  await expect(his.pins.pin({ id: sent.id, channelId: id })).rejects.toMatchObject({ code: 'FORBIDDEN' })
  expect([shown.includes(true), shown.at(-1)]).toEqual([true, false])
  expect(his.getSnapshot().outbox).toEqual([])
  stop()
})

test('an edit that came too late is a conflict with the version that there is, and waits to be decided; one’s own next edit is none', async () => {
  const { id, hers, his } = await twoAdmins()
  await using _hers = hers
  await using _his = his
  const { id: messageId, version } = await hers.channel(id).sendMessage('at nine')
  const seen = { expectedVersion: version }
  await waitFor(() => his.getSnapshot().channels.get(id)?.messages.length === 1)
  his.disconnect()
  const late = his.channel(id).updateMessage(messageId, 'at noon', seen)
  late.catch(() => {})
  expect(await hers.channel(id).updateMessage(messageId, 'at ten', seen)).toMatchObject({ body: 'at ten', version: 2 })
  his.connect()
  await expect(late).rejects.toMatchObject({ code: 'CONFLICT', currentVersion: 2 })
  const [item] = his.getSnapshot().outbox
  expect(item).toMatchObject({ status: 'failed', action: { body: 'at noon' }, error: { code: 'CONFLICT' } })
  await his.discard(item!.id)
  // Two edits of the same version, one behind the other.
  await waitFor(() => his.getSnapshot().channels.get(id)?.messages[0]?.version === 2)
  his.disconnect()
  const both = ['at eleven', 'at twelve'].map((body) =>
    his.channel(id).updateMessage(messageId, body, { expectedVersion: 2 }),
  )
  his.connect()
  expect((await Promise.all(both)).map((message) => message.version)).toEqual([3, 4])
})

test('former versions are read page by page by those who may, newest first', async () => {
  const { id, hers, his } = await twoAdmins()
  await using _hers = hers
  await using _his = his
  const message = await hers.channel(id).sendMessage('version 1')
  expect(await hers.edits.of(message.id)).toMatchObject({ items: [], hasMore: false })
  const { service } = await kit.backend.request(ServiceDocument, {})
  await kit.backend.request(UpdateServiceDocument, { input: { serviceId: service!.id, editHistory: 'ALL' } })
  for (const version of [2, 3, 4]) await message.update(`version ${version}`)
  const first = await hers.edits.of(message.id, { first: 2 })
  expect(first!.items.map(({ body }) => body)).toEqual(['version 3', 'version 2'])
  const second = await first!.more()
  expect([first!.hasMore, second.hasMore, second.items.map(({ version }) => version)]).toEqual([true, false, [1]])
  expect((await second.more()).items).toEqual([])
  const nora = await kit.user('nora')
  await kit.backend.request(AddMemberDocument, { input: { channelId: id, identity: nora.identity } })
  await using hers2 = clientOf(nora, modules)
  await live(hers2)
  expect(await hers2.edits.of(message.id)).toBeNull()
})
