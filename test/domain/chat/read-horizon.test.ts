import { afterAll, beforeAll, expect, test } from 'vitest'
import { MembersDocument, UpdateMemberDocument, type UpdateMemberInput } from '../../../schema/generated/graphql.ts'
import { newSid } from '../../../src/model/sid.ts'
import { makeRole } from '../../support/authority.ts'
import { openKit, type Kit, type User } from '../../support/kit.ts'
import { readingOf } from '../../support/reading.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
let alice: User
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
})
afterAll(() => kit.close())

async function furnish(messages: number) {
  const { id: channelId } = await kit.channel([alice])
  for (let number = 0; number < messages; number++) await kit.backend.send(channelId, `${number}`)
  const { channel } = await alice.request(MembersDocument, { channelId })
  return { channelId, memberId: channel!.members.edges[0]!.node.id }
}

async function update(input: UpdateMemberInput) {
  const { lastReadIndex, unreadCount } = (await alice.request(UpdateMemberDocument, { input })).updateMember.member
  return { lastReadIndex, unreadCount }
}

test('what is above the read horizon is unread', async () => {
  const { channelId, memberId } = await furnish(3)
  const { channel } = await alice.request(MembersDocument, { channelId })
  expect(channel!.members.edges[0]!.node).toMatchObject({ lastReadIndex: null, unreadCount: 3 })
  expect(await update({ memberId, lastReadIndex: 0 })).toEqual({ lastReadIndex: 0, unreadCount: 2 })
  expect(await update({ memberId, lastReadIndex: 2 })).toEqual({ lastReadIndex: 2, unreadCount: 0 })
  await kit.backend.send(channelId, 'news')
  const { members } = await readingOf(kit, channelId)
  expect(members![0]!.node).toMatchObject({ lastReadIndex: 2, unreadCount: 1 })
})

test('null says that nothing has been read', async () => {
  const { memberId } = await furnish(2)
  await update({ memberId, lastReadIndex: 1 })
  expect(await update({ memberId, lastReadIndex: null })).toEqual({ lastReadIndex: null, unreadCount: 2 })
})

test('a horizon that is no message of the channel is refused', async () => {
  const { channelId, memberId } = await furnish(2)
  const before = await readingOf(kit, channelId)
  for (const lastReadIndex of [-1, 2, 2 ** 31 - 1]) {
    expect(await refusalOf(alice, UpdateMemberDocument, { input: { memberId, lastReadIndex } })).toEqual({
      code: 'BAD_USER_INPUT',
      chatCode: 50406,
    })
  }
  for (const lastReadIndex of [2 ** 31, 0.5, '1', true]) {
    const input = { memberId, lastReadIndex: lastReadIndex as number }
    expect(await refusalOf(alice, UpdateMemberDocument, { input })).toEqual({ code: 'BAD_USER_INPUT' })
  }
  expect(await refusalOf(alice, UpdateMemberDocument, { input: { memberId } })).toEqual({ code: 'BAD_USER_INPUT' })
  expect(await readingOf(kit, channelId)).toEqual(before)
})

test('an update of which one part is wrong changes nothing', async () => {
  const { channelId, memberId } = await furnish(1)
  const roleId = await makeRole(kit, 'channel', [])
  const before = await readingOf(kit, channelId)
  const wrong = [
    { memberId, roleId, lastReadIndex: 5 },
    { memberId, roleId: newSid('RL'), lastReadIndex: 0 },
  ]
  const refusals = await Promise.all(wrong.map((input) => refusalOf(kit.backend, UpdateMemberDocument, { input })))
  expect(refusals.map(({ chatCode }) => chatCode)).toEqual([50406, 50101])
  expect(await readingOf(kit, channelId)).toEqual(before)
})

test('the backend gives a member another role, which counts at once', async () => {
  const { channelId, memberId } = await furnish(1)
  await alice.send(channelId, 'while I may')
  const roleId = await makeRole(kit, 'channel', [])
  const { updateMember } = await kit.backend.request(UpdateMemberDocument, { input: { memberId, roleId } })
  expect(updateMember.member.role.friendlyName).toBe('made for a test')
  const { errors } = await alice.ask(
    `mutation { sendMessage(input: { channelId: "${channelId}", body: "x" }) { message { id } } }`,
  )
  expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', chatCode: 50107 } }])
})

test('a member that is unknown or malformed is refused', async () => {
  for (const memberId of [newSid('MB'), 'MB', '', newSid('US')]) {
    expect(await refusalOf(kit.backend, UpdateMemberDocument, { input: { memberId, lastReadIndex: null } })).toEqual({
      code: 'NOT_FOUND',
      chatCode: 50402,
    })
  }
})
