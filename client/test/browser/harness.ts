import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core'
import { inject, test as base } from 'vitest'
import { FaultProxy } from '../../src/testing/fault-proxy.ts'
import { startFonechat, type Fonechat } from '../../src/testing/index.ts'
import { openWindow } from './chromium.ts'
import { entryPath, openFront } from './entry.ts'

/** Milliseconds that an action on a page, or opening one, may take. */
const actionTimeout = 15_000

export interface OpenOptions {
  /** Whose storage, locks and channels the tab shares; the spec's first profile by default. */
  readonly profile?: BrowserContext
  /** Through which the tab reaches the server; `tabs.proxy` by default. */
  readonly proxy?: FaultProxy
}

/** Tabs of one spec. What a page throws or writes to the console as an error fails the spec at its end. */
export interface Tabs {
  readonly fonechat: Fonechat
  /** Of tabs that name none. */
  readonly proxy: FaultProxy
  /** Opens a page of the server, such as `/`. */
  open(path: string, options?: OpenOptions): Promise<Page>
  /**
   * Opens an empty page (`<div id="root">`) with one script: the bundle of a TypeScript file, from the client's source. It is on the
   * origin of a server, whose `/graphql` it reaches. The same entry opened again is of the same origin, unless `proxy` says otherwise.
   */
  openEntry(entry: URL, options?: OpenOptions): Promise<Page>
  /** Another address, with faults of its own; with an entry, one for `openEntry`. Tabs that are to share storage share it. */
  newProxy(entry?: URL): Promise<FaultProxy>
  /** Storage, locks and channels of their own: another browser, or another person's. */
  profile(options?: BrowserContextOptions): Promise<BrowserContext>
  /**
   * A profile in a Chromium of its own, whose tabs hide each other as a user's do: the one opened last, or brought to the front, is
   * visible. Takes a second.
   */
  window(): Promise<BrowserContext>
  /** Errors of pages whose text matches are expected in this spec. */
  tolerate(pattern: RegExp): void
  /** Stops the script of a hidden tab of a `window`, as browsers do after a while. */
  freeze(page: Page): Promise<void>
  /** Lets a frozen tab go on. */
  resume(page: Page): Promise<void>
  /** Goes back in the tab's history. The driver's own way waits for a load that a page from the back-forward cache never has. */
  goBack(page: Page): Promise<void>
}

/** What Chromium says when a connection fails, whoever handles that. */
export const networkErrors = /net::ERR_|WebSocket connection to .* failed/

// The library reads from the pattern which fixtures one needs.
/* oxlint-disable no-empty-pattern */
/** Specs with a server per file, and tabs of their own. */
export const test = base
  .extend('fonechat', { scope: 'file' }, async ({}, { onCleanup }) => {
    const { server, data } = inject('browser')
    const fonechat = await startFonechat({ server, data })
    onCleanup(() => fonechat.stop())
    return fonechat
  })
  .extend('chromium', { scope: 'worker' }, async ({}, { onCleanup }) => {
    const browser = await chromium.connect(inject('browser').endpoint, { timeout: 30_000 })
    onCleanup(() => browser.close())
    return browser
  })
  .extend('tabs', async ({ fonechat, chromium: browser, task }, { onCleanup }) => {
    const tabs = await SpecTabs.open(fonechat, browser)
    onCleanup(async () => {
      if (task.result?.state === 'fail') await tabs.takePictures(task.name)
      await tabs.close()
    })
    return tabs as Tabs
  })
/* oxlint-enable no-empty-pattern */

class SpecTabs implements Tabs {
  readonly fonechat: Fonechat
  readonly proxy: FaultProxy
  readonly #browser: Browser
  readonly #stack: AsyncDisposableStack
  readonly #complaints: string[] = []
  readonly #tolerated: RegExp[] = []
  readonly #profiles: BrowserContext[] = []
  readonly #entryProxies = new Map<string, Promise<FaultProxy>>()

  private constructor(fonechat: Fonechat, browser: Browser, proxy: FaultProxy, stack: AsyncDisposableStack) {
    this.fonechat = fonechat
    this.proxy = proxy
    this.#browser = browser
    this.#stack = stack
  }

  static async open(fonechat: Fonechat, browser: Browser): Promise<SpecTabs> {
    const stack = new AsyncDisposableStack()
    const proxy = stack.use(await fonechat.openProxy())
    return new SpecTabs(fonechat, browser, proxy, stack)
  }

  async open(path: string, { profile, proxy = this.proxy }: OpenOptions = {}): Promise<Page> {
    const page = await (profile ?? (await this.#firstProfile())).newPage()
    await page.goto(proxy.url + path)
    return page
  }

  async openEntry(entry: URL, options: OpenOptions = {}): Promise<Page> {
    let proxy = this.#entryProxies.get(entry.href)
    if (!options.proxy) this.#entryProxies.set(entry.href, (proxy ??= this.newProxy(entry)))
    return this.open(entryPath, { ...options, proxy: options.proxy ?? (await proxy!) })
  }

  async newProxy(entry?: URL): Promise<FaultProxy> {
    if (!entry) return this.#stack.use(await this.fonechat.openProxy())
    const front = this.#stack.use(await openFront(entry, this.fonechat.url))
    return this.#stack.use(await FaultProxy.open(() => front.port))
  }

  async profile(options?: BrowserContextOptions): Promise<BrowserContext> {
    const context = await this.#browser.newContext(options)
    this.#stack.defer(() => context.close())
    return this.#watch(context)
  }

  async window(): Promise<BrowserContext> {
    const { profile } = this.#stack.use(await openWindow())
    return this.#watch(profile)
  }

  #watch(context: BrowserContext): BrowserContext {
    context.setDefaultTimeout(actionTimeout)
    context.on('weberror', (error) => this.#complaints.push(String(error.error().stack ?? error.error())))
    context.on('console', (message) => {
      if (message.type() === 'error') this.#complaints.push(`${message.text()} (${message.location().url})`)
    })
    this.#profiles.push(context)
    return context
  }

  tolerate(pattern: RegExp): void {
    this.#tolerated.push(pattern)
  }

  async freeze(page: Page): Promise<void> {
    await page.waitForFunction(() => document.visibilityState === 'hidden')
    await setLifecycle(page, 'frozen')
  }

  resume(page: Page): Promise<void> {
    return setLifecycle(page, 'active')
  }

  async goBack(page: Page): Promise<void> {
    await page.goBack({ waitUntil: 'commit' })
  }

  async takePictures(name: string): Promise<void> {
    const folder = join(tmpdir(), 'fonechat-pictures')
    await mkdir(folder, { recursive: true })
    const pages = this.#profiles.flatMap((profile) => profile.pages())
    for (const [at, page] of pages.entries()) {
      const path = join(folder, `${name.replaceAll(/\W+/g, '-')}-${at}.png`)
      // A frozen tab has none.
      await page.screenshot({ path, timeout: 5000 }).then(
        () => process.stdout.write(`picture: ${path}\n`),
        () => {},
      )
    }
  }

  async close(): Promise<void> {
    await this.#stack.disposeAsync()
    const complaints = this.#complaints.filter((text) => !this.#tolerated.some((pattern) => pattern.test(text)))
    if (complaints.length > 0) throw new Error(`the pages had errors:\n${complaints.join('\n')}`)
  }

  async #firstProfile(): Promise<BrowserContext> {
    return this.#profiles[0] ?? this.profile()
  }
}

async function setLifecycle(page: Page, state: 'frozen' | 'active'): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('Page.setWebLifecycleState', { state })
  await session.detach()
}
