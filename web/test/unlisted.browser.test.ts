import { join } from 'node:path'
import { inject } from 'vitest'
import { startFonechat } from '../../client/src/testing/index.ts'
import { copyData } from '../../client/src/testing/server-runs.ts'
import { test as base } from '../../client/test/browser/harness.ts'
import { sidToUuid } from '../../src/model/sid.ts'
import { openEmbedded } from '../../src/store/engine/embedded.ts'
import { fillChannels } from '../../test/support/filling.ts'
import { makeScratch } from '../../test/support/scratch.ts'
import { livePanes, paneOf } from './page.ts'

/** More than the client reads of the list by itself. */
const many = 210

/** Alice is in many channels, of which `bottom` is the last of her list. */
// oxlint-disable-next-line no-empty-pattern -- the library reads from the pattern which fixtures one needs
const test = base.override('fonechat', async ({}, { onCleanup }) => {
  const { server, data: first } = inject('browser')
  await using scratch = await makeScratch()
  const data = join(scratch.path, 'data')
  await copyData(first, data)
  const { db, close } = await openEmbedded(data)
  const [bottom] = await fillChannels(db, ['alice'], many)
  await db.run(`UPDATE channels SET unique_name = 'bottom' WHERE id = $1::uuid`, [sidToUuid(bottom!)])
  await db.run(`UPDATE messages SET body = 'down here' WHERE channel_id = $1::uuid`, [sidToUuid(bottom!)])
  await close()
  const fonechat = await startFonechat({ server, data })
  onCleanup(() => fonechat.stop())
  return fonechat
})

test('an address of a channel far down the list opens it; one of no channel says so', async ({ tabs }) => {
  const page = await tabs.open('/chat/bottom')
  const alice = paneOf(page, 'Alice')
  await alice.sees('down here')
  await page.goto(`${tabs.proxy.url}/chat/nowhere`)
  await alice.root.getByText('This channel is not here').waitFor()
})

test('a user of the demo who was deleted is signed out', async ({ tabs }) => {
  const page = await tabs.open('/')
  const { bob } = await livePanes(page)
  await tabs.fonechat.backend(`mutation { deleteUser(input: { userId: "bob" }) { user { id } } }`, {})
  await bob.is('signed out')
})
