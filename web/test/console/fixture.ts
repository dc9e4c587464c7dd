import type { Locator, Page } from 'playwright-core'
import { inject } from 'vitest'
import { startFonechat } from '../../../client/src/testing/index.ts'
import { networkErrors, test as base, type OpenOptions } from '../../../client/test/browser/harness.ts'
// What the harness gets from the run.
import type {} from '../../../client/test/browser/setup.ts'
import { openTcpProxy, type TcpProxy } from '../../../test/support/tcp-proxy.ts'
import { createTestDatabase, dropTestDatabase } from '../../../test/support/template-database.ts'
import type {} from './setup.ts'

/** The console of a server on Postgres whose default service has what `filling.ts` says. */
export interface ConsoleOf {
  /** Opens a view, such as `/keys`, signed in with the auth token. */
  open(path: string, options?: OpenOptions): Promise<Page>
  /** Signs a page in that shows the form. */
  signIn(page: Page, sid?: string, secret?: string): Promise<void>
}

/** The database of a file, and what stands between it and the server. */
export interface ConsoleDatabase {
  /** Past the proxy. */
  readonly url: string
  readonly proxy: TcpProxy
}

// The library reads from the pattern which fixtures one needs.
/* oxlint-disable no-empty-pattern */
/** Specs of the console: a server per file on a copy of the filled database, and tabs that are signed in. */
export const test = base
  .extend('database', { scope: 'file' }, async ({}, { onCleanup }) => {
    const { postgresUrl } = inject('console')
    const url = await createTestDatabase(postgresUrl)
    const { hostname, port } = new URL(url)
    const proxy = await openTcpProxy({ host: hostname, port: Number(port) })
    onCleanup(async () => {
      await proxy[Symbol.asyncDispose]()
      await dropTestDatabase(postgresUrl, url)
    })
    return { url, proxy } as ConsoleDatabase
  })
  .extend('fonechat', { scope: 'file' }, async ({ database: { url, proxy } }, { onCleanup }) => {
    const { secretKey } = inject('console')
    const { server } = inject('browser')
    const behindProxy = Object.assign(new URL(url), { host: `127.0.0.1:${proxy.port}` }).href
    // The receivers of specs are on this machine.
    const settings = {
      DATABASE_URL: behindProxy,
      SECRET_KEY: secretKey,
      PAGE: 'true',
      WEBHOOK_NETWORKS: '127.0.0.0/8',
      // A text that a spec begins is still being written when it comes to the view of it.
      STREAM_SILENCE_SECONDS: '600',
    }
    const fonechat = await startFonechat({ server, settings })
    onCleanup(() => fonechat.stop())
    return fonechat
  })
  .extend('console', async ({ tabs, fonechat }) => {
    // Chromium writes down that somebody who asks who is signed in is told “nobody”.
    tabs.tolerate(/the server responded with a status of 401/)
    tabs.tolerate(networkErrors)
    const signIn: ConsoleOf['signIn'] = async (page, sid = fonechat.accountId, secret = fonechat.authToken) => {
      await page.getByLabel('SID', { exact: true }).fill(sid)
      await page.getByLabel('Auth token or secret').fill(secret)
      await page.getByRole('button', { name: 'Sign in' }).click()
    }
    const open: ConsoleOf['open'] = async (path, options) => {
      const page = await tabs.open(`/console${path}`, options)
      const frame = page.locator('.frame')
      await frame
        .or(page.getByRole('heading', { name: 'Sign in' }))
        .first()
        .waitFor()
      if (!(await frame.isVisible())) await signIn(page)
      await frame.waitFor()
      return page
    }
    return { open, signIn } as ConsoleOf
  })
/* oxlint-enable no-empty-pattern */

/** The rows of the list that is shown, without its head. */
export const rowsOf = (page: Page): Locator => page.locator('table.list tbody tr')
