import { createRequire } from 'node:module'
import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
// What the harness gets from the run.
import type {} from '../../client/test/browser/setup.ts'

/** Milliseconds in which the page shows what it is told. */
const shownMs = 15_000
/** Two people with hundreds of channels each, on a busy machine. */
const liveMs = 40_000

/** Waits until an element can be seen: it lies within the window, and nothing covers its middle. */
export async function expectInView(part: Locator): Promise<void> {
  const isInView = () =>
    part.evaluate((element) => {
      const { left, top, width, height } = element.getBoundingClientRect()
      return element.contains(document.elementFromPoint(left + width / 2, top + height / 2))
    })
  await expect.poll(isInView, { timeout: shownMs }).toBe(true)
}

/** One person's half of the page, as a user finds its parts. */
export interface PaneOf {
  readonly root: Locator
  readonly composer: Locator
  readonly plug: Locator
  readonly list: Locator
  /** Writes a message and sends it by Enter. */
  send(text: string): Promise<void>
  /** Waits until a message with this text is in the document. */
  sees(text: string | RegExp): Promise<void>
  /** Waits until the state of the connection begins so. */
  is(state: string): Promise<void>
}

/** The pane of a person of the demo, which may not be connected yet. */
export function paneOf(page: Page, name: 'Alice' | 'Bob'): PaneOf {
  const root = page.getByRole('region', { name, exact: true })
  const composer = root.getByRole('textbox', { name: /^(Message|Edit)/ })
  return {
    root,
    composer,
    plug: root.getByRole('switch', { name: `${name}’s connection` }),
    list: root.getByRole('feed', { name: /^Messages in/ }),
    async send(text) {
      await composer.fill(text)
      await composer.press('Enter')
    },
    sees: (text) => root.locator('.message-text', { hasText: text }).first().waitFor({ timeout: shownMs }),
    is: (state) => root.locator('.state-text', { hasText: state }).waitFor({ timeout: shownMs }),
  }
}

/** Both panes, once they are live. */
export async function livePanes(page: Page): Promise<{ alice: PaneOf; bob: PaneOf }> {
  const [alice, bob] = [paneOf(page, 'Alice'), paneOf(page, 'Bob')]
  await page.waitForFunction(() => document.querySelectorAll('.state[data-kind="live"]').length === 2, undefined, {
    timeout: liveMs,
  })
  return { alice, bob }
}

/** Chooses what can be done with a message, as the mouse does: beside it or in its menu. */
export async function act(message: Locator, label: string): Promise<void> {
  await message.hover()
  const toolbar = message.getByRole('toolbar')
  await toolbar.waitFor()
  const own = toolbar.getByRole('button', { name: label, exact: true })
  if ((await own.count()) > 0) return own.click()
  await toolbar.getByRole('button', { name: 'More' }).click()
  const page = message.page()
  await page.getByRole('menuitem', { name: label, exact: true }).click()
  // It happens once the menu has closed: what is typed before is no edit.
  if (label === 'Edit') await page.getByRole('textbox', { name: /^Edit/ }).waitFor()
}

/** How many pixels of a list are below what is in view. */
export const belowView = (list: Locator): Promise<number> =>
  list.evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)

/** Makes the text of a page larger as a person does, by the size that the browser begins from; 16 by default. */
export async function setTextSize(page: Page, size: number): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('Page.setFontSizes', { fontSizes: { standard: size, fixed: Math.round((size * 13) / 16) } })
  await session.detach()
}

/** Waits until nothing is half way from one colour, or one place, to another. */
const isStill = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => !document.getAnimations().some((motion) => motion instanceof CSSTransition))

/** What scrolls sideways, or is cut off at a side, though it is no table in a scroller of its own. */
export async function sideways(page: Page): Promise<string[]> {
  await isStill(page)
  return page.evaluate(() =>
    [document.documentElement, ...document.body.querySelectorAll('*')]
      .filter((element) => {
        if (element.scrollWidth <= element.clientWidth + 1 || element.clientWidth < 2) return false
        const { overflowX, textOverflow } = getComputedStyle(element)
        const isOwn = element.matches('input, [role="region"][tabindex="0"]')
        return (
          element === document.documentElement || (overflowX !== 'visible' && textOverflow !== 'ellipsis' && !isOwn)
        )
      })
      .map((element) => `${element.outerHTML.slice(0, 80)} (${element.scrollWidth} of ${element.clientWidth})`),
  )
}

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

/** Expects that axe finds nothing in what is shown now: WCAG 2.2 A and AA, and its best practices. */
export async function expectAccessible(page: Page): Promise<void> {
  // Into the page's own world, past its policy, as a tool of the tester and not of the page.
  if (!(await page.evaluate(() => 'axe' in globalThis))) {
    const { readFile } = await import('node:fs/promises')
    await page.evaluate(await readFile(axePath, 'utf8'))
  }
  await isStill(page)
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } }
    const { violations: found } = await axe.run({ resultTypes: ['violations'] })
    return found.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`).join('\n')}`,
    )
  })
  expect(violations).toEqual([])
}
