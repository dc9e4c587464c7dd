import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { waitFor } from '../../../test/support/wait.ts'
import { createConnection } from '../../src/glue/connection.ts'
import { startFonechat } from '../../src/testing/index.ts'
import { openApolloTab } from './apollo-tab.ts'
import { openUrqlTab } from './urql-tab.ts'

const server = fileURLToPath(new URL('../../..', import.meta.url))

const send = /* GraphQL */ `
  mutation ($input: SendMessageInput!) {
    sendMessage(input: $input) {
      message {
        id
      }
    }
  }
`
const edit = 'mutation ($input: UpdateMessageInput!) { updateMessage(input: $input) { cursor } }'
const remove = 'mutation ($input: DeleteMessageInput!) { deleteMessage(input: $input) { cursor } }'
const createChannel = 'mutation { createChannel(input: {}) { channel { id } } }'
const addMember = 'mutation ($input: AddMemberInput!) { addMember(input: $input) { cursor } }'

test('what a restored database has lost goes: messages, edits and deletions', async () => {
  await using opened = new AsyncDisposableStack()
  const fonechat = opened.use(await startFonechat({ server, settings: { PAGE: 'false' } }))
  const token = await fonechat.token('alice')
  const { createChannel: made } = await fonechat.backend<{ createChannel: { channel: { id: string } } }>(createChannel)
  const channelId = made.channel.id
  await fonechat.backend(addMember, { input: { channelId, identity: 'alice' } })
  const say = async (body: string): Promise<string> => {
    const data = await fonechat.backend<{ sendMessage: { message: { id: string } } }>(send, {
      input: { channelId, body },
    })
    return data.sendMessage.message.id
  }
  await say('kept')
  const [deleted, edited] = [await say('deleted later'), await say('edited later')]
  const tabs = [openApolloTab, openUrqlTab].map((open) => {
    const connection = createConnection({ url: `${fonechat.url}/graphql`, token: () => token })
    return opened.adopt(open(connection, 'alice', channelId), (tab) => tab.close())
  })
  const show = async (...texts: readonly string[]): Promise<void> => {
    const shown = () => tabs.map((tab) => tab.messages().map(({ text }) => text))
    const expected = JSON.stringify(tabs.map(() => texts))
    try {
      await waitFor(() => JSON.stringify(shown()) === expected, { timeout: 30_000 })
    } catch (error) {
      throw new Error(`shows ${JSON.stringify(shown())} instead of ${expected}`, { cause: error })
    }
  }
  await show('kept', 'deleted later', 'edited later')
  await fonechat.gap(async () => {
    // What is seen by the stream after it has begun again.
    await say('first')
    await show('kept', 'deleted later', 'edited later', 'first')
    await say('lost')
    await fonechat.backend(edit, { input: { messageId: edited, body: 'edited' } })
    await fonechat.backend(remove, { input: { messageId: deleted } })
    await show('kept', 'edited', 'first', 'lost')
  })
  await show('kept', 'deleted later', 'edited later')
  await say('after')
  await show('kept', 'deleted later', 'edited later', 'after')
  // Index 3 was that of a message that is lost.
  for (const tab of tabs) expect(tab.messages().map(({ index }) => index)).toEqual([0, 1, 2, 3])
}, 240_000)
