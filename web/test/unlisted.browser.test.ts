import { test } from '../../client/test/browser/harness.ts'
import { livePanes, paneOf } from './page.ts'

const newChannel = `mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id } } }`
const newMember = `mutation ($input: AddMemberInput!) { addMember(input: $input) { member { id } } }`
const send = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { index } } }`

/** More than the client reads of the list by itself. */
const many = 210

test('an address of a channel far down the list opens it; one of no channel says so', async ({ tabs }) => {
  const { backend } = tabs.fonechat
  const make = async (uniqueName: string): Promise<void> => {
    await backend(newChannel, { input: { uniqueName } })
    await backend(newMember, { input: { channelId: uniqueName, identity: 'alice' } })
  }
  await make('bottom')
  await backend(send, { input: { channelId: 'bottom', authorIdentity: 'alice', body: 'down here' } })
  for (let at = 0; at < many; at += 10)
    await Promise.all(Array.from({ length: 10 }, (_, next) => make(`above-${at + next}`)))
  const page = await tabs.open('/chat/bottom')
  const alice = paneOf(page, 'Alice')
  await alice.sees('down here')
  await page.goto(`${tabs.proxy.url}/chat/nowhere`)
  await alice.root.getByText('This channel is not here').waitFor()
  // Making that many takes its time.
}, 120_000)

test('a user of the demo who was deleted is signed out', async ({ tabs }) => {
  const page = await tabs.open('/')
  const { bob } = await livePanes(page)
  await tabs.fonechat.backend(`mutation { deleteUser(input: { userId: "bob" }) { user { id } } }`, {})
  await bob.is('signed out')
})
