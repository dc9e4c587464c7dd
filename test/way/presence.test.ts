import { afterAll, beforeAll, expect, test } from 'vitest'
import { ViewerDocument } from '../../schema/generated/graphql.ts'
import type { UserId } from '../../src/model/sid.ts'
import { openKit, requestOver, User, type Kit } from '../support/kit.ts'
import { openOnlooker, userIdOf, type Onlooker } from '../support/onlooker.ts'
import { RawSocket } from '../support/raw-socket.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let onlooker: Onlooker
beforeAll(async () => {
  kit = await openKit()
  onlooker = await openOnlooker(kit)
})
afterAll(() => kit.close())

const online = [true, true]
const offline = [false, false]

test('a user is online while it has a connection, seen from every server', async () => {
  const bob = await kit.user('bob')
  const id = await userIdOf(bob)
  expect(await onlooker.seenEverywhere(id, false)).toEqual(offline)
  const phone = await RawSocket.open(kit.server, { token: bob.token, deviceId: 'phone' })
  expect(await onlooker.seenEverywhere(id, true)).toEqual(online)
  const tablet = await RawSocket.open(onlooker.other, { token: bob.token, deviceId: 'tablet' })
  const second = await RawSocket.open(onlooker.other, { token: bob.token })
  phone.terminate()
  await waitFor(async () => (await kit.server.app.presence.isOnline(id as UserId)) === true)
  tablet.terminate()
  expect(await onlooker.seenEverywhere(id, true)).toEqual(online)
  second.terminate()
  expect(await onlooker.seenEverywhere(id, false)).toEqual(offline)
})

test('someone who is only let in over HTTP, or refused, is not online', async () => {
  const bob = await kit.user('bob')
  const id = await userIdOf(bob)
  const refused = new User(kit.server, bob.identity, `${bob.token}x`).connect()
  await expect(requestOver(refused, ViewerDocument)).rejects.toMatchObject({ code: 4403 })
  expect(await onlooker.isOnline(id, kit.server)).toBe(false)
})
