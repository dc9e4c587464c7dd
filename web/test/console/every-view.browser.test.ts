import { createClient } from 'graphql-ws'
import type { Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { openReceiver } from '../../../test/support/webhook-receiver.ts'
import { views } from '../../src/console/shell/views.ts'
import { expectAccessible } from '../page.ts'
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

test(
  'axe finds nothing in any view: with what is open, light and dark, and on a phone',
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
      if (isOpened) await page.keyboard.press('Escape')
      await page.setViewportSize({ width: 390, height: 780 })
      await expectAccessible(page)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    }
    expect(empty).toEqual([])
  },
)
