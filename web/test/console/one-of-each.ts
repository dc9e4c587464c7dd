import type { Fonechat } from '../../../client/src/testing/index.ts'
import { waitFor } from '../../../test/support/wait.ts'

/** Longer than a line of any list. */
const longText = 'Where are the pallets of the second quarter? '.repeat(6)

/** Calls the server as the user with this token. */
async function asUser(url: string, token: string, query: string, variables: object = {}): Promise<void> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query, variables }),
  })
  await response.text()
}

/** Makes one of each thing that the filled database has none of, so that no view of the console is empty but those that an operator’s own work fills. */
export async function makeOneOfEach(fonechat: Fonechat, receiverUrl: string): Promise<void> {
  const { url, serviceId, backend } = fonechat
  const make = (mutation: string, input: object): Promise<object> => {
    const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input!`
    return backend(`mutation ($input: ${type}) { ${mutation}(input: $input) { __typename } }`, { input })
  }
  // Nobody answers there as it wants to be answered, so its deliveries wait.
  const webhooks = { postUrl: receiverUrl, filters: ['ON_MESSAGE_SENT'], apiEnabled: true }
  const limits = { userOperations: { limit: 3, seconds: 60 } }
  await make('updateService', { serviceId, webhooks, limits })
  await make('createKeywordRule', { serviceId, name: 'Freight', words: ['pallets'], action: 'FLAG' })
  await make('createInvite', { channelId: 'room-0002', identity: 'person-151' })
  await make('createApiKey', { friendlyName: 'billing' })
  await make('createCredential', { type: 'FCM', friendlyName: 'Android app', secret: 'a key of Firebase' })
  await make('sendMessage', { channelId: 'room-0002', body: longText })
  await make('sendMessage', { channelId: 'room-0003', body: 'To be, ', isStreaming: true })
  const token = await fonechat.token('person-004')
  const schedule = 'mutation ($input: ScheduleMessageInput!) { scheduleMessage(input: $input) { __typename } }'
  const sendAt = new Date(Date.now() + 3_600_000).toISOString()
  await asUser(url, token, schedule, { input: { channelId: 'room-0003', body: longText, sendAt } })
  // More than the limit allows.
  await asUser(url, token, `{ ${Array.from({ length: 10 }, (_, at) => `a${at}: viewer { kind }`).join(' ')} }`)
  await waitFor(async () => {
    const { flaggedMessages } = await backend<{ flaggedMessages: { nodes: readonly object[] } }>(
      '{ flaggedMessages(first: 1) { nodes { __typename } } }',
    )
    return flaggedMessages.nodes.length > 0
  })
}
