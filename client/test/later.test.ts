import { afterAll, beforeAll, expect, test } from 'vitest'
import { openKit, type Kit } from '../../test/support/kit.ts'
import { makeDue } from '../../test/support/later.ts'
import { waitFor } from '../../test/support/wait.ts'
import { later } from '../src/modules/later.ts'
import { clientOf, live } from './support/client-of.ts'

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
  phone.later.writeDraft(id, 'hel')
  phone.later.writeDraft(id, 'hello')
  expect(draftOn(phone)).toBe('hello')
  await waitFor(() => draftOn(desk) === 'hello')
  await desk.later.sendDraft(id, 'hello!')
  await waitFor(() => draftOn(phone) === undefined)
  expect(draftOn(desk)).toBeUndefined()
  desk.later.writeDraft(id, 'next')
  await waitFor(() => draftOn(phone) === 'next')
  phone.later.writeDraft(id, '')
  await waitFor(() => draftOn(desk) === undefined)
  // A device that comes later reads what stands.
  desk.later.writeDraft(id, 'stays')
  await waitFor(() => draftOn(phone) === 'stays')
  await using tablet = clientOf(alice, [later()])
  await waitFor(() => draftOn(tablet) === 'stays')
})

test('what is scheduled and what is saved is the same on both devices', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  const message = await bob.send(id, 'keep this')
  await using phone = clientOf(alice, [later()])
  await using desk = clientOf(alice, [later()])
  await live(phone, desk)
  const ahead = new Date(Date.now() + 3_600_000)
  const first = await phone.later.schedule(id, 'later', ahead)
  const second = await phone.later.schedule(id, 'never', ahead)
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
  await desk.later.unsave(message.id)
  await waitFor(() => phone.later.getSnapshot().saved.length === 0)
  expect(desk.later.getSnapshot()).toEqual(phone.later.getSnapshot())
})
