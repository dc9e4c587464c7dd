import { afterAll, beforeAll, expect, test } from 'vitest'
import { openKit, type Kit } from '../../test/support/kit.ts'
import { setLimits } from '../../test/support/limits.ts'
import { waitFor } from '../../test/support/wait.ts'
import { clientOf, live } from './support/client-of.ts'
import { bodiesOf, statusOf } from './support/clients.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit({}, { hasRates: true })
})
afterAll(() => kit.close())

test('P16: what the server refuses for its rate stays in the outbox, and goes later: each message once, in order, and none fails', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const channels = [await kit.channel([alice, bob]), await kit.channel([alice, bob])]
  await setLimits(kit, { userSends: { limit: 8, seconds: 1 } })
  await using hers = clientOf(alice)
  await using his = clientOf(bob)
  await live(hers, his)
  const failed: unknown[] = []
  const refusals = kit.server.app.rateCounters.refusals
  const before = refusals.counts.sends
  const bodies = Array.from({ length: 12 }, (_, at) => `${at}`)
  for (const body of bodies)
    for (const { id } of channels)
      hers
        .channel(id)
        .sendMessage(body)
        .catch((error: unknown) => failed.push(error))
  await waitFor(() => channels.every(({ id }) => bodiesOf(his, id).length === bodies.length), { timeout: 20_000 })
  for (const { id } of channels) {
    expect(bodiesOf(his, id)).toEqual(bodies)
    await waitFor(() => bodiesOf(hers, id).length === bodies.length)
    expect(bodiesOf(hers, id)).toEqual(bodies)
  }
  expect(failed).toEqual([])
  expect(refusals.counts.sends).toBeGreaterThan(before)
  expect(statusOf(hers)).toBe('live')
})
