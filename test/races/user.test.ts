import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  CreateInviteDocument,
  DeleteUserDocument,
  InviteAddedDocument,
  JoinChannelDocument,
  UserDocument,
  ViewerDocument,
} from '../../schema/generated/graphql.ts'
import { topics } from '../../src/live/bus.ts'
import type { ChannelId, UserId } from '../../src/model/sid.ts'
import { lockChannel } from '../../src/store/channel.ts'
import type { Tx } from '../../src/store/engine/db.ts'
import { readInviteOf, removeInviteRow } from '../../src/store/invite.ts'
import { takeUserSeq } from '../../src/store/user.ts'
import { engineName } from '../support/engine.ts'
import { openKit, record, type Kit, type User } from '../support/kit.ts'
import { RawSocket } from '../support/raw-socket.ts'
import { readingOf } from '../support/reading.ts'
import { ScriptedBus } from '../support/scripted-bus.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let bus: ScriptedBus
beforeAll(async () => {
  kit = await openKit()
  bus = new ScriptedBus(kit.server.app.bus)
})
afterAll(() => kit.close())

/**
 * Does the work while the channel is locked and the other waits for that lock. On the embedded engine, where a transaction has
 * the only connection, the other waits for that, and there is nothing that could go wrong.
 */
async function whileWaiting<Result>(
  channelId: string,
  other: () => Promise<Result>,
  work: (tx: Tx) => Promise<unknown>,
) {
  const { db, statements } = kit.store
  let waiting: Promise<Result>
  await db.transaction(async (tx) => {
    await lockChannel(tx, channelId as ChannelId)
    statements.length = 0
    waiting = other()
    if (engineName === 'cluster')
      await waitFor(() => statements.some((one) => /from "channels".* for update/.test(one)))
    await work(tx)
  })
  return waiting!
}

async function known(): Promise<User & { readonly id: string }> {
  const user = await kit.user()
  const { viewer } = await user.request(ViewerDocument)
  return Object.assign(user, { id: viewer.user!.id })
}

test('a user that joins a channel while its deletion waits for another is in neither', async () => {
  const bob = await known()
  const [first, second] = [await kit.channel([bob]), await kit.channel()]
  const join = () => bob.ask(JoinChannelDocument, { input: { channelId: second.id } })
  let joining: Promise<unknown>
  await whileWaiting(
    first.id,
    () => kit.backend.request(DeleteUserDocument, { input: { userId: bob.id } }),
    async () => {
      joining = join()
      if (engineName === 'cluster') await joining
    },
  )
  await joining!
  for (const { id } of [first, second]) {
    expect(await readingOf(kit, id)).toMatchObject({ channel: { membersCount: 0 }, members: [] })
  }
  expect((await kit.backend.request(UserDocument, { id: bob.identity })).user).toBeNull()
})

test('an invite that is withdrawn while its user joins opens nothing', async () => {
  const bob = await known()
  const { id: channelId } = await kit.channel([], { type: 'PRIVATE' })
  await kit.backend.request(CreateInviteDocument, { input: { channelId, identity: bob.identity } })
  const { errors } = await whileWaiting(
    channelId,
    () => bob.ask(JoinChannelDocument, { input: { channelId } }),
    async (tx) => {
      const invite = await readInviteOf(tx, channelId, bob.id as UserId)
      await removeInviteRow(tx, invite!, (await takeUserSeq(tx, bob.id as UserId))!)
    },
  )
  expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }])
  expect((await readingOf(kit, channelId)).members).toEqual([])
})

test('an invite that is read and whose event comes later is delivered once', async () => {
  const bob = await known()
  const socket = await RawSocket.open(kit.server, { token: bob.token })
  await waitFor(() => kit.server.app.userFeeds.get(bob.id as UserId)?.listenerCount === 1)
  await waitFor(() => bus.topics.has(topics.user(bob.id)))
  const invite = async () => {
    const { id: channelId } = await kit.channel()
    const input = { channelId, identity: bob.identity }
    return (await kit.backend.request(CreateInviteDocument, { input })).createInvite.invite.id
  }
  bus.hold()
  const first = await invite()
  const client = bob.connect()
  const received = record(client, InviteAddedDocument)
  await received.atLeast(1)
  bus.release()
  const second = await invite()
  await received.atLeast(2)
  expect(received.items.map(({ inviteAdded }) => inviteAdded.id)).toEqual([first, second])
  await client.dispose()
  socket.terminate()
})
