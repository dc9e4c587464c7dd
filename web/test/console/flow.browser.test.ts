import { expect } from 'vitest'
import { waitFor } from '../../../test/support/wait.ts'
import { ok, openReceiver } from '../../../test/support/webhook-receiver.ts'
import { expectAccessible } from '../page.ts'
import { rowsOf, test } from './fixture.ts'

const hourMs = 3_600_000

/** What `sendTestWebhook` says. */
const sampleBody = 'This is a test.'

/** Schedules, sends and so on as the person with this token. */
async function asUser(url: string, token: string, query: string, variables: object): Promise<void> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  })
  const { errors } = (await response.json()) as { readonly errors?: unknown }
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
}

test('a receiver that fails holds back what comes after; what waits says so, arrives once the receiver works, and is sent again since a time', async ({
  fonechat,
  console: view,
}) => {
  await using receiver = await openReceiver()
  receiver.answer = (_call, response) => void response.writeHead(503).end('back in a minute')
  const webhooks = { postUrl: receiver.url, filters: ['ON_MESSAGE_SENT'], apiEnabled: true }
  await fonechat.backend('mutation ($input: UpdateServiceInput!) { updateService(input: $input) { service { id } } }', {
    input: { serviceId: fonechat.serviceId, webhooks },
  })
  for (const body of ['first', 'second', 'third']) {
    await fonechat.backend('mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }', {
      input: { channelId: 'room-0002', body },
    })
  }
  const page = await view.open('/webhooks')
  const rows = rowsOf(page)
  await rows.nth(2).getByText('Failing').waitFor()
  await rows.nth(0).getByText('Held back by 2').waitFor()
  await rows
    .nth(2)
    .getByText(/HTTP 503/)
    .waitFor()

  // What is held back leads to what holds it back.
  await rows.nth(0).getByRole('link', { name: 'onMessageSent' }).click()
  const detail = page.getByRole('complementary', { name: 'onMessageSent' })
  await detail.getByText('2 deliveries are sent before it.').waitFor()
  await detail.getByText('third', { exact: true }).waitFor()
  await detail.getByRole('link', { name: /^onMessageSent WN…/ }).click()
  await detail.getByText('2 deliveries wait behind it.').waitFor()
  await detail.getByText('back in a minute').waitFor()
  await detail.getByRole('link', { name: 'Show what waits' }).click()
  await waitFor(() => new URL(page.url()).searchParams.get('status') === 'PENDING')
  await waitFor(async () => (await rows.count()) === 3)

  await page.getByRole('link', { name: 'Webhook endpoints' }).click()
  await rows.getByText('Does not take them').waitFor()
  await rows.getByText('3 in 1 queue').waitFor()
  await rows.getByRole('link', { name: receiver.url }).click()
  receiver.answer = ok
  await page.getByRole('button', { name: 'Send a test' }).click()
  const tested = page.getByRole('dialog', { name: 'Send a test' })
  await tested.getByRole('button', { name: 'Send', exact: true }).click()
  await tested.getByText(/^HTTP 200 after/).waitFor()
  await tested.getByText('received message').waitFor()
  await expectAccessible(page)
  await tested.getByRole('button', { name: 'Close' }).click()

  // The next attempt is some seconds away.
  await page.getByRole('link', { name: 'Webhook deliveries' }).click()
  await waitFor(async () => (await rows.getByText('Delivered', { exact: true }).count()) === 3, { timeout: 20_000 })
  // Besides the test, which came at any time between.
  const bodies = receiver.received.map(({ parameters }) => parameters['Body']).filter((body) => body !== sampleBody)
  expect(bodies.slice(-3)).toEqual(['first', 'second', 'third'])
  const before = receiver.received.length
  await page.getByRole('button', { name: 'Send again since…' }).click()
  const again = page.getByRole('dialog', { name: 'Send deliveries again' })
  await again.getByText('There is nothing to send again since then.').waitFor()
  await again.getByLabel('Which').selectOption('Those that have arrived')
  await again.getByText('3 deliveries will be sent again.').waitFor()
  await expectAccessible(page)
  await again.getByRole('button', { name: 'Send again' }).click()
  await page.getByText('3 deliveries wait to be sent again.').first().waitFor()
  await receiver.atLeast(before + 3)
})

test('scheduled messages are found by their author, and cancelled; a text that is being written is ended', async ({
  fonechat,
  console: view,
}) => {
  const schedule =
    'mutation ($input: ScheduleMessageInput!) { scheduleMessage(input: $input) { scheduledMessage { id } } }'
  for (const [identity, body] of [
    ['person-004', 'good morning'],
    ['person-005', 'good night'],
  ] as const) {
    const sendAt = new Date(Date.now() + hourMs).toISOString()
    const input = { channelId: 'room-0003', body, sendAt }
    await asUser(fonechat.url, await fonechat.token(identity), schedule, { input })
  }
  const page = await view.open('/scheduled')
  const rows = rowsOf(page)
  await waitFor(async () => (await rows.count()) === 2)
  await page.getByLabel('Author').fill('person-005')
  await waitFor(async () => (await rows.count()) === 1)
  await rows.getByRole('link', { name: 'good night' }).click()
  const detail = page.getByRole('complementary', { name: 'Scheduled message' })
  await detail.getByText('Room 3').waitFor()
  await detail.getByRole('button', { name: 'Cancel message' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel message' }).click()
  await detail.getByText('Cancelled', { exact: true }).waitFor()
  await waitFor(async () => (await rows.count()) === 0)
  await page.getByLabel('State').selectOption('Cancelled')
  await rows.getByText('not kept').waitFor()

  await fonechat.backend('mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }', {
    input: { channelId: 'room-0003', body: 'To be, ', isStreaming: true },
  })
  await page.getByRole('link', { name: 'Streams' }).click()
  await rows.getByText('Room 3').waitFor()
  await rows.getByRole('link').click()
  const text = page.getByRole('complementary', { name: 'Text being written' })
  await text.getByText('To be,').waitFor()
  await text.getByRole('button', { name: 'Cancel text' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel text' }).click()
  await text.getByText('Cancelled', { exact: true }).waitFor()
  await page.getByText('No text is being written now.').waitFor()
  expect(await rows.count()).toBe(0)
})

test('a keyword rule says at once what is wrong with it, is tried on the past, saved, changed and deleted; what it flags leads to the message', async ({
  fonechat,
  console: view,
}) => {
  const page = await view.open('/rules')
  await page.getByText('No rule yet').waitFor()
  await page.getByRole('link', { name: 'Create rule' }).click()
  await page.getByLabel('Words').fill('pallets\n!!')
  await page.getByLabel('Pattern').fill('(a')
  await page.getByText('A word must have a letter or a digit, and "!!" has none.').waitFor()
  await page.getByText('Pattern is no regular expression of RE2: missing closing ): `(a`.').waitFor()
  await expectAccessible(page)
  await page.getByLabel('Words').fill('pallets')
  await page.getByLabel('Pattern').fill('qu.rter')
  await page.getByLabel('Messages since').selectOption('the last year')
  await page.getByRole('button', { name: 'Try it' }).click()
  // A busy machine gets less far in the time that a search has.
  await page.getByText(/^[\d,]+ of [\d,]+ messages match\.$/).waitFor()
  const matches = page.locator('.rule-examples mark')
  expect(new Set(await matches.allTextContents())).toEqual(new Set(['pallets', 'quarter']))
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Give the rule a name.').waitFor()
  await page.getByLabel('Name', { exact: true }).fill('Freight')
  await page.getByRole('button', { name: 'Save' }).click()
  const row = rowsOf(page).filter({ hasText: 'Freight' })
  await row.getByText('qu.rter').waitFor()

  await fonechat.backend('mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }', {
    input: { channelId: 'room-0004', body: 'Where are the pallets?' },
  })
  await page.getByRole('link', { name: 'Flagged messages' }).first().click()
  await rowsOf(page).filter({ hasText: 'Where are the pallets?' }).getByText('Freight').waitFor()
  await rowsOf(page).getByRole('link', { name: 'Where are the pallets?' }).click()
  await page.getByRole('complementary').getByText('Where are the pallets?').waitFor()

  await page.getByRole('link', { name: 'Keyword rules' }).click()
  await row.getByRole('link', { name: 'Freight' }).click()
  await page.getByLabel('Words').fill('crates')
  await page.getByRole('radio', { name: /^Mask/ }).check()
  await page.getByRole('button', { name: 'Save' }).click()
  await row.getByText('crates').waitFor()
  await row.getByText('Mask').waitFor()
  // Somebody else deletes it while it is edited: what was written becomes a new one.
  await row.getByRole('link', { name: 'Freight' }).click()
  await page.getByLabel('Words').fill('barrels')
  const { service } = await fonechat.backend<{ service: { keywordRules: [{ id: string }] } }>(
    '{ service { keywordRules { id } } }',
  )
  await fonechat.backend(
    'mutation ($id: ID!) { deleteKeywordRule(input: { keywordRuleId: $id }) { keywordRule { id } } }',
    {
      id: service.keywordRules[0].id,
    },
  )
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Somebody has deleted this rule meanwhile.').waitFor()
  await page.getByRole('button', { name: 'Create as a new rule' }).click()
  await row.getByText('barrels').waitFor()
  await row.getByRole('link', { name: 'Freight' }).click()
  await page.getByRole('button', { name: 'Delete rule' }).click()
  const ask = page.getByRole('alertdialog', { name: 'Delete “Freight”?' })
  await ask.getByRole('button', { name: 'Delete rule' }).click()
  await page.getByText('No rule yet').waitFor()
})

test('a push credential is added and deleted, and its secret is not shown', async ({ console: view }) => {
  const page = await view.open('/credentials')
  await page.getByText('No credential yet.').waitFor()
  await page.getByRole('button', { name: 'Add credential' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a push credential' })
  await dialog.getByLabel('Push service').selectOption('Firebase (FCM)')
  await dialog.getByLabel('Name').fill('Android app')
  await dialog.getByLabel('Server key').fill('a key of Firebase')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Add credential' }).click()
  await rowsOf(page).getByRole('link', { name: 'Android app' }).click()
  const detail = page.getByRole('complementary', { name: 'Android app' })
  await detail.getByText('Firebase (FCM)').waitFor()
  expect(await page.content()).not.toContain('a key of Firebase')
  await detail.getByRole('button', { name: 'Delete credential' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete credential' }).click()
  await page.getByText('No credential yet.').waitFor()
})
