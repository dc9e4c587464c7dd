import { expect } from 'vitest'
import { waitFor } from '../../../test/support/wait.ts'
import { networkErrors, test } from '../browser/harness.ts'
import type { PartsPage } from './parts.page.tsx'

const entry = new URL('./parts.page.tsx', import.meta.url)

declare const page: PartsPage

const rounds = 20
const newChannel = 'mutation { createChannel(input: {}) { channel { id } } }'
const newMember = 'mutation ($input: AddMemberInput!) { addMember(input: $input) { member { id } } }'
const history = 'query ($id: ID!) { channel(id: $id) { messages(last: 100) { nodes { body } } } }'
type History = { channel: { messages: { nodes: { body: string }[] } } }

test('a page that is reloaded right after Enter loses no message, and sends none twice', async ({ tabs }) => {
  tabs.tolerate(networkErrors)
  const { backend, token } = tabs.fonechat
  const { createChannel } = await backend<{ createChannel: { channel: { id: string } } }>(newChannel)
  const { id } = createChannel.channel
  await backend(newMember, { input: { channelId: id, identity: 'alice' } })
  const tab = await tabs.openEntry(entry)
  const field = tab.getByRole('textbox')
  const open = async (): Promise<void> => {
    await tab.evaluate(([secret, channel]) => page.show(page.open('alice', secret), channel), [
      await token('alice'),
      id,
    ] as const)
    await field.waitFor()
    expect(await field.inputValue()).toBe('')
  }
  const texts = Array.from({ length: rounds }, (_, round) => `owl ${round}`)
  for (const [round, text] of texts.entries()) {
    await open()
    await field.fill(text)
    const isLoaded = tab.waitForEvent('load')
    // In the same turn as Enter, in the next one, and some milliseconds later.
    await tab.evaluate((wait) => {
      addEventListener('keydown', () =>
        wait === 0 ? location.reload() : setTimeout(() => location.reload(), wait - 1),
      )
    }, round % 8)
    // The page may be gone before the driver hears of it.
    await field.press('Enter').catch(() => {})
    await isLoaded
  }
  await open()
  const bodies = await waitFor(async () => {
    const { channel } = await backend<History>(history, { id })
    const sent = channel.messages.nodes.map(({ body }) => body)
    return sent.includes(texts.at(-1)!) && sent
  })
  expect(bodies).toEqual(texts)
}, 120_000)
