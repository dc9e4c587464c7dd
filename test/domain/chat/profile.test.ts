import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  CreateUserDocument,
  DeleteUserDocument,
  UpdateUserDocument,
  UserDocument,
  UserUpdatedDocument,
  ViewerDocument,
} from '../../../schema/generated/graphql.ts'
import { sidToUuid, type UserId } from '../../../src/model/sid.ts'
import { openKit, record, uniqueName, type Kit, type User } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'
import { waitFor } from '../../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const profile = {
  avatarUrl: 'https://example.com/a.png?size=64',
  status: { text: 'on the train', emoji: '🚆', until: '2999-01-01T00:00:00.000Z' },
  locale: 'pt-BR',
  timeZone: 'Europe/Berlin',
}
const none = { avatarUrl: null, status: null, locale: null, timeZone: null }

async function make(input: object = {}) {
  const { createUser } = await kit.backend.request(CreateUserDocument, {
    input: { identity: uniqueName('user'), ...input },
  })
  return createUser.user
}

const change = async (userId: string, input: object, caller: Pick<Kit['backend'], 'request'> = kit.backend) =>
  (await caller.request(UpdateUserDocument, { input: { userId, ...input } })).updateUser.user

const idOf = async (user: User) => (await user.request(ViewerDocument)).viewer.user!.id as UserId

test('a profile is made, changed in parts and removed, and stays where it is left out', async () => {
  expect(await make()).toMatchObject(none)
  const made = await make(profile)
  expect(made).toMatchObject(profile)
  expect(await change(made.id, { friendlyName: 'N' })).toMatchObject({ ...profile, friendlyName: 'N' })
  const status = { text: null, emoji: ':palm_tree:', until: null }
  expect(await change(made.id, { status: { emoji: ':palm_tree:' } })).toMatchObject({ ...profile, status })
  expect(await change(made.id, none)).toMatchObject(none)
})

test.each([
  ['locale', 'PT-br', 'pt-BR'],
  ['locale', 'iw', 'he'],
  ['timeZone', 'europe/berlin', 'Europe/Berlin'],
  ['timeZone', 'Asia/Kolkata', 'Asia/Kolkata'],
  ['timeZone', 'UTC', 'UTC'],
])('%s %s is stored as %s', async (field, given, stored) => {
  expect(await make({ [field]: given })).toMatchObject({ [field]: stored })
})

test.each([
  { avatarUrl: 'javascript:alert(1)' },
  { avatarUrl: 'a.png' },
  { avatarUrl: '' },
  { avatarUrl: 'https://user:secret@example.com/a.png' },
  { avatarUrl: `https://example.com/${'x'.repeat(2048)}` },
  { status: {} },
  { status: { text: '', emoji: '' } },
  { status: { text: 'x'.repeat(101) } },
  { status: { text: 'a\0' } },
  { status: { emoji: 'x'.repeat(65) } },
  { status: { text: 'late', until: '2020-01-01T00:00:00.000Z' } },
  { locale: '' },
  { locale: 'german' + 'x'.repeat(60) },
  { locale: 'no such tag' },
  { timeZone: '' },
  { timeZone: '+01:00' },
  { timeZone: 'Europe/Atlantis' },
])('%j is refused, and nothing changes', async (wrong) => {
  const refusal = { code: 'BAD_USER_INPUT' }
  const identity = uniqueName('wrong')
  expect(await refusalOf(kit.backend, CreateUserDocument, { input: { identity, ...wrong } })).toEqual(refusal)
  const made = await make(profile)
  expect(await refusalOf(kit.backend, UpdateUserDocument, { input: { userId: made.id, ...wrong } })).toEqual(refusal)
  expect((await kit.backend.request(UserDocument, { id: made.id })).user).toEqual(made)
})

test('a status that has ended is shown to nobody', async () => {
  const made = await make(profile)
  await kit.store.db.run(`UPDATE users SET status_ends_at = now() - interval '1 second' WHERE id = $1::uuid`, [
    sidToUuid(made.id as UserId),
  ])
  expect((await kit.backend.request(UserDocument, { id: made.id })).user).toMatchObject({ ...profile, status: null })
})

test('own settings are changed and seen by the user itself and the backend alone, whatever others may edit', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const id = await idOf(alice)
  const text = `{ node(id: "${id}") { ... on User { isInvisible readReceiptsEnabled } } }`
  const seen = async (caller: Pick<Kit['backend'], 'request'>) =>
    (await caller.request<{ node: object }, unknown>(text)).node
  await change(id, { isInvisible: true }, alice)
  await change(id, { readReceiptsEnabled: false })
  const own = { isInvisible: true, readReceiptsEnabled: false }
  expect([await seen(alice), await seen(kit.backend)]).toEqual([own, own])
  expect(await seen(bob)).toEqual({ isInvisible: null, readReceiptsEnabled: null })
  const input = { userId: id, isInvisible: false }
  expect(await refusalOf(bob, UpdateUserDocument, { input })).toMatchObject({ code: 'FORBIDDEN' })
  expect(await seen(alice)).toEqual(own)
})

test('a change of a profile is delivered with its moment, and nothing of it is left of a deleted user', async () => {
  const alice = await kit.user('alice')
  const other = (await kit.user('bob')).at(await kit.another())
  const id = await idOf(alice)
  await other.request(ViewerDocument)
  const client = other.connect()
  const received = record(client, UserUpdatedDocument, { userId: id })
  // It starts with the present, at some moment after this: what is changed until it is there comes as one or several.
  for (let at = 0; received.items.length === 0 && at < 100; at++) {
    await change(id, { ...profile, friendlyName: `${at}` })
    await waitFor(() => received.items.length > 0, { timeout: 200 }).catch(() => {})
  }
  expect(received.items[0]!.userUpdated).toMatchObject(profile)
  await client.dispose()
  await kit.backend.request(DeleteUserDocument, { input: { userId: id } })
  const [row] = await kit.store.db.run(
    'SELECT avatar_url, status_text, status_emoji, status_ends_at, locale, time_zone FROM users WHERE id = $1::uuid',
    [sidToUuid(id)],
  )
  expect(Object.values(row!)).toEqual(Array(6).fill(null))
})
