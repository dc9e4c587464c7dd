import { expect } from 'vitest'
import { test } from '../../client/test/browser/harness.ts'
import { expectAccessible, livePanes } from './page.ts'

for (const [library, label] of [
  ['apollo', 'Apollo'],
  ['urql', 'urql'],
] as const) {
  test(`a pane on ${label}: list, sending and what happens live, then back to the client`, async ({ tabs }) => {
    const profile = await tabs.profile({ viewport: { width: 1440, height: 860 } })
    // As over plain http from another machine.
    await profile.addInitScript(() => Reflect.deleteProperty(Crypto.prototype, 'randomUUID'))
    const page = await tabs.open('/', { profile })
    const { alice, bob } = await livePanes(page)
    const choice = bob.root.getByRole('combobox', { name: 'What Bob’s pane runs on' })
    await alice.send(`before ${library}`)
    await bob.sees(`before ${library}`)
    await choice.selectOption(library)
    await bob.is('live')
    await bob.sees(`before ${library}`)
    await alice.send(`live to ${library}`)
    await bob.sees(`live to ${library}`)
    await bob.send(`from ${library}`)
    await alice.sees(`from ${library}`)
    expect(await bob.root.locator('.message-text', { hasText: `from ${library}` }).count()).toBe(1)
    await expectAccessible(page)
    await bob.plug.click()
    await bob.is('offline')
    await alice.send(`missed by ${library}`)
    await alice.sees(`missed by ${library}`)
    await bob.plug.click()
    await bob.sees(`missed by ${library}`)
    await choice.selectOption('client')
    await bob.is('live')
    await bob.sees(`missed by ${library}`)
  })
}
