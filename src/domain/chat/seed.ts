import type { UserActor } from '../../model/actor.ts'
import { limits } from '../../model/limits.ts'
import { newSid, type ChannelId } from '../../model/sid.ts'
import { memberRow } from '../../store/delivery.ts'
import { insertMessages } from '../../store/message.ts'
import { moveIntoPast } from '../../store/past.ts'
import { createAccessToken } from '../access/access-token.ts'
import { findDefaultService, findRole } from '../access/authority.ts'
import { updateRole } from '../access/role.ts'
import { updateService } from '../access/service.ts'
import type { App } from '../app.ts'
import { createChannel } from './channel.ts'
import { openDirectChannel } from './direct-channel.ts'
import { addMember } from './member.ts'
import { pinMessage } from './pin.ts'
import { markRead } from './reading.ts'
import { channels, people, type Person, type SeedChannel, type SeedMessage } from './seed-content.ts'
import { authenticateUser } from './sign-in.ts'
import { createUser } from './user.ts'

type Actors = ReadonlyMap<Person, UserActor>

/**
 * Makes people and channels with two days of messages, for the first start of the embedded engine, and reports who is online. Answers a
 * token for alice, valid for a day.
 */
export async function seedChat(app: App): Promise<string> {
  const backend = backendOf(app)
  const service = await findDefaultService(app, app.accountId)
  await updateService(app, backend, service!.id, { reachabilityEnabled: true, editHistory: 'all' })
  const { defaultChannelRoleId } = service!
  // Among these people whoever may write may pin.
  const role = await findRole(app, defaultChannelRoleId)
  await updateRole(app, backend, { id: defaultChannelRoleId, permissions: [...role!.permissions, 'pinMessage'] })
  const actors = new Map(
    await Promise.all(
      Object.entries(people).map(async ([identity, friendlyName]) => {
        await createUser(app, backend, { identity, friendlyName })
        const { token } = await createAccessToken(app, backend, { identity })
        return [identity as Person, await authenticateUser(app, token)] as const
      }),
    ),
  )
  for (const channel of channels) await seedChannel(app, actors, channel)
  const { token } = await createAccessToken(app, backend, { identity: 'alice', ttlSeconds: limits.tokenSeconds })
  return token
}

const backendOf = ({ accountId }: App) => ({ kind: 'backend', accountId }) as const

async function seedChannel(app: App, actors: Actors, channel: SeedChannel): Promise<void> {
  const channelId = await makeChannel(app, actors, channel)
  const written = await writeMessages(app, channelId, channel.messages)
  let { index, seq } = written.at(-1)!
  for (const [at, [, , , { pinnedBy } = {}]] of channel.messages.entries()) {
    if (pinnedBy) seq = (await pinMessage(app, actors.get(pinnedBy)!, written[at]!.id)).position.seq
  }
  const readBy = async (identity: Person): Promise<void> => {
    const throughIndex = index - (channel.unread[identity] ?? 0)
    const { id: memberId } = await markRead(app, actors.get(identity)!, { channelId, throughIndex })
    app.deliveries.move({ channelId, memberId, deviceId: memberRow, index, seq })
  }
  await Promise.all(channel.members.map(readBy))
  // What is in the history was not missed: devices begin behind it.
  await app.deliveries.flush()
}

async function makeChannel(
  app: App,
  actors: Actors,
  { uniqueName, friendlyName, members: [first, ...others] }: SeedChannel,
): Promise<ChannelId> {
  if (uniqueName === undefined) return (await openDirectChannel(app, actors.get(first!)!, others)).channel.id
  const backend = backendOf(app)
  const { id: channelId } = await createChannel(app, backend, { uniqueName, friendlyName })
  for (const identity of [first!, ...others]) await addMember(app, backend, { channelId, identity })
  return channelId
}

/** Answers the messages. In one statement and past the sends, which stamp the time of the sending. */
async function writeMessages(app: App, channelId: ChannelId, messages: readonly SeedMessage[]) {
  const now = app.clock.now()
  const minutesAgo = (minutes: number): Date => new Date(now - minutes * 60_000)
  const drafts = messages.map(([minutes, author, body, { was } = {}]) => ({
    channelId,
    id: newSid('IM'),
    author,
    body,
    attributes: '{}',
    clientMessageId: null,
    memberAsOf: Number.MAX_SAFE_INTEGER,
    createdAt: minutesAgo(minutes),
    updatedAt: minutesAgo(was === undefined ? minutes : minutes - 2),
    was,
  }))
  const written = await app.db.transaction(async (tx) => {
    const rows = await insertMessages(tx, drafts)
    await moveIntoPast(tx, channelId, minutesAgo(messages[0]![0] + 1), drafts)
    return rows
  })
  app.unindexed.add(channelId)
  return written
}
