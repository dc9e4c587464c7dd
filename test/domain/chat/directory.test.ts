import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  AddMemberDocument,
  CreateServiceDocument,
  CreateUserDocument,
  DeleteUserDocument,
  RemoveMemberDocument,
  UpdateServiceDocument,
  UpdateUserDocument,
  UsersInOrderDocument,
  ViewerDocument,
  type UserFilter,
} from '../../../schema/generated/graphql.ts'
import { sidToUuid, type ServiceId, type UserId } from '../../../src/model/sid.ts'
import { writeOldUserNames } from '../../../src/store/user-name.ts'
import { openKit, uniqueName, type Caller, type Kit } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'
import { json, ok, openReceiver, type Receiver } from '../../support/webhook-receiver.ts'
import { hookService, webhookEnvironment, type HookedService } from '../../support/webhooks.ts'

let kit: Kit
let receiver: Receiver
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
  receiver = await openReceiver()
})
afterAll(async () => {
  await kit.close()
  await receiver.close()
})

/** A service of its own, in which nobody else is found. */
let service: HookedService
beforeEach(async () => {
  receiver.answer = ok
  service = await hookService(kit, receiver, { filters: ['ON_USER_UPDATE'], postUrl: null })
})

const openTo = (userDirectory: 'OFF' | 'ALL') =>
  kit.backend.request(UpdateServiceDocument, { input: { serviceId: service.id, userDirectory } })

async function make(identity: string, friendlyName?: string) {
  const input = { serviceId: service.id, identity, friendlyName }
  return (await kit.backend.request(CreateUserDocument, { input })).createUser.user
}

async function page(filter: UserFilter | undefined, args: object = {}, caller: Caller = kit.backend) {
  const { users } = await caller.request(UsersInOrderDocument, { serviceId: service.id, filter, first: 100, ...args })
  return users!
}

const find = async (search: string, caller?: Caller) =>
  (await page({ search }, {}, caller)).nodes.map(({ identity }) => identity)

test('a user finds those that it shares a channel with and itself, or all where the service says so', async () => {
  const [alice, bob, carol] = [await service.user('anna'), await service.user('anna'), await service.user('anna')]
  for (const user of [alice, bob, carol]) await user.request(ViewerDocument)
  const channel = await service.channel([alice, bob])
  const peers = [alice.identity, bob.identity]
  const all = [...peers, carol.identity]
  const lists = [{ search: 'ann' }, { identityPrefix: 'anna' }, undefined]
  const seen = async (caller: Caller) =>
    Promise.all(lists.map(async (filter) => (await page(filter, {}, caller)).nodes.map(({ identity }) => identity)))
  const inAnyOrder = (names: string[][]) => names.map((each) => each.toSorted())
  expect(inAnyOrder(await seen(alice))).toEqual([peers, peers, peers])
  expect(await seen(carol)).toEqual(lists.map(() => [carol.identity]))
  expect(inAnyOrder(await seen(kit.backend))).toEqual([all, all, all])
  expect(await find(carol.identity, alice)).toEqual([])
  await openTo('ALL')
  expect(inAnyOrder(await seen(alice))).toEqual([all, all, all])
  await openTo('OFF')
  await kit.backend.request(RemoveMemberDocument, { input: { channelId: channel.id, identity: bob.identity } })
  expect(await seen(alice)).toEqual(lists.map(() => [alice.identity]))
})

test('a user is found by its name and identity, whichever way it was made, until they change', async () => {
  const signedIn = await service.user('signed')
  await signedIn.request(ViewerDocument)
  const channel = await service.channel()
  const added = uniqueName('added')
  await kit.backend.request(AddMemberDocument, { input: { channelId: channel.id, identity: added } })
  const made = await make(uniqueName('made'), 'Ada Lovelace')
  expect([await find('sign'), await find('added'), await find('LOVE a')]).toEqual([
    [signedIn.identity],
    [added],
    [made.identity],
  ])
  const change = (input: object) => kit.backend.request(UpdateUserDocument, { input: { userId: made.id, ...input } })
  await change({ friendlyName: 'Grace Hopper' })
  expect([await find('love'), await find('hop'), await find('made')]).toEqual([[], [made.identity], [made.identity]])
  await change({ attributes: { a: 1 }, locale: 'en' })
  expect(await find('hop')).toEqual([made.identity])
  receiver.answer = json({ friendly_name: 'Replaced by a webhook' })
  await signedIn.request(UpdateUserDocument, { input: { userId: signedIn.identity, friendlyName: 'Asked for' } })
  expect([await find('asked'), await find('replac')]).toEqual([[], [signedIn.identity]])
  await kit.backend.request(DeleteUserDocument, { input: { userId: made.id } })
  expect(await find('made')).toEqual([])
  const left = await kit.store.db.run('SELECT token FROM user_names WHERE user_id = $1::uuid', [
    sidToUuid(made.id as UserId),
  ])
  expect(left).toEqual([])
})

test('the very identity comes first, then whole words, and pages in either direction are the whole list', async () => {
  for (const name of ['Annabel', 'Anna Bell', 'ann', 'Ann Z', 'Joanna']) await make(uniqueName('x'), name)
  for (const identity of ['ann', 'anne', 'z-ann']) await make(identity)
  const whole = await page({ search: 'ann' })
  const names = whole.nodes.map(({ identity, friendlyName }) => friendlyName ?? identity)
  expect(names[0]).toBe('ann')
  expect(whole.nodes[0]!.identity).toBe('ann')
  expect(names.slice(1, 4).toSorted()).toEqual(['Ann Z', 'ann', 'z-ann'])
  expect(names.slice(4)).toEqual(['Anna Bell', 'Annabel', 'anne'])
  expect(whole.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false })
  // Of two of its words that match, the first counts, and once.
  const twice = await make(uniqueName('x'), 'Annegret Ann')
  const again = (await page({ search: 'ann' })).nodes.map(({ id }) => id)
  expect(again.filter((id) => id === twice.id)).toHaveLength(1)
  expect(again.indexOf(twice.id)).toBeLessThan(5)
  await kit.backend.request(DeleteUserDocument, { input: { userId: twice.id } })
  for (const size of [1, 2, 3]) {
    const [forwards, backwards]: [string[], string[]] = [[], []]
    for (let after: string | null | undefined, more = true; more;) {
      const { nodes, pageInfo } = await page({ search: 'ann' }, { first: size, after })
      expect(pageInfo.hasPreviousPage).toBe(forwards.length > 0)
      forwards.push(...nodes.map(({ id }) => id))
      ;[after, more] = [pageInfo.endCursor, pageInfo.hasNextPage]
    }
    for (let before: string | null | undefined, more = true; more;) {
      const { nodes, pageInfo } = await page({ search: 'ann' }, { first: undefined, last: size, before })
      expect(pageInfo.hasNextPage).toBe(backwards.length > 0)
      backwards.unshift(...nodes.map(({ id }) => id))
      ;[before, more] = [pageInfo.startCursor, pageInfo.hasPreviousPage]
    }
    const ids = whole.nodes.map(({ id }) => id)
    expect([forwards, backwards]).toEqual([ids, ids])
  }
})

test('of several words each must begin one of a user’s own', async () => {
  const both = await make(uniqueName('one'), 'Maria Anders')
  await make(uniqueName('two'), 'Maria Berg')
  await make(uniqueName('three'), 'Anders Berg')
  const dense = await make(uniqueName('four'), '山田太郎')
  expect([await find('and mar'), await find('maria anders x'), await find('mari one')]).toEqual([
    [both.identity],
    [],
    [both.identity],
  ])
  expect([await find('太郎'), await find('田太郎'), await find('山郎')]).toEqual([
    [dense.identity],
    [dense.identity],
    [],
  ])
})

test('users of other services are not found', async () => {
  const { createService } = await kit.backend.request(CreateServiceDocument, {
    input: { friendlyName: uniqueName('other') },
  })
  const input = { serviceId: createService.service.id, identity: uniqueName('elsewhere') }
  await kit.backend.request(CreateUserDocument, { input })
  expect([await find('elsewhere'), await find(input.identity)]).toEqual([[], []])
})

test('users from before there was a directory are found once a server has written their names', async () => {
  const { db } = kit.store
  const ids = []
  for (const name of ['Old One', 'Old Two', 'Old Three']) ids.push((await make(uniqueName('x'), name)).id as UserId)
  const found = async () => (await find('old')).length
  expect(await found()).toBe(3)
  // What the migration leaves.
  await db.run('DELETE FROM user_names WHERE service_id = $1::uuid', [sidToUuid(service.id as ServiceId)])
  await db.run(
    `INSERT INTO user_names (user_id, token, service_id) SELECT id, '', service_id FROM users WHERE service_id = $1::uuid`,
    [sidToUuid(service.id as ServiceId)],
  )
  expect(await found()).toBe(0)
  // A change writes a user's names before its turn has come.
  await kit.backend.request(UpdateUserDocument, { input: { userId: ids[0]!, friendlyName: 'Old Zero' } })
  expect(await found()).toBe(1)
  const sizes = [await writeOldUserNames(db, 1), await writeOldUserNames(db, 100), await writeOldUserNames(db, 100)]
  expect(sizes.at(-1)).toBe(0)
  expect(sizes[0]).toBe(1)
  expect(await found()).toBe(3)
})

test('what cannot be searched for is refused, and nothing to search for is no filter', async () => {
  await make(uniqueName('someone'))
  const ask = (filter: UserFilter, args: object = {}) =>
    refusalOf(kit.backend, UsersInOrderDocument, { serviceId: service.id, filter, first: 5, ...args })
  const refusal = { code: 'BAD_USER_INPUT' }
  expect(await ask({ search: 'x'.repeat(101) })).toEqual(refusal)
  expect(await ask({ search: 'x', identityPrefix: 'x' })).toEqual(refusal)
  expect(await ask({ search: 'x' }, { orderBy: { field: 'IDENTITY', direction: 'ASC' } })).toEqual(refusal)
  const { pageInfo } = await page({ search: 'some' }, { first: 1 })
  expect(await ask({ search: 'other' }, { after: pageInfo.endCursor })).toEqual(refusal)
  const parts = JSON.parse(Buffer.from(pageInfo.endCursor!, 'base64url').toString()) as string[]
  const forged = Buffer.from(JSON.stringify(parts.with(3, '1a'))).toString('base64url')
  expect(await ask({ search: 'some' }, { after: forged })).toEqual(refusal)
  expect((await page({ search: ' ' })).nodes).toHaveLength(1)
  expect(await find('\u0301')).toEqual([])
})

test('settings of the service are checked', async () => {
  const set = (input: object) =>
    kit.backend.request(UpdateServiceDocument, { input: { serviceId: service.id, ...input } })
  expect((await set({ language: 'TR-tr', userDirectory: 'ALL' })).updateService.service).toMatchObject({
    language: 'tr-TR',
    userDirectory: 'ALL',
  })
  for (const language of ['', 'no such tag', 'x'.repeat(65)]) {
    const input = { serviceId: service.id, language }
    expect(await refusalOf(kit.backend, UpdateServiceDocument, { input })).toEqual({ code: 'BAD_USER_INPUT' })
  }
})
