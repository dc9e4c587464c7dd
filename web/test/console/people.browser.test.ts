import type { Page, Route } from 'playwright-core'
import { expect } from 'vitest'
import { expectAccessible, expectInView } from '../page.ts'
import { rowsOf, test } from './fixture.ts'

const detailOf = (page: Page, name: string) => page.getByRole('complementary', { name, exact: true })

test('a user is found by a part of its name, made, changed and deleted', async ({ console: view }) => {
  const page = await view.open('/users')
  await rowsOf(page).first().waitFor()
  await page.getByLabel('Find').fill('Person 19')
  // 19, and 190 to 199.
  await page.getByText('11 in all').waitFor()
  expect(new URL(page.url()).searchParams.get('q')).toBe('Person 19')
  await page.getByLabel('Find').press('Tab')
  await rowsOf(page).getByRole('link', { name: 'Person 19', exact: true }).click()
  const detail = detailOf(page, 'Person 19')
  await detail
    .getByRole('link', { name: /^Room / })
    .first()
    .waitFor()
  await detail
    .getByText(/^\d+ unread$/)
    .first()
    .waitFor()
  // What its phone has not received.
  await detail.getByRole('region', { name: 'Not received' }).getByText('phone').first().waitFor()
  // Its channels by pages, of which the address has the place.
  const first = await detail
    .getByRole('link', { name: /^Room / })
    .first()
    .textContent()
  const channels = detail.getByRole('region', { name: 'Channels' })
  await channels.getByRole('button', { name: 'Next' }).click()
  await channels.getByRole('link', { name: first!, exact: true }).waitFor({ state: 'detached' })
  await page.reload()
  await channels.getByRole('button', { name: 'Previous' }).click()
  await channels.getByRole('link', { name: first!, exact: true }).waitFor()

  await page.getByRole('button', { name: 'Create user' }).click()
  const create = page.getByRole('dialog', { name: 'Create a user' })
  await create.getByLabel('Identity').fill('person-001')
  await create.getByRole('button', { name: 'Create user' }).click()
  await create.getByRole('alert').waitFor()
  await create.getByLabel('Identity').fill('<b>bob</b>')
  await create.getByLabel('Name').fill('Bob')
  await create.getByLabel('Role').selectOption({ label: 'service admin' })
  await expectAccessible(page)
  await create.getByRole('button', { name: 'Create user' }).click()
  const made = detailOf(page, 'Bob')
  await made.getByText('<b>bob</b>').waitFor()
  await made.getByText('In no channel.').waitFor()
  await made.getByRole('button', { name: 'Edit' }).click()
  const edit = page.getByRole('dialog', { name: 'Edit the user' })
  await edit.getByLabel('Attributes').fill('{ "team": ')
  await edit.getByText('This is not JSON.').waitFor()
  await edit.getByLabel('Attributes').fill('{ "team": "blue" }')
  await edit.getByLabel('Role').selectOption({ label: 'service user' })
  await edit.getByRole('button', { name: 'Save' }).click()
  await made.getByText('"team": "blue"').waitFor()
  await made.getByRole('link', { name: 'service user' }).waitFor()
  await made.getByRole('button', { name: 'Delete user' }).click()
  const ask = page.getByRole('alertdialog', { name: 'Delete Bob?' })
  const sure = ask.getByRole('button', { name: 'Delete user' })
  expect(await sure.isDisabled()).toBe(true)
  await ask.getByLabel('Type “<b>bob</b>” to confirm').fill('<b>bob</b>')
  await sure.click()
  await made.waitFor({ state: 'detached' })
})

test('permissions of a role are ticked, shown as a difference, kept while the server is away and saved; what follows is asked', async ({
  tabs,
  console: view,
}) => {
  const page = await view.open('/members?channel=room-0001')
  const member = rowsOf(page).first().getByRole('link')
  const name = (await member.textContent())!
  await member.click()
  await detailOf(page, name).getByRole('link', { name: 'What may it do?' }).click()
  await page.getByRole('heading', { name: 'Roles' }).waitFor()
  const answer = page.locator('.try-answer')
  await answer.getByText(/^Yes, person-\d+ may\.$/).waitFor()
  await answer.getByText('sendMessage').waitFor()
  await page.getByLabel('Action').selectOption({ label: 'freeze the channel' })
  await page.getByRole('button', { name: 'Ask' }).click()
  await answer.getByText(/^No, person-\d+ may not\.$/).waitFor()
  await answer.getByText('A permission is missing.').waitFor()
  await expectAccessible(page)

  tabs.tolerate(/Failed to fetch dynamically imported module|Unable to preload CSS/)
  const [assets, api] = [/\/assets\//, /\/console\/graphql/]
  const abort = (route: Route): Promise<void> => route.abort()
  await page.route(assets, abort)
  const cell = page.getByRole('checkbox', { name: 'freezeChannel for channel user' })
  await cell.check()
  await page.getByRole('checkbox', { name: 'react for channel user' }).uncheck()
  // The names of the roles stay above their ticks.
  await page.getByRole('checkbox', { name: 'editAnyUserInfo for channel user' }).scrollIntoViewIfNeeded()
  await expectInView(page.getByRole('columnheader', { name: 'channel user' }))
  await page.getByText('1 role is edited and not saved.').waitFor()
  // While the server is away neither the dialog nor what it saves can be had: the ticks stay.
  await page.getByRole('button', { name: 'Save…' }).click()
  await page.getByText('This could not be loaded').first().waitFor()
  await page.unroute(assets, abort)
  await page.getByRole('button', { name: 'Save…' }).click()
  const ask = page.getByRole('alertdialog', { name: 'Edit 1 role?' })
  await page.route(api, abort)
  await ask.getByRole('button', { name: 'Save' }).click()
  await ask.getByText('The server does not answer.').waitFor()
  await page.keyboard.press('Escape')
  await ask.waitFor({ state: 'detached' })
  expect(await cell.isChecked()).toBe(true)
  await page.unroute(api, abort)
  await page.getByRole('button', { name: 'Save…' }).click()
  await ask.getByText('freezeChannel', { exact: true }).waitFor()
  await ask.getByText('react', { exact: true }).waitFor()
  await expectAccessible(page)
  await ask.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Roles edited.').first().waitFor()
  await page.getByRole('button', { name: 'Save…' }).waitFor({ state: 'detached' })
  expect(await cell.isChecked()).toBe(true)
  await page.getByRole('button', { name: 'Ask' }).click()
  await answer.getByText(/^Yes, person-\d+ may\.$/).waitFor()

  await page.getByRole('button', { name: 'Create role' }).click()
  const create = page.getByRole('dialog', { name: 'Create a role' })
  await create.getByLabel('Name').fill('guest')
  await create.getByLabel('Begin with the permissions of').selectOption({ label: 'channel user' })
  await create.getByRole('button', { name: 'Create' }).click()
  await page.getByRole('checkbox', { name: 'freezeChannel for guest' }).waitFor()
  await page.getByRole('button', { name: 'Delete role' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete role' }).click()
  await page.getByRole('checkbox', { name: 'freezeChannel for guest' }).waitFor({ state: 'detached' })
})

test('members are added, get another role and are removed; an invite is made and withdrawn', async ({
  console: view,
}) => {
  const page = await view.open('/members?channel=room-0002')
  await page.getByText('5 in all').waitFor()
  await page.getByRole('button', { name: 'Clear filters' }).waitFor()
  await page.getByRole('button', { name: 'Add member' }).click()
  const add = page.getByRole('dialog', { name: 'Add a member' })
  await add.getByLabel('Identity').fill('person-150')
  await add.getByRole('button', { name: 'Add member' }).click()
  await page.getByText('6 in all').waitFor()
  await page.locator('.filters').getByLabel('Identity').fill('person-150')
  await page.getByText('1 in all').waitFor()
  await rowsOf(page).getByRole('link').click()
  const detail = detailOf(page, 'Person 150')
  await detail.getByRole('button', { name: 'Edit' }).click()
  const change = page.getByRole('dialog', { name: 'Edit the member' })
  await change.getByLabel('Role').selectOption({ label: 'channel admin' })
  await change.getByRole('button', { name: 'Save' }).click()
  await detail.getByRole('link', { name: 'channel admin' }).waitFor()
  await detail.getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
  await page.getByText('Nothing matches these filters.').waitFor()

  const channel = await page.getByRole('link', { name: 'Channel', exact: true }).getAttribute('href')
  const sid = new URL(channel!, page.url()).searchParams.get('open')!
  await page.goto(new URL(`/console/invites?channel=${sid}`, page.url()).href)
  await page.getByText('Nothing matches these filters.').waitFor()
  await page.getByRole('button', { name: 'Invite', exact: true }).click()
  const invite = page.getByRole('dialog', { name: 'Invite a user' })
  await invite.getByLabel('Identity').fill('person-151')
  await invite.getByRole('button', { name: 'Invite' }).click()
  await rowsOf(page).getByRole('link', { name: 'Person 151' }).click()
  const made = detailOf(page, 'Person 151')
  await made.getByRole('link', { name: 'Room 2', exact: true }).waitFor()
  await made.getByRole('button', { name: 'Withdraw' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Withdraw' }).click()
  await page.getByText('Nothing matches these filters.').waitFor()
})

test('a SID, an identity or a unique name opens its view from the head', async ({ fonechat, console: view }) => {
  const identity = 'a/b%2Fc?x#y 👩‍👧'
  await fonechat.backend(
    'mutation ($identity: String!) { createUser(input: { identity: $identity }) { user { id } } }',
    {
      identity,
    },
  )
  const page = await view.open('/invites')
  const go = async (text: string) => {
    await page.keyboard.press('g')
    await page.getByLabel('Go to a SID, identity or unique name').fill(text)
    await page.keyboard.press('Enter')
  }
  await go(` ${identity} `)
  // Its links lead to it, too.
  await detailOf(page, identity).getByRole('link', { name: 'Pending invites' }).click()
  await page.getByRole('heading', { name: 'Invites' }).waitFor()
  expect(await page.locator('.filters').getByLabel('Identity').inputValue()).toBe(identity)
  await go('person-007')
  await detailOf(page, 'Person 7').waitFor()
  const user = new URL(page.url()).searchParams.get('open')!
  await go('room-0042')
  await detailOf(page, 'Room 42').waitFor()
  await detailOf(page, 'Room 42')
    .getByRole('link', { name: /^person-\d+, / })
    .click()
  const message = detailOf(page, 'Message 99')
  await message.waitFor()
  const messageId = new URL(page.url()).searchParams.get('open')!
  await go(user)
  await detailOf(page, 'Person 7').waitFor()
  await go(messageId)
  await message.waitFor()
  await go('nobody')
  await page.getByText('Nothing here is called “nobody”.').waitFor()
  await page.getByRole('link', { name: 'Search users for it' }).click()
  await page.getByText('Nothing matches these filters.').waitFor()
})
