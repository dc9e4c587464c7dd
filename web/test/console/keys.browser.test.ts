import type { Route } from 'playwright-core'
import { expect } from 'vitest'
import { waitFor } from '../../../test/support/wait.ts'
import { expectAccessible } from '../page.ts'
import { rowsOf, test } from './fixture.ts'

test('one signs in, makes a key, signs in with that elsewhere, ends that session, changes and deletes the key, and signs out', async ({
  tabs,
  fonechat,
  console: view,
}) => {
  const page = await tabs.open('/console/keys')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await expectAccessible(page)
  await view.signIn(page, undefined, 'wrong')
  await page.getByText('The SID or the secret is wrong.').waitFor()
  await view.signIn(page)
  // The address has stayed.
  await page.getByRole('heading', { name: 'API keys' }).waitFor()
  await page.getByText('No API key yet.').waitFor()
  // The secret is shown once.
  await page.getByRole('button', { name: 'Create key' }).click()
  const dialog = page.getByRole('dialog', { name: 'Create an API key' })
  await dialog.getByLabel('Name').fill('x'.repeat(65))
  await dialog.getByRole('button', { name: 'Create key' }).click()
  await dialog.getByRole('alert').waitFor()
  await expectAccessible(page)
  await dialog.getByLabel('Name').fill('billing')
  await dialog.getByLabel('Calls at most').fill('600')
  await dialog.getByLabel('in seconds').fill('60')
  await dialog.getByRole('button', { name: 'Create key' }).click()
  const made = page.getByRole('dialog', { name: 'The key is made' })
  await made.waitFor()
  const [sid, secret] = await made.locator('code').allTextContents()
  await page.keyboard.press('Escape')
  await made.getByRole('button', { name: 'I have it' }).click()
  await made.waitFor({ state: 'detached' })
  await rowsOf(page).filter({ hasText: 'billing' }).getByText('600 in 60 s').waitFor()

  // Somebody else, in another browser.
  const other = await tabs.open('/console/sessions', { profile: await tabs.profile() })
  await view.signIn(other, sid, secret)
  await rowsOf(other).filter({ hasText: 'billing' }).getByText('This one').waitFor()
  await other.getByRole('link', { name: 'API keys' }).click()
  await other.getByRole('button', { name: 'Create key' }).click()
  const begun = other.getByRole('dialog', { name: 'Create an API key' })
  await begun.getByLabel('Name').fill('begun')
  await page.goto(page.url().replace('/keys', '/sessions'))
  const session = rowsOf(page).filter({ hasText: 'billing' })
  await session.getByRole('button', { name: 'End session' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'End session' }).click()
  await session.waitFor({ state: 'detached' })
  // What that person was writing is there again after signing in.
  await begun.getByRole('button', { name: 'Create key' }).click()
  await other.getByText('Your session has ended.').waitFor()
  await other.keyboard.press('Escape')
  await expectAccessible(other)
  await view.signIn(other, sid, secret)
  await other.getByRole('heading', { name: 'Sign in' }).waitFor({ state: 'detached' })
  expect(await begun.getByLabel('Name').inputValue()).toBe('begun')
  await begun.getByRole('button', { name: 'Cancel' }).click()

  // Another page of that browser, with somebody else: nothing is done here in that person's name.
  const second = await other.context().newPage()
  await second.goto(other.url())
  await second.getByRole('button', { name: 'Sign out' }).click()
  await view.signIn(second)
  await second.locator('.frame').waitFor()
  await other.getByRole('link', { name: 'Services' }).click()
  await other.getByText('Your session has ended.').waitFor()
  await view.signIn(other, sid, secret)
  await other.getByRole('heading', { name: 'Sign in' }).waitFor({ state: 'detached' })
  await second.close()

  // By the keyboard: along the rows, into the key and out of it.
  await page.getByRole('link', { name: 'API keys' }).click()
  await rowsOf(page).getByRole('link', { name: 'billing' }).focus()
  await page.keyboard.press('Enter')
  const detail = page.getByRole('complementary', { name: 'billing' })
  await detail.waitFor()
  expect(new URL(page.url()).searchParams.get('open')).toBe(sid)
  await waitFor(() => detail.getByRole('heading').evaluate((heading) => heading === document.activeElement))
  await page.keyboard.press('Escape')
  await detail.waitFor({ state: 'detached' })
  await waitFor(() =>
    rowsOf(page)
      .getByRole('link', { name: 'billing' })
      .evaluate((link) => link === document.activeElement),
  )
  await page.keyboard.press('Enter')
  await detail.getByRole('button', { name: 'Edit' }).click()
  const edit = page.getByRole('dialog', { name: 'Edit the API key' })
  await edit.getByLabel('Name').fill('billing and reports')
  // What another person changes meanwhile stays.
  await fonechat.backend(
    'mutation ($id: ID!) { updateApiKey(input: { apiKeyId: $id, rate: { limit: 7, seconds: 9 } }) { __typename } }',
    { id: sid },
  )
  await edit.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('complementary', { name: 'billing and reports' }).getByText('7 in 9 s').waitFor()
  await page.getByRole('button', { name: 'Delete key' }).click()
  const ask = page.getByRole('alertdialog', { name: 'Delete “billing and reports”?' })
  await expectAccessible(page)
  await ask.getByRole('button', { name: 'Delete key' }).click()
  await page.getByText('No API key yet.').waitFor()
  await other.getByRole('link', { name: 'Sessions' }).click()
  await other.getByRole('heading', { name: 'Sign in' }).waitFor()
  await view.signIn(other, sid, secret)
  await other.getByText('The SID or the secret is wrong.').waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
})

test('a view whose code cannot be loaded says so while the server is away, and is loaded when it is back', async ({
  tabs,
  console: view,
}) => {
  const page = await view.open('/sessions')
  tabs.tolerate(/Failed to fetch dynamically imported module|Unable to preload CSS/)
  const server = /\/(assets|readyz)/
  const abort = (route: Route): Promise<void> => route.abort()
  await page.route(server, abort)
  await page.getByRole('link', { name: 'Keyword rules' }).click()
  await page.getByText('It is loaded as soon as the server answers.').waitFor()
  // It has asked while the server was away.
  await page.waitForEvent('requestfailed', (request) => request.url().endsWith('/readyz'))
  await page.unroute(server, abort)
  await page.getByRole('heading', { name: 'Keyword rules' }).waitFor()
})
