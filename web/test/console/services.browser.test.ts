import { expect } from 'vitest'
import { expectAccessible, expectInView } from '../page.ts'
import { rowsOf, test } from './fixture.ts'

test('a new service has its defaults; its settings are changed with the difference before the eyes; it is deleted by its name', async ({
  fonechat,
  console: view,
}) => {
  const page = await view.open('/services')
  await rowsOf(page).filter({ hasText: 'default' }).waitFor()
  await page.getByRole('button', { name: 'Create service' }).click()
  const create = page.getByRole('dialog', { name: 'Create a service' })
  await create.getByLabel('Name').fill('second')
  await create.getByRole('button', { name: 'Create service' }).click()
  await page.getByRole('heading', { name: 'second' }).waitFor()
  const id = page.url().split('/').at(-1)!
  await page.getByLabel('Seconds of typing').waitFor()
  // What the console calls the default is what a new service has.
  expect(await page.locator('.setting-mark').allTextContents()).toEqual([])
  expect(await page.locator('.setting-words p').allTextContents()).toEqual(
    expect.arrayContaining([expect.stringContaining('1 to 600 seconds. Default: 5.')]) as string[],
  )
  await page.getByText('No event chosen').click()
  await page.getByLabel('ON_MESSAGE_SENT').check()
  await page.getByText('1 event', { exact: true }).waitFor()
  await page.getByLabel('ON_MESSAGE_SENT').uncheck()
  await page.getByText('No event chosen').click()

  // Everything is refused together, and what is wrong stands beside its field.
  await page.getByLabel('Seconds of typing').fill('601')
  await page.getByRole('switch', { name: 'Presence' }).click()
  await page.getByRole('heading', { name: 'Push notifications' }).scrollIntoViewIfNeeded()
  await page.getByRole('button', { name: 'Review and save' }).click()
  const ask = page.getByRole('alertdialog', { name: 'Save these changes?' })
  await ask.getByText('Seconds of typing').waitFor()
  await expectAccessible(page)
  await ask.getByRole('button', { name: 'Save' }).click()
  await expectInView(page.locator('.setting', { hasText: 'Seconds of typing' }).getByRole('alert'))
  await page.getByLabel('Seconds of typing').fill('7')
  await page.locator('.setting', { hasText: 'Sends of a user' }).getByLabel('At most').fill('90')
  await page.getByRole('button', { name: 'Review and save' }).click()
  expect(await ask.locator('.difference').allTextContents()).toEqual([
    'Seconds of typing57',
    'Presenceoffon',
    'Sends of a user60 in 3 s90 in 3 s',
  ])
  await ask.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Settings saved.').first().waitFor()
  await page.getByText('3 changes are not saved').waitFor({ state: 'detached' })
  expect(await page.locator('.setting-mark').allTextContents()).toEqual(['changed', 'changed', 'changed'])
  const { service } = await fonechat.backend<{ service: object }>(
    'query ($id: ID) { service(id: $id) { typingIndicatorTimeout reachabilityEnabled limits { userSends { limit seconds } } } }',
    { id },
  )
  expect(service).toEqual({
    typingIndicatorTimeout: 7,
    reachabilityEnabled: true,
    limits: { userSends: { limit: 90, seconds: 3 } },
  })

  // Events get an address or a method of their own; what is refused stands beside the event, and what was written stays.
  const targets = page.getByRole('group', { name: 'Events with an address of their own' })
  const add = async (event: string): Promise<void> => {
    await targets.getByLabel('Event', { exact: true }).selectOption(event)
    await targets.getByRole('button', { name: 'Add', exact: true }).click()
  }
  const save = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Review and save' }).click()
    await ask.getByRole('button', { name: 'Save' }).click()
    await ask.waitFor({ state: 'detached' })
  }
  await add('ON_MESSAGE_SENT')
  await page.keyboard.type('ftp://127.0.0.1/sent')
  await add('ON_MESSAGE_SEND')
  await page.keyboard.type('http://127.0.0.1/send')
  await expectAccessible(page)
  await save()
  const sent = targets.locator('.target', { hasText: 'ON_MESSAGE_SENT' })
  await sent.getByText('must be an http or https URL').waitFor()
  expect(await targets.getByRole('alert').count()).toBe(1)
  await sent.getByLabel('Address of ON_MESSAGE_SENT').fill('http://127.0.0.1/sent')
  await sent.getByLabel('Method of ON_MESSAGE_SENT').selectOption('GET')
  await save()
  await page.getByText('2 changes are not saved').waitFor({ state: 'detached' })
  const readTargets = async (): Promise<unknown> => {
    const query = 'query ($id: ID) { service(id: $id) { webhooks { targets { event url method } } } }'
    const read = await fonechat.backend<{ service: { webhooks: { targets: object[] } } }>(query, { id })
    return read.service.webhooks.targets
  }
  expect(await readTargets()).toEqual([
    { event: 'ON_MESSAGE_SEND', url: 'http://127.0.0.1/send', method: null },
    { event: 'ON_MESSAGE_SENT', url: 'http://127.0.0.1/sent', method: 'GET' },
  ])
  // What another person changes meanwhile of another event stays.
  await targets.getByRole('button', { name: 'Remove ON_MESSAGE_SENT' }).click()
  await fonechat.backend(
    'mutation ($id: ID!) { updateService(input: { serviceId: $id, webhooks: { targets: [{ event: ON_USER_ADDED, url: "http://127.0.0.1/user" }] } }) { service { id } } }',
    { id },
  )
  await page.getByRole('button', { name: 'Review and save' }).click()
  expect(await ask.locator('.difference').allTextContents()).toEqual([
    'ON_MESSAGE_SENTGET http://127.0.0.1/sentnothing',
  ])
  await ask.getByRole('button', { name: 'Save' }).click()
  await targets.getByLabel('Address of ON_USER_ADDED').waitFor()
  expect(await readTargets()).toEqual([
    { event: 'ON_MESSAGE_SEND', url: 'http://127.0.0.1/send', method: null },
    { event: 'ON_USER_ADDED', url: 'http://127.0.0.1/user', method: null },
  ])

  // It is chosen for other views, and gone.
  await page.getByRole('button', { name: 'Show its users, channels and messages' }).click()
  expect(new URL(page.url()).searchParams.get('service')).toBe(id)
  await page.getByRole('button', { name: 'Delete service' }).click()
  const deletion = page.getByRole('alertdialog', { name: 'Delete the service “second”?' })
  expect(await deletion.getByRole('button', { name: 'Delete service' }).isDisabled()).toBe(true)
  await deletion.getByLabel('Type “second” to confirm').fill('second')
  await deletion.getByRole('button', { name: 'Delete service' }).click()
  await rowsOf(page).filter({ hasText: 'default' }).waitFor()
  await rowsOf(page).filter({ hasText: 'second' }).waitFor({ state: 'detached' })
})

test('an outage is said once, what was shown stays with its age, and everything is read again when the server is back', async ({
  tabs,
  console: view,
}) => {
  const page = await view.open('/services')
  await rowsOf(page).filter({ hasText: 'default' }).waitFor()
  tabs.proxy.offline()
  await page.getByText('The server does not answer.', { exact: true }).first().waitFor()
  await page.getByText('What is shown was read before').waitFor()
  expect(await rowsOf(page).filter({ hasText: 'default' }).count()).toBe(1)
  await expectAccessible(page)
  tabs.proxy.online()
  await page.getByText('What is shown was read before').waitFor({ state: 'detached' })
  // On a phone: the rows have two lines, and the navigation is a menu.
  await page.setViewportSize({ width: 390, height: 780 })
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('link', { name: 'Sessions' }).click()
  await rowsOf(page).first().waitFor()
  // A key lists the keys.
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
  await page.keyboard.press('Escape')
})
