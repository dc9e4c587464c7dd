import { expect } from 'vitest'
import { waitFor } from '../../../test/support/wait.ts'
import { expectAccessible } from '../page.ts'
import { rowsOf, test } from './fixture.ts'

test('what was changed is listed, filtered, and shown before and after', async ({ console: view }) => {
  const page = await view.open('/audit')
  const change = (query: string) =>
    page.evaluate(async (text) => {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ query: text })
      await fetch('/console/graphql', { method: 'POST', headers, body })
    }, query)
  await change('mutation { updateChannel(input: { channelId: "room-0003", friendlyName: "Kitchen" }) { cursor } }')
  await change('mutation { deleteChannel(input: { channelId: "room-1000" }) { cursor } }')
  await change('mutation { deleteChannel(input: { channelId: "nowhere" }) { cursor } }')
  await page.reload()
  const link = rowsOf(page).getByRole('link', { name: 'Update channel' })
  await link.waitFor()
  await link.click()
  const detail = page.getByRole('complementary', { name: 'Update channel' })
  const row = detail.getByRole('row', { name: /^friendlyName/ })
  await row.waitFor()
  expect(await row.getByRole('cell').allTextContents()).toEqual(['Room 3', 'Kitchen'])
  expect(await detail.getByRole('row').count()).toBe(2)
  await detail.getByRole('button', { name: 'Show all fields' }).click()
  await detail.getByRole('row', { name: /^isFrozen/ }).waitFor()
  await expectAccessible(page)
  await page.keyboard.press('Escape')

  await page.keyboard.press('/')
  await page.keyboard.type('deleteChannel')
  await page.keyboard.press('Enter')
  await waitFor(async () => (await link.count()) === 0)
  await rowsOf(page).getByText('refused').waitFor()
  expect(new URL(page.url()).searchParams.get('mutation')).toBe('deleteChannel')
  await rowsOf(page).filter({ hasText: 'done' }).getByRole('link').click()
  await page.getByText('It was deleted. Before, it was:').waitFor()
  await page.getByRole('row', { name: /^uniqueName room-1000/ }).waitFor()
  // On a phone.
  await page.setViewportSize({ width: 390, height: 760 })
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await link.waitFor()
})

test('rows are selected, with Shift and all that match, and a job does it to them', async ({ console: view }) => {
  const page = await view.open('/channels?q=Room 20')
  await rowsOf(page).first().waitFor()
  const boxes = rowsOf(page).getByRole('checkbox')
  await boxes.nth(1).check()
  await boxes.nth(3).click({ modifiers: ['Shift'] })
  await page.getByText('3 channels selected').waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Select none' }).click()
  await page.getByRole('checkbox', { name: 'Select all rows of this page' }).check()
  await page.getByRole('button', { name: 'Select all channels that match the filter' }).click()
  await page.getByText('All channels that match the filter').waitFor()
  await page.getByRole('button', { name: 'Delete channels' }).click()
  const ask = page.getByRole('dialog', { name: 'Delete these channels?' })
  // Room 20 and Room 200 to Room 209.
  await ask.getByText('It is done to 11:').waitFor()
  await ask.getByRole('button', { name: 'Delete channels' }).click()
  await page.getByRole('complementary', { name: 'Delete channels' }).getByText('11 of 11').waitFor()
  expect(new URL(page.url()).pathname).toBe('/console/jobs')
})

test('a job is started by a filter, shown while it runs, cancelled, and is in the audit list', async ({
  console: view,
}) => {
  const page = await view.open('/jobs')
  await rowsOf(page).getByText('11 of 11').waitFor()
  await page.getByRole('button', { name: 'Start a job' }).click()
  const form = page.getByRole('dialog', { name: 'Start a job' })
  await expectAccessible(page)
  await form.getByLabel('What to do').selectOption('Delete messages')
  await form.getByLabel('Channel (SID or unique name)').fill('room-0007')
  await form.getByLabel('Author (identity)').fill('person-009')
  await form.getByRole('button', { name: 'See what matches' }).click()
  const ask = page.getByRole('dialog', { name: 'Delete these messages?' })
  await ask.getByText('It is done to 20:').waitFor()
  expect(await ask.getByRole('listitem').allTextContents()).toHaveLength(6)
  await expectAccessible(page)
  await ask.getByRole('button', { name: 'Delete messages' }).click()
  const detail = page.getByRole('complementary', { name: 'Delete messages' })
  await detail.getByText('20 of 20').waitFor()
  await rowsOf(page).filter({ hasText: 'author person-009' }).getByText('done').waitFor()

  // Many: their number is typed.
  await page.getByRole('button', { name: 'Start a job' }).click()
  await form.getByLabel('Unique name begins with').fill('room-0')
  await form.getByRole('button', { name: 'See what matches' }).click()
  const channels = page.getByRole('dialog', { name: 'Delete these channels?' })
  await channels.getByText('It is done to 988:').waitFor()
  expect(await channels.getByRole('button', { name: 'Delete channels' }).isDisabled()).toBe(true)
  await channels.getByLabel('Type “988” to confirm').fill('988')
  await channels.getByRole('button', { name: 'Delete channels' }).click()
  const running = page.getByRole('complementary', { name: 'Delete channels' })
  await running.getByText('runs').waitFor()
  // It goes on while nobody looks.
  await page.reload()
  await running.getByRole('button', { name: 'Cancel the job' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the job' }).click()
  await running.getByText('cancelled', { exact: true }).waitFor()

  await running.getByRole('link', { name: 'in the console' }).click()
  const audit = page.getByRole('table', { name: 'Audit' })
  await waitFor(async () => (await rowsOf(page).count()) === 2)
  expect(await audit.locator('.row-link').allTextContents()).toEqual(['Cancel job', 'Start job'])
})
