import { createClient } from 'graphql-ws'
import type { Locator, Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { waitFor } from '../../../test/support/wait.ts'
import { openReceiver } from '../../../test/support/webhook-receiver.ts'
import { views } from '../../src/console/shell/views.ts'
import { shellTexts } from '../../src/console/texts/en/shell.ts'
import { expectAccessible, setTextSize, sideways } from '../page.ts'
import { rowsOf, test } from './fixture.ts'
import { makeOneOfEach } from './one-of-each.ts'

/** Of views that ask for a channel or the like before they show anything. */
const parameters: Readonly<Record<string, string>> = {
  '/members': '?channel=room-0001',
  '/messages': '?channel=room-0001',
  '/go': '?name=nobody',
}

/** Follows a link as the console’s own do, and waits until nothing is still being read. */
async function go(page: Page, path: string): Promise<void> {
  await page.evaluate((href) => history.pushState(null, '', href), `/console${path}`)
  await isRead(page)
}

async function isRead(page: Page): Promise<void> {
  await page.locator('.view-page').waitFor()
  await page.waitForFunction(() => !document.querySelector('.view .waiting, .view [aria-busy="true"]'))
}

const wide = { width: 1280, height: 800 }
const phone = { width: 390, height: 780 }

test(
  'axe finds nothing in any view: with what is open, light and dark, and on a phone; large text stays within the page',
  { timeout: 120_000 },
  async ({ fonechat, console: view }) => {
    await using receiver = await openReceiver()
    receiver.answer = (_call, response) => void response.writeHead(503).end('back in a minute')
    await makeOneOfEach(fonechat, receiver.url)
    const token = await fonechat.token('person-001')
    const socket = createClient({
      url: `${fonechat.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { token, deviceId: 'phone' },
      lazy: false,
    })
    onTestFinished(() => socket.dispose() as Promise<void>)
    const page = await view.open('/keys')
    // What an operator does fills the lists of jobs and of changes.
    await page.evaluate(async (serviceId) => {
      const query = 'mutation ($input: StartJobInput!) { startJob(input: $input) { __typename } }'
      const input = { serviceId, task: { deleteUsers: { filter: { identityPrefix: 'nobody' } } } }
      const headers = { 'content-type': 'application/json' }
      await fetch('/console/graphql', {
        method: 'POST',
        headers,
        body: JSON.stringify({ query, variables: { input } }),
      })
    }, fonechat.serviceId)
    const empty: string[] = []
    const paths = views.map(({ path }) => path + (parameters[path] ?? ''))
    for (const path of [...paths, `/services/${fonechat.serviceId}`, '/messages?q=rotterdam']) {
      await page.setViewportSize(wide)
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
      await go(page, path)
      if ((await page.locator('table.list').count()) > 0 && (await rowsOf(page).count()) === 0) empty.push(path)
      const link = page.locator('.row-link[href*="open="]').first()
      const isOpened = (await link.count()) > 0
      if (isOpened) {
        await link.click()
        await page.locator('.detail').waitFor()
        await isRead(page)
      }
      await expectAccessible(page)
      await page.emulateMedia({ colorScheme: 'dark' })
      await expectAccessible(page)
      // Text of 200 %, on a desk and on a phone.
      await setTextSize(page, 32)
      expect(await sideways(page)).toEqual([])
      await page.setViewportSize(phone)
      expect(await sideways(page)).toEqual([])
      if (isOpened) await page.keyboard.press('Escape')
      expect(await sideways(page)).toEqual([])
      await setTextSize(page, 16)
      await expectAccessible(page)
      // A desk at 400 %.
      await page.setViewportSize({ width: 320, height: 256 })
      expect(await sideways(page)).toEqual([])
    }
    expect(empty).toEqual([])
  },
)

test('by the keyboard alone: signing in, a filter, rows, what is open, a change, and back to the row', async ({
  fonechat,
  tabs,
}) => {
  // Chromium writes down that somebody who asks who is signed in is told “nobody”.
  tabs.tolerate(/the server responded with a status of 401/)
  const page = await tabs.open('/console/keys')
  const { keyboard } = page
  /** Tab until what has the focus is named so, once that is there. */
  const tabTo = async (name: string): Promise<void> => {
    await named(page, name).first().waitFor()
    for (let step = 0; step < 60; step++) {
      if (await hasFocus(page, name)) return
      await keyboard.press('Tab')
    }
    throw new Error(`Tab does not come to “${name}”`)
  }
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await tabTo('SID')
  await keyboard.type(fonechat.accountId)
  await keyboard.press('Tab')
  await keyboard.type(fonechat.authToken)
  await keyboard.press('Enter')
  await page.locator('.frame').waitFor()
  // Past the navigation, into the view.
  await tabTo(shellTexts.skip)
  await keyboard.press('Enter')
  await tabTo('Create key')
  // To a thing by its name, and to another view by its link.
  await keyboard.press('g')
  await keyboard.type('room-0009')
  await keyboard.press('Enter')
  await waitFor(() => hasFocus(page, 'Room 9'))
  await keyboard.press('Escape')
  await page.locator('.detail').waitFor({ state: 'detached' })
  // The first filter, and from it to the rows.
  await keyboard.press('/')
  await keyboard.type('Room 77')
  await page.getByText('11 in all').waitFor()
  await tabTo('Room 77')
  await keyboard.press('ArrowDown')
  await keyboard.press('ArrowDown')
  await waitFor(() => hasFocus(page, 'Room 771'))
  await keyboard.press('Enter')
  const detail = page.getByRole('complementary', { name: 'Room 771' })
  await detail.waitFor()
  await tabTo('Edit')
  await keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Edit the channel' })
  await dialog.waitFor()
  await tabTo('Name')
  await keyboard.press('ControlOrMeta+A')
  await keyboard.type('Parlour')
  await keyboard.press('Enter')
  await page.getByRole('complementary', { name: 'Parlour' }).waitFor()
  await waitFor(() => hasFocus(page, 'Edit'))
  // What is asked first is refused, and its button has the focus again.
  await tabTo('Freeze')
  await keyboard.press('Enter')
  await page.getByRole('alertdialog').waitFor()
  await keyboard.press('Escape')
  await page.getByRole('alertdialog').waitFor({ state: 'detached' })
  await waitFor(() => hasFocus(page, 'Freeze'))
  await keyboard.press('Enter')
  await page.getByRole('alertdialog').waitFor()
  await tabTo('Freeze')
  await keyboard.press('Enter')
  await detail
    .or(page.getByRole('complementary', { name: 'Parlour' }))
    .getByText('frozen')
    .waitFor()
  await waitFor(() => hasFocus(page, 'Unfreeze'))
  await keyboard.press('Escape')
  // The row has gone: the filter does not match the new name.
  await waitFor(() => hasFocus(page, 'Room 77'))
})

const named = (page: Page, name: string): Locator =>
  page
    .getByRole('button', { name, exact: true })
    .or(page.getByRole('link', { name, exact: true }))
    .or(page.getByLabel(name, { exact: true }))

/** Whether what has the focus has this name. */
const hasFocus = (page: Page, name: string): Promise<boolean> =>
  page.evaluate((wanted) => {
    const { activeElement: element } = document
    const labels = element instanceof HTMLInputElement ? [...(element.labels ?? [])] : []
    return [
      element?.getAttribute('aria-label'),
      ...labels.map((label) => label.textContent),
      element?.textContent,
    ].includes(wanted)
  }, name)
