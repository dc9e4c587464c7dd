import { expect } from 'vitest'
import { test } from '../../client/test/browser/harness.ts'
import { waitFor } from '../../test/support/wait.ts'
import { act, expectAccessible, livePanes, type PaneOf } from './page.ts'

const messageOf = ({ root }: PaneOf, text: string) => root.locator('.message', { hasText: text })
const menuOf = ({ root }: PaneOf) => root.getByRole('listbox', { name: 'People to mention' })
const goTo = (pane: PaneOf, channel: string) => pane.root.locator(`.channels-one[title="${channel}"]`).click()
const badgeOf = ({ root }: PaneOf, channel: string) =>
  root.locator(`.channels-one[title="${channel}"]`).getByText(/^\d+ unread mentions?$/)

test('two people mention each other: by the keyboard, marked, counted where it is not read, listed with ways there, and taken back', async ({
  tabs,
}) => {
  const page = await tabs.open('/')
  const { alice, bob } = await livePanes(page)
  await goTo(bob, 'support')
  // The menu follows what is typed; the keyboard chooses, closes it, and goes on in the text.
  await alice.composer.click()
  await alice.composer.pressSequentially('look, @')
  await menuOf(alice).getByRole('option').nth(3).waitFor()
  await expectAccessible(page)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowUp')
  const chosen = menuOf(alice).getByRole('option', { selected: true })
  expect(await alice.composer.getAttribute('aria-activedescendant')).toBe(await chosen.getAttribute('id'))
  await page.keyboard.press('Escape')
  await menuOf(alice).waitFor({ state: 'detached' })
  await alice.composer.pressSequentially('me')
  expect(await menuOf(alice).count()).toBe(0)
  await alice.composer.pressSequentially(', @BO')
  await menuOf(alice).getByRole('option', { name: /^Bob/ }).waitFor()
  await page.keyboard.press('Tab')
  expect(await alice.composer.inputValue()).toBe('look, @me, @Bob ')
  await alice.composer.pressSequentially('and @mira: an owl')
  await page.keyboard.press('Enter')
  await messageOf(alice, 'an owl').waitFor()
  expect(await messageOf(alice, 'an owl').locator('.mention').allTextContents()).toEqual(['@Bob', '@mira'])
  // He is elsewhere: a badge, a list, and a way there.
  await badgeOf(bob, 'general').waitFor()
  const button = bob.root.getByRole('button', { name: /^Mentions/ })
  await button.getByText('1 unread mention').waitFor()
  await alice.send('nothing for anybody')
  await button.click()
  const panel = page.getByRole('dialog', { name: 'Mentions' })
  await panel.getByRole('button', { name: 'Unread' }).click()
  const link = panel.getByRole('link', { name: /an owl/ })
  await link.waitFor()
  await expectAccessible(page)
  await link.click()
  await panel.waitFor({ state: 'detached' })
  await messageOf(bob, 'an owl').locator('.mention[data-own]').waitFor()
  expect(await messageOf(bob, 'an owl').locator('.mention').allTextContents()).toEqual(['@Bob', '@mira'])
  await button.getByText('unread mention').waitFor({ state: 'detached' })
  expect(await badgeOf(bob, 'general').count()).toBe(0)
  // Read: in the list, and no longer among the unread ones.
  await button.click()
  await link.waitFor()
  await panel.getByRole('button', { name: 'Unread' }).click()
  await panel.getByText('No unread mentions.').waitFor()
  await panel.getByRole('button', { name: 'Close' }).click()
  // An edit takes it back, and another one names again, while she is away.
  await goTo(bob, 'support')
  const edit = async (text: string) => {
    await act(messageOf(alice, 'an owl'), 'Edit')
    await alice.send(text)
  }
  await edit('an owl, for nobody')
  await waitFor(async () => (await messageOf(alice, 'an owl').locator('.mention').count()) === 0)
  await alice.plug.click()
  await alice.is('offline')
  await alice.send('@bob, later')
  await messageOf(alice, '@bob, later').locator('.mention').waitFor()
  await alice.plug.click()
  await badgeOf(bob, 'general').waitFor()
  await button.click()
  expect(await panel.getByRole('link').count()).toBe(1)
  await panel.getByRole('link', { name: /@bob, later/ }).waitFor()
  await page.keyboard.press('Escape')
  // Who is not in a channel is offered, and said not to be.
  await goTo(alice, 'design')
  await alice.composer.pressSequentially('@bo')
  await menuOf(alice)
    .getByRole('option', { name: /not in this channel/ })
    .click()
  await alice.composer.pressSequentially('are you there?')
  await page.keyboard.press('Enter')
  await alice.root.getByText('Bob is not in this channel, and will not be notified.').waitFor()
})
