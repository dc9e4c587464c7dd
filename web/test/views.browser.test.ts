import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { networkErrors, test } from '../../client/test/browser/harness.ts'
import { expectAccessible, livePanes } from './page.ts'

for (const colorScheme of ['light', 'dark'] as const) {
  test(`search, people, emoji and code: they work, and axe finds nothing, ${colorScheme}`, async ({ tabs }) => {
    const profile = await tabs.profile({ colorScheme, viewport: { width: 1440, height: 860 } })
    const page = await tabs.open('/', { profile })
    const { alice, bob } = await livePanes(page)
    await page.getByRole('button', { name: 'code' }).click()
    const code = page.getByRole('region', { name: 'Code' })
    // Frames are shown, and the tokens in them are not.
    await code.getByText('connection_init').first().click()
    await code.locator('details[open] pre', { hasText: '"token": "…"' }).waitFor()
    expect(await code.innerText()).not.toMatch(/eyJ/)
    await page.getByRole('button', { name: 'Close the code' }).click()
    const word = `strix${colorScheme}`
    await bob.send(`The name is ${word}, says Mira`)
    await alice.sees(word)
    await alice.composer.focus()

    await page.keyboard.press('ControlOrMeta+k')
    const query = page.getByRole('combobox', { name: 'Channels, people and messages' })
    await query.waitFor()
    await page.getByRole('option', { name: 'general' }).waitFor()
    await expectAccessible(page)
    await query.fill(word)
    await page.getByRole('option', { name: /^Bob in general/ }).waitFor()
    expect(await page.locator('mark').allInnerTexts()).toEqual([word])
    await expectAccessible(page)
    await query.press('Enter')
    await page.waitForURL(/\/chat\/general\/\d+/)
    await alice.root.locator('.message[data-lit]', { hasText: word }).waitFor()
    await page.keyboard.press('ControlOrMeta+k')
    await query.fill('nothing is called so')
    await page.getByText('Nothing is called or says').waitFor()
    await page.keyboard.press('Escape')
    await query.waitFor({ state: 'detached' })

    await alice.root.getByRole('button', { name: /members/ }).click()
    await page.getByRole('dialog').getByText('Mira').waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Write to Mira' }).click()
    await alice.root.getByRole('heading', { name: 'Mira', exact: true }).waitFor()
    await alice.send(`for you alone, ${colorScheme}`)
    await alice.root.getByRole('link', { name: /^Mira/ }).waitFor()

    await alice.root.getByRole('button', { name: 'Emoji' }).click()
    await page.getByRole('dialog', { name: 'Emoji' }).getByRole('searchbox').fill('owl')
    await page.getByRole('gridcell', { name: 'owl', exact: true }).waitFor()
    await expectAccessible(page)
    await page.getByRole('gridcell', { name: 'owl', exact: true }).click()
    expect(await alice.composer.inputValue()).toBe('🦉')

    await page.getByRole('button', { name: 'code' }).click()
    await code.getByText('createClient').first().waitFor()
    await code.getByText('subscribe SendMessage').last().click()
    await code.locator('details[open] pre', { hasText: `"body": "for you alone, ${colorScheme}"` }).waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Close the code' }).click()
    await code.waitFor({ state: 'detached' })
  })

  test(`elsewhere than on this machine one signs in with a token, ${colorScheme}`, async ({ tabs }) => {
    // Another name for this machine: the server gives no tokens to it.
    tabs.tolerate(/status of 403/)
    const profile = await tabs.profile({ colorScheme })
    const page = await profile.newPage()
    const url = new URL(tabs.proxy.url)
    url.hostname = 'chat.localhost'
    await page.goto(url.href)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await expectAccessible(page)
    const token = page.getByLabel('Access token')
    await token.fill('no token')
    await token.press('Enter')
    await page.getByText('This is no access token.').waitFor()
    await expectAccessible(page)
    await token.fill(await tabs.fonechat.expiredToken('alice'))
    await token.press('Enter')
    await page.getByText('The token has ended, or is none.').waitFor()
    await token.fill(await tabs.fonechat.token('alice'))
    await token.press('Enter')
    const alice = page.getByRole('region', { name: 'Alice' })
    await alice.getByRole('textbox', { name: 'Message # general' }).waitFor()
    await alice.locator('.state[data-kind="live"]').waitFor()
    await expectAccessible(page)
    await alice.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })
}

test('who signs out is signed out in the other tabs too, and where one stays nothing more is taken', async ({
  tabs,
}) => {
  tabs.tolerate(/status of 403/)
  const profile = await tabs.profile()
  const open = async (): Promise<Page> => {
    const page = await tabs.open('/', { profile })
    await page.getByLabel('Access token').fill(await tabs.fonechat.token('alice'))
    await page.getByLabel('Access token').press('Enter')
    await page.locator('.state[data-kind="live"]').waitFor()
    return page
  }
  const demo = await tabs.open('/', { profile })
  const { alice, bob } = await livePanes(demo)
  await profile.route('**/demo/tokens', (route) => route.fulfill({ status: 403, body: '{}' }))
  const [first, second] = [await open(), await open()]
  await first.getByRole('button', { name: 'Sign out' }).click()
  await second.getByText('You signed out in another tab.').waitFor()
  await alice.is('closed')
  expect(await alice.composer.isDisabled()).toBe(true)
  expect(await bob.composer.isDisabled()).toBe(false)
})

test('a server that is away is said to be so, and found again', async ({ tabs }) => {
  tabs.tolerate(networkErrors)
  tabs.tolerate(/status of 50\d/)
  const proxy = await tabs.newProxy()
  const page = await tabs.open('/', { proxy })
  await livePanes(page)
  await page.route('**/demo/tokens', (route) => route.abort())
  await page.reload()
  await page.getByRole('heading', { name: 'The server is away' }).waitFor()
  await expectAccessible(page)
  await page.unroute('**/demo/tokens')
  await page.getByRole('button', { name: 'Try now' }).click()
  await livePanes(page)
})

test('a theme is chosen, and is there before the first paint of the next visit', async ({ tabs }) => {
  const profile = await tabs.profile({ colorScheme: 'light' })
  const page = await tabs.open('/', { profile })
  const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const light = await ground()
  await page.getByRole('button', { name: 'Theme: as the system' }).click()
  expect(await ground()).toBe(light)
  await page.getByRole('button', { name: 'Theme: light' }).click()
  const dark = await ground()
  expect(dark).not.toBe(light)
  // Without the page's own script nothing but the file in the head can have set it.
  await page.route(/\/assets\/.*\.js$/, (route) => route.abort())
  tabs.tolerate(networkErrors)
  await page.reload()
  expect(await ground()).toBe(dark)
})
