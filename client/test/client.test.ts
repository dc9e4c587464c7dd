import { afterAll, beforeAll, expect, test } from 'vitest'
import { openKit, type Kit } from '../../test/support/kit.ts'
import { waitFor } from '../../test/support/wait.ts'
import { clientOf, isLive } from './support/client-of.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

test('two people chat: what one sends is pending at once, and arrives at both in order', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  await using hers = clientOf(alice)
  await using his = clientOf(bob)
  await waitFor(() => isLive(hers) && isLive(his))
  const channel = await hers.getChannel(id)
  const [hersList, hisList] = [channel.messageList(), (await his.getChannel(id)).messageList()]
  await Promise.all([hersList.loadNewest(), hisList.loadNewest()])
  const sending = channel.sendMessage('Draw the owl!')
  await waitFor(() => hersList.getSnapshot().rows.some(({ body }) => body === 'Draw the owl!'))
  expect(hersList.getSnapshot().rows).toMatchObject([{ isMine: true }])
  expect(await sending).toMatchObject({ index: 0, body: 'Draw the owl!', author: alice.identity })
  await his.channel(id).sendMessage('The eyes first.')
  for (const list of [hersList, hisList]) {
    await waitFor(() => list.getSnapshot().rows.length === 2)
    expect(list.getSnapshot().rows.map(({ body, status }) => [body, status])).toEqual([
      ['Draw the owl!', 'sent'],
      ['The eyes first.', 'sent'],
    ])
  }
})

test('what is sent while disconnected waits, and is there once afterwards', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  await using hers = clientOf(alice)
  await using his = clientOf(bob)
  await waitFor(() => isLive(hers) && isLive(his))
  hers.disconnect()
  const list = hers.channel(id).messageList()
  const sending = [1, 2, 3].map((number) => hers.channel(id).sendMessage(`waits ${number}`))
  await his.channel(id).sendMessage('meanwhile')
  await waitFor(() => list.getSnapshot().rows.length === 3)
  expect(list.getSnapshot().rows.map(({ status }) => status)).toEqual(['pending', 'pending', 'pending'])
  hers.connect()
  await Promise.all(sending)
  await waitFor(() => list.getSnapshot().rows.length === 4)
  expect(list.getSnapshot().rows.map(({ body }) => body)).toEqual(['meanwhile', 'waits 1', 'waits 2', 'waits 3'])
})

test('history is read page by page, without holes and without doubles', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  await using hers = clientOf(alice)
  await waitFor(() => isLive(hers))
  for (let number = 0; number < 120; number++) await hers.channel(id).sendMessage(`${number}`)
  await using his = clientOf(bob)
  await waitFor(() => isLive(his))
  const list = his.channel(id).messageList()
  await list.loadNewest()
  expect(list.getSnapshot()).toMatchObject({ hasOlder: true, hasNewer: false })
  await list.loadOlder()
  await list.loadOlder()
  expect(list.getSnapshot()).toMatchObject({ hasOlder: false, hasNewer: false })
  expect(list.getSnapshot().rows.map(({ index }) => index)).toEqual(Array.from({ length: 120 }, (_, index) => index))
  const page = await his.channel(id).getMessages(25)
  expect((await page.prev()).map(({ index }) => index)).toEqual(Array.from({ length: 25 }, (_, index) => 70 + index))
})
