import type { Page } from 'playwright-core'
import type { Client } from '../../src/index.ts'
import type { Tabs } from '../browser/harness.ts'
import type { PartsPage } from './parts.page.tsx'

const entry = new URL('./parts.page.tsx', import.meta.url)

declare const page: PartsPage
declare const alice: Client
declare const bob: Client

export interface Chat {
  readonly tab: Page
  readonly id: string
  readonly hers: string
}

let lastChat = 0

/**
 * A tab with two clients, `alice` and `bob`, and what alice sees of a channel with 120 messages of bob, which she has
 * read up to `read`. Unless she was there from the start, nothing before her joining is unread, and she has to read it as pages.
 */
export async function openChat(tabs: Tabs, read: number, isThere: boolean): Promise<Chat> {
  lastChat += 1
  const [hers, his] = [`alice-${lastChat}`, `bob-${lastChat}`]
  const tokens = [await tabs.fonechat.token(hers), await tabs.fonechat.token(his)] as const
  const tab = await tabs.openEntry(entry)
  const id = await tab.evaluate(
    async ([a, b, tokenA, tokenB, upTo, isThere]) => {
      const [one, two] = [page.open(a, tokenA), page.open(b, tokenB)]
      Object.assign(globalThis, { alice: one, bob: two })
      const channel = await two.createChannel({ uniqueName: `general-${a}`, type: 'PUBLIC' })
      const send = () => Promise.all(Array.from({ length: 120 }, (_, at) => channel.sendMessage(`message ${at}`)))
      if (isThere) await one.joinChannel(channel.id)
      await send()
      const joined = isThere ? one.channel(channel.id) : await one.joinChannel(channel.id)
      await joined.advanceLastReadIndex(upTo)
      return channel.id
    },
    [hers, his, ...tokens, read, isThere] as const,
  )
  return { tab, id, hers }
}

export const row = (tab: Page, text: string) => tab.locator('[role=article]', { hasText: new RegExp(`${text}$`) })

/** Where a row stands in the list, in pixels from its upper edge; null when there is none. */
export const placeOf = (tab: Page, index: number): Promise<number | null> =>
  tab.evaluate((of) => {
    const element = document.querySelector(`[data-index="${of}"]`)
    return element && element.getBoundingClientRect().top - document.querySelector('#list')!.getBoundingClientRect().top
  }, index)

export const send = (tab: Page, id: string, text: string): Promise<void> =>
  tab.evaluate(
    ([channel, body]) =>
      bob
        .channel(channel!)
        .sendMessage(body!)
        .then(() => {}),
    [id, text],
  )

export const show = (tab: Page, id: string, at?: number, isVirtual = false): Promise<void> =>
  tab.evaluate(([channel, index, virtual]) => page.show(alice, channel, index, virtual), [id, at, isVirtual] as const)

export const isAtEnd = (tab: Page): Promise<unknown> =>
  tab.waitForFunction(() => {
    const list = document.querySelector('#list')!
    return list.scrollHeight > 400 && list.scrollHeight - list.scrollTop - list.clientHeight < 2
  })
