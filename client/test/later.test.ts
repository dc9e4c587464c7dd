import { afterAll, beforeAll, expect, test } from 'vitest'
import { SendMessageDocument } from '../../schema/generated/graphql.ts'
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
  await desk.channel(id).sendMessage('hello!', { clientMessageId: desk.later.drafts.take({ channelId: id }) })
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
  await desk.channel(place.channelId).sendMessage('sent', { clientMessageId: desk.later.drafts.take(place) })
  expect(on(desk)).toBeUndefined()
  phone.connect()
  await waitFor(() => on(desk)?.body === 'theirs, for takeTheirs; and one more')
  expect(on(desk)?.clientMessageId).not.toBe(
    phone.getSnapshot().channels.get(place.channelId)!.messages[0]!.clientMessageId,
  )
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
  const clientMessageId = desk.later.drafts.take({ channelId, parentId })
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
