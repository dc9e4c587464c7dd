import { afterAll, beforeAll, expect, test } from 'vitest'
import { MemberDocument, RemoveMemberDocument, UpdateMemberDocument } from '../../../schema/generated/graphql.ts'
import { openKit, uniqueName, type Caller, type Kit, type User } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
let alice: User
let bob: User
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
  bob = await kit.user('bob')
})
afterAll(() => kit.close())

interface Name {
  readonly id?: string
  readonly channelId?: string
  readonly identity?: string
}

async function find(caller: Caller, name: Name) {
  return (await caller.request(MemberDocument, name)).member
}

test('a member is found by its SID, and by its channel and identity, and is the same', async () => {
  const channel = await kit.channel([alice, bob], { uniqueName: uniqueName('named') })
  const found = await find(alice, { channelId: channel.id, identity: bob.identity })
  expect(found).toMatchObject({ identity: bob.identity, channel: { id: channel.id } })
  const { id } = found!
  for (const caller of [alice, bob, kit.backend]) {
    for (const name of [
      { id },
      { id, channelId: channel.id },
      { channelId: channel.id, identity: bob.identity },
      { channelId: channel.uniqueName!, identity: bob.identity },
    ]) {
      expect([name, (await find(caller, name))?.id]).toEqual([name, id])
    }
  }
})

test('who is no member, or of another channel, or not for the caller to see, is not found', async () => {
  const [here, there] = [await kit.channel([alice, bob]), await kit.channel([alice])]
  const hidden = await kit.channel([bob], { type: 'PRIVATE' })
  for (const name of [
    { channelId: there.id, identity: bob.identity },
    { channelId: here.id, identity: 'nobody' },
    { channelId: here.id, identity: '' },
    { channelId: hidden.id, identity: bob.identity },
    { channelId: 'no-channel', identity: bob.identity },
  ]) {
    expect([name, await find(alice, name)]).toEqual([name, null])
  }
  const input = { channelId: there.id, identity: bob.identity }
  expect(await refusalOf(kit.backend, RemoveMemberDocument, { input })).toMatchObject({
    code: 'NOT_FOUND',
    chatCode: 50402,
  })
})

test('a member is named in exactly one way', async () => {
  const { id: channelId } = await kit.channel([alice, bob])
  const { identity } = bob
  const { id } = (await find(alice, { channelId, identity }))!
  const bad = { code: 'BAD_USER_INPUT' }
  for (const name of [{}, { channelId }, { identity }, { id, identity }, { id, channelId, identity }]) {
    const { id: memberId, ...rest } = { id: undefined, ...name }
    const input = { memberId, ...rest }
    expect([name, await refusalOf(alice, MemberDocument, name)]).toMatchObject([name, bad])
    expect([name, await refusalOf(kit.backend, RemoveMemberDocument, { input })]).toMatchObject([name, bad])
    expect([
      name,
      await refusalOf(kit.backend, UpdateMemberDocument, { input: { ...input, lastReadIndex: null } }),
    ]).toMatchObject([name, bad])
  }
  expect(await refusalOf(alice, MemberDocument, { channelId, identity: 'a\0b' })).toMatchObject(bad)
  expect(await find(alice, { id })).not.toBeNull()
})

test('a member is changed and removed by identity, by who may', async () => {
  const { id: channelId } = await kit.channel([alice, bob])
  await alice.send(channelId, 'hello')
  const name = { channelId, identity: bob.identity }
  const { updateMember } = await bob.request(UpdateMemberDocument, { input: { ...name, lastReadIndex: 0 } })
  expect(updateMember.member).toMatchObject({ identity: bob.identity, lastReadIndex: 0 })
  expect(await refusalOf(alice, UpdateMemberDocument, { input: { ...name, lastReadIndex: 0 } })).toMatchObject({
    code: 'FORBIDDEN',
  })
  expect(await refusalOf(alice, RemoveMemberDocument, { input: name })).toMatchObject({ code: 'FORBIDDEN' })
  const { removeMember } = await kit.backend.request(RemoveMemberDocument, { input: name })
  expect(removeMember.member.id).toBe(updateMember.member.id)
  expect(await find(alice, name)).toBeNull()
})
