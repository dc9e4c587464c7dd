import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { waitFor } from '../../../test/support/wait.ts'
import { expectAccessible } from '../page.ts'
import { rowsOf, test } from './fixture.ts'

const detailOf = (page: Page, name: string) => page.getByRole('complementary', { name, exact: true })

test('a channel is found by its name and by its state, made, frozen, truncated and deleted', async ({
  console: view,
}) => {
  const page = await view.open('/channels?show=frozen')
  await page.getByText('10 in all').waitFor()
  await page.getByLabel('Find').fill('room 99')
  // 99, and 990 to 999, private ones too.
  await page.getByText('11 in all').waitFor()
  await rowsOf(page).getByRole('link', { name: 'Room 99', exact: true }).click()
  const room = detailOf(page, 'Room 99')
  await room.getByText('room-0099').waitFor()
  await room.getByRole('button', { name: 'Truncate' }).click()
  const truncate = page.getByRole('dialog', { name: 'Take away the oldest messages' })
  await truncate.getByLabel('Index of the first message that stays').fill('90')
  await truncate.getByRole('button', { name: 'Truncate' }).click()
  await room.getByText('Begins at index').waitFor()
  await room.getByRole('link', { name: '10', exact: true }).waitFor()

  await page.getByRole('button', { name: 'Create channel' }).click()
  const create = page.getByRole('dialog', { name: 'Create a channel' })
  await create.getByLabel('Unique name').fill('room-0001')
  await create.getByRole('button', { name: 'Create channel' }).click()
  await create.getByRole('alert').waitFor()
  await create.getByLabel('Unique name').fill('den')
  await create.getByLabel('Name', { exact: true }).fill('<i>Den</i>')
  await create.getByLabel('Type').selectOption('PRIVATE')
  await create.getByRole('button', { name: 'Create channel' }).click()
  const den = detailOf(page, '<i>Den</i>')
  await den.getByText('private').waitFor()
  await den.getByRole('button', { name: 'Freeze' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Freeze' }).click()
  await den.getByRole('button', { name: 'Unfreeze' }).waitFor()
  await den.getByRole('button', { name: 'Edit' }).click()
  const edit = page.getByRole('dialog', { name: 'Edit the channel' })
  await edit.getByLabel('Name', { exact: true }).fill('Den')
  await edit.getByRole('button', { name: 'Save' }).click()
  await detailOf(page, 'Den').getByRole('button', { name: 'Delete channel' }).click()
  const ask = page.getByRole('alertdialog', { name: 'Delete Den?' })
  await ask.getByLabel('Type “den” to confirm').fill('den')
  await expectAccessible(page)
  await ask.getByRole('button', { name: 'Delete channel' }).click()
  await detailOf(page, 'Den').waitFor({ state: 'detached' })
})

test('the history of a channel is read both ways, and from an index, a day and a SID on', async ({ console: view }) => {
  const page = await view.open('/messages?channel=room-0003')
  const indexes = async () =>
    (await rowsOf(page).getByRole('link').allTextContents()).map((text) => Number(text.replaceAll(',', '')))
  const reads = (first: number, last: number) =>
    waitFor(async () => {
      const read = await indexes()
      return read[0] === first && read.at(-1) === last
    })
  // The newest are there at first, and in view.
  await reads(50, 99)
  await waitFor(() =>
    rowsOf(page)
      .last()
      .evaluate((row) => row.getBoundingClientRect().bottom <= innerHeight),
  )
  await page.getByRole('button', { name: 'Previous' }).click()
  await reads(0, 49)
  await page.getByRole('button', { name: 'Next' }).click()
  await reads(50, 99)
  await page.getByLabel('Jump to').fill('30')
  await reads(5, 54)
  await page.getByLabel('Jump to').fill('elsewhere')
  await page.getByText('This is not an index, the SID of a message or a date.').waitFor()
  // The oldest is 99 days older than the newest.
  await page.getByLabel('Jump to').fill('2001-01-01')
  await reads(0, 49)
  await page.goBack()
})

test('what a search finds is opened, edited, pinned and deleted; its text is never markup', async ({
  fonechat,
  console: view,
}) => {
  const page = await view.open('/messages?q=rotterdam')
  await page.locator('mark', { hasText: 'Rotterdam' }).first().waitFor()
  expect(await rowsOf(page).count()).toBe(50)
  await page.getByRole('button', { name: 'Next' }).click()
  await page.locator('.filters').getByLabel('Channel').fill('room-0004')
  await page.getByText('10 in all').waitFor()
  await rowsOf(page).first().getByRole('link').click()
  const detail = page.getByRole('complementary')
  await detail.getByText(/have received it/).waitFor()
  await detail
    .getByRole('link', { name: /^person-\d+$/ })
    .first()
    .waitFor()
  await detail.getByRole('button', { name: 'Edit' }).click()
  const edit = page.getByRole('dialog', { name: 'Edit the message' })
  const text = '<img src=x onerror=alert(1)> & Rotterdam'
  await edit.getByLabel('Text').fill(text)
  await edit.getByRole('button', { name: 'Save' }).click()
  await detail.locator('.message-text', { hasText: text }).waitFor()
  expect(await page.locator('img').count()).toBe(0)
  await detail.getByRole('button', { name: 'Pin', exact: true }).click()
  await detail.getByRole('button', { name: 'Unpin' }).waitFor()
  await expectAccessible(page)
  await detail.getByRole('link', { name: 'In the history' }).click()
  await page.locator('tr[data-open]').waitFor()
  await detail.getByRole('button', { name: 'Delete message' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete message' }).click()
  await detail.waitFor({ state: 'detached' })

  // Somebody else deletes what one is editing: saving says so, and what was written stays.
  await rowsOf(page).first().getByRole('link').click()
  await detail.getByRole('button', { name: 'Edit' }).click()
  await edit.getByLabel('Text').fill('too late')
  await fonechat.backend('mutation ($id: ID!) { deleteMessage(input: { messageId: $id }) { cursor } }', {
    id: new URL(page.url()).searchParams.get('open'),
  })
  await edit.getByRole('button', { name: 'Save' }).click()
  await edit.getByRole('alert').waitFor()
  expect(await edit.getByLabel('Text').inputValue()).toBe('too late')
})
