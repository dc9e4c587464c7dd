import { chromium, type Browser, type BrowserContext } from 'playwright-core'
import { chromiumArguments, chromiumCommand } from '../client/test/browser/chromium.ts'
import { createLogger } from '../src/config/logger.ts'
import { readConfig } from '../src/config/read-config.ts'
import { startServer, type Server } from '../src/server.ts'
import { maintenanceTimeouts, openDb } from '../src/store/engine/db.ts'
import { inspectionOf } from '../src/store/open-store.ts'
import { currentRequest } from '../src/tracing/request.ts'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import { createTemplateDatabase, templateUrl } from '../test/support/template-database.ts'
import { buildWeb } from '../web/build.ts'
import { fillService } from '../web/test/console/filling.ts'
import { median, table } from './report.ts'

/**
 * The console in Chromium on Postgres, with 1,000 channels and 100,000 messages: for each view the milliseconds from following its link to its
 * first data, with its code in the cache, and the statements that this took. The server runs in this process, so that they can be counted.
 */
const isQuick = process.argv.includes('--quick')
const rounds = isQuick ? 1 : 5
const limit = 30_000
/** What a view may take, in milliseconds. */
const goal = 300

const say = (text: string): void => void process.stderr.write(`${text}\n`)

/** Statements of requests; what runs in the background is none. */
let statements = 0

async function start(url: string): Promise<Server> {
  const onStatement = (): void => {
    if (currentRequest()) statements++
  }
  const config = readConfig({ PORT: '0', LOG_LEVEL: 'warn', SECRET_KEY: 'ef'.repeat(32), PAGE: 'true' })
  const db = openDb(url, { poolSize: 10, onStatement })
  const heartbeat = openDb(url, { poolSize: 1 })
  const maintenance = openDb(url, { poolSize: 1, timeouts: maintenanceTimeouts })
  return startServer(config, createLogger('warn'), {
    db,
    heartbeat,
    maintenance,
    withInspection: inspectionOf(url, true),
    isEmbedded: false,
    finishFirstStart: async () => {},
    close: async () => {
      await Promise.all([db.close(), heartbeat.close(), maintenance.close()])
    },
  })
}

async function signIn(browser: Browser, { url, account }: Server): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  await page.goto(`${url}/console`)
  await page.getByLabel('SID', { exact: true }).fill(account.accountId)
  await page.getByLabel('Auth token or secret').fill(account.authToken)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('.frame').waitFor()
  return context
}

interface Result {
  readonly milliseconds: number
  readonly statements: number
}

/** Views of one channel get one. */
const parameters: Readonly<Record<string, string>> = { Members: '?channel=room-0001', Messages: '?channel=room-0001' }

/** From following a view's link to the first frame with nothing that is still being read. */
async function measure(context: BrowserContext, url: string, title: string): Promise<Result> {
  const page = await context.newPage()
  try {
    // A page that shows nothing that a view reads.
    await page.goto(`${url}/console/nothing`)
    const link = page.getByRole('navigation', { name: 'Console' }).getByRole('link', { name: title, exact: true })
    await link.hover()
    await page.waitForLoadState('networkidle')
    statements = 0
    const follow = (element: Element, { search, within }: { search: string; within: number }): Promise<number> => {
      const { promise, resolve, reject } = Promise.withResolvers<number>()
      const began = performance.now()
      const before = document.querySelector('.view-page h1')
      const look = (now: number): void => {
        const heading = document.querySelector('.view-page h1')
        const isRead =
          heading && heading !== before && !document.querySelector('.view .waiting, .view [aria-busy="true"]')
        if (isRead) return resolve(now - began)
        if (now - began > within) return reject(new Error('the view shows no data'))
        requestAnimationFrame(look)
      }
      if (search === '') (element as HTMLElement).click()
      else history.pushState(null, '', (element as HTMLAnchorElement).href + search)
      requestAnimationFrame(look)
      return promise
    }
    const milliseconds = await link.evaluate(follow, { search: parameters[title] ?? '', within: limit })
    await page.waitForLoadState('networkidle')
    if (statements === 0) throw new Error(`${title} has read nothing`)
    return { milliseconds, statements }
  } finally {
    await page.close()
  }
}

await using stack = new AsyncDisposableStack()
say('building the page')
await buildWeb()
say('filling the database')
const postgres = stack.use(await startPostgresServer({}))
await createTemplateDatabase(postgres.url())
const url = templateUrl(postgres.url())
const server = stack.use(await start(url))
const filling = openDb(url, { poolSize: 1, timeouts: maintenanceTimeouts })
await fillService(filling, server.account.serviceId)
await filling.close()
const browser = await chromium.launch({ executablePath: chromiumCommand(), args: chromiumArguments, timeout: limit })
stack.defer(() => browser.close())
const context = await signIn(browser, server)
const [first] = context.pages()
const titles = await first!.getByRole('navigation', { name: 'Console' }).getByRole('link').allTextContents()
await first!.close()
const rows: string[][] = []
let isLate = false
for (const title of titles) {
  say(title)
  const results: Result[] = []
  for (let round = 0; round < rounds; round++) results.push(await measure(context, server.url, title))
  const time = median(results.map(({ milliseconds }) => milliseconds))
  isLate ||= time > goal
  rows.push([title, time.toFixed(0), median(results.map((result) => result.statements)).toFixed(0)])
}
process.stdout.write(`\n${table([['view', 'first data, ms', 'statements'], ...rows])}\n`)
if (isLate) {
  process.stdout.write(`a view took more than ${goal} ms\n`)
  process.exitCode = 1
}
