import { afterAll, beforeAll, expect, test } from 'vitest'
import { DeleteMessageDocument, SendMessageDocument } from '../../schema/generated/graphql.ts'
import { openKit, type Kit } from '../../test/support/kit.ts'
import { draftsOf, makeDue } from '../../test/support/later.ts'
import { waitFor } from '../../test/support/wait.ts'
import { later } from '../src/modules/later.ts'
import { clientOf, isLive, live } from './support/client-of.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

test('a draft is on the other device of the user, and gone on both once either has sent it', async () => {
  const alice = await kit.user('alice')
  const { id } = await kit.channel([alice])
  await using phone = clientOf(alice, [later()])
  await using desk = clientOf(alice, [later()])
  await live(phone, desk)
  const draftOn = (client: typeof phone) => client.later.getSnapshot().drafts.get(id)?.body
  phone.later.drafts.write({ channelId: id }, 'hel')
  phone.later.drafts.write({ channelId: id }, 'hello')
  expect(draftOn(phone)).toBe('hello')
  await waitFor(() => draftOn(desk) === 'hello')
  await desk.channel(id).sendMessage('hello!', desk.later.drafts.take({ channelId: id }))
  await waitFor(() => draftOn(phone) === undefined)
  expect(draftOn(desk)).toBeUndefined()
  desk.later.drafts.write({ channelId: id }, 'next')
  await waitFor(() => draftOn(phone) === 'next')
  phone.later.drafts.write({ channelId: id }, '')
  await waitFor(() => draftOn(desk) === undefined)
  // A device that comes later reads what stands.
  desk.later.drafts.write({ channelId: id }, 'stays')
  await waitFor(() => draftOn(phone) === 'stays')
  await using tablet = clientOf(alice, [later()])
  await waitFor(() => draftOn(tablet) === 'stays')
})

test('what is written without a network is saved when it is back, unless another device has changed the draft: then one of the two is chosen', async () => {
  const alice = await kit.user('alice')
  const place = { channelId: (await kit.channel([alice])).id }
  await using phone = clientOf(alice, [later()])
  await using desk = clientOf(alice, [later()])
  await live(phone, desk)
  const on = ({ later: { drafts } }: typeof phone) => drafts.find(place)
  const cut = async (): Promise<void> => {
    phone.disconnect()
    await waitFor(() => !isLive(phone))
  }
  phone.later.drafts.write(place, 'at nine')
  await waitFor(() => on(desk)?.body === 'at nine')
  await cut()
  phone.later.drafts.write(place, 'at nine, or')
  phone.connect()
  await waitFor(() => on(desk)?.body === 'at nine, or')
  // Both go on from there.
  for (const choice of ['keepMine', 'takeTheirs'] as const) {
    await cut()
    phone.later.drafts.write(place, `mine, for ${choice}`)
    desk.later.drafts.write(place, `theirs, for ${choice}`)
    desk.later.drafts.flush()
    const saved = async () => (await draftsOf(alice))[0]?.body
    await waitFor(async () => (await saved()) === `theirs, for ${choice}`)
    phone.connect()
    await waitFor(() => on(phone)?.theirs === `theirs, for ${choice}`)
    expect(on(phone)?.body).toBe(`mine, for ${choice}`)
    // What is written on is not saved either.
    phone.later.drafts.write(place, `mine again, for ${choice}`)
    phone.later.drafts.flush()
    await live(phone)
    expect(await saved()).toBe(`theirs, for ${choice}`)
    phone.later.drafts[choice](place)
    const chosen = choice === 'keepMine' ? `mine again, for ${choice}` : `theirs, for ${choice}`
    for (const device of [phone, desk]) await waitFor(() => on(device)?.body === chosen && on(device)?.theirs === null)
    expect(await saved()).toBe(chosen)
  }
  // Sent by the other device meanwhile: what was written beyond it is the next draft.
  await cut()
  phone.later.drafts.write(place, 'theirs, for takeTheirs; and one more')
  await desk.channel(place.channelId).sendMessage('sent', desk.later.drafts.take(place))
  expect(on(desk)).toBeUndefined()
  phone.connect()
  await waitFor(() => on(desk)?.body === 'theirs, for takeTheirs; and one more')
  expect(on(desk)?.clientMessageId).not.toBe(
    phone.getSnapshot().channels.get(place.channelId)!.messages[0]!.clientMessageId,
  )
})

test('a draft has whom it names, what it quotes and where it shows on the other device, is sent and scheduled with it, and nobody takes that away by writing on', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  const { id: parentId } = await bob.send(channelId, 'who draws the owl?')
  const { id: quotedMessageId } = await bob.send(channelId, 'by nine')
  await using phone = clientOf(alice, [later()])
  await using desk = clientOf(alice, [later()])
  await live(phone, desk)
  const place = { channelId, parentId }
  const [mentions, body] = [{ identities: [bob.identity] }, 'you, @bob?']
  phone.later.drafts.write(place, { body, mentions, showInChannel: true })
  phone.later.drafts.flush()
  const on = ({ later: { drafts } }: typeof phone) => drafts.find(place)
  await waitFor(() => on(desk)?.body === body)
  phone.disconnect()
  await waitFor(() => !isLive(phone))
  phone.later.drafts.write(place, { body: `${body} Or me` })
  desk.later.drafts.write(place, { quotedMessageId })
  desk.later.drafts.flush()
  await waitFor(async () => (await draftsOf(alice))[0]?.version === 2)
  phone.connect()
  await waitFor(() => on(desk)?.body === `${body} Or me`)
  expect(on(desk)).toMatchObject({ mentions, quotedMessageId, showInChannel: true })
  await waitFor(() => on(phone)?.quotedMessageId === quotedMessageId)
  const { id: scheduledId } = await phone.later.schedule(place, on(phone)!, new Date(Date.now() + 3_600_000))
  phone.later.drafts.flush()
  await makeDue(kit, scheduledId)
  const last = () => desk.getSnapshot().channels.get(channelId)?.messages.at(-1)
  const isAsWritten = { mentions, quote: { messageId: quotedMessageId }, isShownInChannel: true }
  await waitFor(() => last()?.body === `${body} Or me`)
  expect(last()).toMatchObject(isAsWritten)
  await waitFor(() => !on(desk))
  // What is quoted and says nothing is a draft of no list. What is gone is quoted no longer.
  desk.later.drafts.write(place, { quotedMessageId })
  desk.later.drafts.flush()
  await waitFor(() => on(phone)?.quotedMessageId === quotedMessageId)
  expect(phone.later.getSnapshot().drafts.size).toBe(0)
  desk.later.drafts.write(place, { body, mentions, showInChannel: true })
  desk.later.drafts.flush()
  await waitFor(() => on(phone)?.body === body)
  const taken = phone.later.drafts.take(place)
  await phone.channel(channelId).sendMessage(body, { parentId, ...taken })
  await waitFor(() => last()?.body === body && !on(desk))
  expect(last()).toMatchObject(isAsWritten)
  await kit.backend.request(DeleteMessageDocument, { input: { messageId: quotedMessageId } })
  desk.later.drafts.write(place, { body: 'all the same', quotedMessageId })
  desk.later.drafts.flush()
  await waitFor(() => on(phone)?.body === 'all the same')
  expect([on(phone)?.quotedMessageId, on(desk)?.quotedMessageId]).toEqual([null, null])
})

test('a draft of a thread is one of its own, and is gone on the other device when its reply was sent', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  const { id: parentId } = await alice.send(channelId, 'who draws the owl?')
  await using phone = clientOf(alice, [later()])
  await using desk = clientOf(alice, [later()])
  await live(phone, desk)
  phone.later.drafts.write({ channelId }, 'in the channel')
  phone.later.drafts.write({ channelId, parentId }, 'in the thread')
  await waitFor(() => desk.later.getSnapshot().drafts.size === 2)
  expect(desk.later.drafts.get({ channelId, parentId })).toBe('in the thread')
  // It is saved once more when its reply is sent.
  desk.later.drafts.write({ channelId, parentId }, 'I do')
  desk.later.drafts.flush()
  const { clientMessageId } = desk.later.drafts.take({ channelId, parentId })
  await alice.request(SendMessageDocument, { input: { channelId, parentId, body: 'I do', clientMessageId } })
  for (const { later: own } of [phone, desk]) await waitFor(() => own.getSnapshot().drafts.size === 1)
  expect(phone.later.drafts.get({ channelId })).toBe('in the channel')
})

test('what is scheduled and what is saved is the same on both devices', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  const message = await bob.send(id, 'keep this')
  await using phone = clientOf(alice, [later()])
  await using desk = clientOf(alice, [later()])
  await live(phone, desk)
  const ahead = new Date(Date.now() + 3_600_000)
  const first = await phone.later.schedule({ channelId: id }, 'later', ahead)
  const second = await phone.later.schedule({ channelId: id }, 'never', ahead)
  await waitFor(() => desk.later.getSnapshot().scheduled.length === 2)
  await desk.later.reschedule(first.id, { body: 'a bit later' })
  await desk.later.cancel(second.id)
  await waitFor(
    () =>
      phone.later
        .getSnapshot()
        .scheduled.map(({ body }) => body)
        .join() === 'a bit later',
  )
  await makeDue(kit, first.id)
  await waitFor(() => phone.later.getSnapshot().scheduled.length === 0)
  await waitFor(() => phone.getSnapshot().channels.get(id)?.messages.at(-1)?.body === 'a bit later')
  await phone.later.save(message.id, ahead)
  await waitFor(() => desk.later.getSnapshot().saved[0]?.message?.body === 'keep this')
  // What was refused shows no longer.
  const saved = () => desk.later.getSnapshot().saved.map(({ remindAt }) => remindAt)
  const failing = desk.later.save(message.id, new Date(0))
  expect(saved()).toEqual([new Date(0).toISOString()])
  await expect(failing).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
  expect(saved()).toEqual([ahead.toISOString()])
  const giving = desk.later.unsave(message.id)
  expect(saved()).toEqual([])
  await giving
  await waitFor(() => phone.later.getSnapshot().saved.length === 0)
  expect(desk.later.getSnapshot()).toEqual(phone.later.getSnapshot())
})
