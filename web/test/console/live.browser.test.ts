import { createClient } from 'graphql-ws'
import { expect, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { waitFor } from '../../../test/support/wait.ts'
import { expectAccessible } from '../page.ts'
import { rowsOf, test } from './fixture.ts'

test('an operator sees who is connected, closes the connection, and the client comes back', async ({
  fonechat,
  console: view,
}) => {
  const { url, token } = { url: fonechat.url, token: await fonechat.token('person-001') }
  const closings: number[] = []
  let connected = 0
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { token, deviceId: 'phone' },
    lazy: false,
    retryAttempts: 10,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
    on: {
      connected: () => void connected++,
      closed: (event) => void closings.push((event as CloseEvent).code),
    },
  })
  onTestFinished(() => client.dispose() as Promise<void>)
  await waitFor(() => connected === 1)
  const page = await view.open('/connections?identity=person-001')
  const row = rowsOf(page).filter({ hasText: 'person-001' })
  await row.getByText('phone').waitFor()
  await row.getByRole('link', { name: 'person-001' }).click()
  const detail = page.getByRole('complementary', { name: 'person-001' })
  await detail.getByText('WebSocket').waitFor()
  const open = new URL(page.url()).searchParams.get('open')
  await detail.getByRole('button', { name: 'Close the connection' }).click()
  const ask = page.getByRole('alertdialog', { name: 'Close the connection of person-001?' })
  await ask.getByText(/comes back by itself/).waitFor()
  await expectAccessible(page)
  await ask.getByRole('button', { name: 'Close the connection' }).click()
  await page.getByText('Connection closed.').first().waitFor()
  await waitFor(() => closings.length === 1)
  expect(closings).toEqual([4413])
  // It is back, as another connection: the row of the one that was closed is still there for a moment.
  const link = row.getByRole('link', { name: 'person-001' })
  const opens = async () => new URL((await link.getAttribute('href', { timeout: 1000 }))!, page.url()).searchParams
  await waitFor(async () => ![null, open].includes((await opens()).get('open')), { timeout: 15_000 })
  await link.click()
  await detail.waitFor()
  expect(new URL(page.url()).searchParams.get('open')).not.toBe(open)
})

test('an operator sees who of a channel has not received what, and what else waits for that user', async ({
  console: view,
}) => {
  const page = await view.open('/pending?channel=room-0001')
  const row = rowsOf(page).filter({ hasText: 'phone' }).first()
  await row.waitFor()
  await row.getByRole('link').click()
  const detail = page.getByRole('complementary')
  await detail.getByText('Oldest that waits').first().waitFor()
  await detail.getByRole('link', { name: 'All channels of this user' }).click()
  await waitFor(() => page.url().includes('user=person-'))
  await rowsOf(page).filter({ hasText: 'Room 1' }).first().waitFor()
  // Of the whole service, page by page.
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await page.getByRole('button', { name: 'Next' }).click()
  await waitFor(() => page.url().includes('after='))
  await rowsOf(page).first().waitFor()
  await page.getByRole('button', { name: 'First page' }).click()
  await waitFor(() => !page.url().includes('after='))
})

test('an operator sees who is refused by which limit, and what is allowed', async ({ fonechat, console: view }) => {
  const limits = { userOperations: { limit: 3, seconds: 60 } }
  const update = 'mutation ($input: UpdateServiceInput!) { updateService(input: $input) { service { id } } }'
  await fonechat.backend(update, { input: { serviceId: fonechat.serviceId, limits } })
  const query = `{ ${Array.from({ length: 10 }, (_, at) => `a${at}: viewer { kind }`).join(' ')} }`
  const headers = { authorization: `Bearer ${await fonechat.token('person-002')}`, 'content-type': 'application/json' }
  await (await fetch(`${fonechat.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) })).text()
  const page = await view.open('/limits')
  const row = rowsOf(page).filter({ hasText: 'person-002' })
  await row.getByText('3 in 60 s').waitFor()
  await row.getByText('7', { exact: true }).waitFor()
  await page.getByRole('heading', { name: 'What is allowed' }).waitFor()
  await page.getByText('60 in 3 s').waitFor()
  expect(await page.getByRole('link', { name: 'Edit the limits' }).getAttribute('href')).toMatch(/\/services\/IS/)
  await row.getByRole('link', { name: 'person-002' }).click()
  await page.getByRole('complementary', { name: 'Person 2' }).waitFor()
})
