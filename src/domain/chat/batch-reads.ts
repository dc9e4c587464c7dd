import type { Actor } from '../../model/actor.ts'
import type { Channel } from '../../model/channel.ts'
import type { Member } from '../../model/member.ts'
import type { Message, MessageExtras, MessageKey } from '../../model/message.ts'
import type { Role } from '../../model/service.ts'
import type { ChannelId, UserId, RoleId } from '../../model/sid.ts'
import type { User } from '../../model/user.ts'
import { readChannels } from '../../store/channel.ts'
import { readFirstMembers } from '../../store/member.ts'
import { readExtras } from '../../store/message-extras.ts'
import { readLastMessages } from '../../store/message.ts'
import { readRoles } from '../../store/role.ts'
import { messageKey, readParents, readQuoted, readReplies, type RepliesKey } from '../../store/thread.ts'
import { readJoinedChannelsCounts } from '../../store/user-channel.ts'
import { readParticipants, readUsers, type AuthorKey, type Participant } from '../../store/user.ts'
import type { App } from '../app.ts'

/**
 * Reads many objects by key, for fields of what the caller may see: the channel of a message, its author, the role of a member. Answers come
 * in the order of the keys, undefined where there is none.
 */
function inOrder<Key, Row>(keys: readonly Key[], rows: readonly Row[], keyOf: (row: Row) => Key): (Row | undefined)[] {
  const byKey = new Map(rows.map((row) => [keyOf(row), row]))
  return keys.map((key) => byKey.get(key))
}

export async function lookUpChannels(app: App, ids: readonly ChannelId[]): Promise<(Channel | undefined)[]> {
  return inOrder(ids, await readChannels(app.db, ids), (channel) => channel.id)
}

export async function lookUpUsers(app: App, ids: readonly UserId[]): Promise<(User | undefined)[]> {
  return inOrder(ids, await readUsers(app.db, ids), (user) => user.id)
}

export async function lookUpRoles(app: App, ids: readonly RoleId[]): Promise<(Role | undefined)[]> {
  return inOrder(ids, await readRoles(app.db, ids), (role) => role.id)
}

export async function lookUpJoinedChannelsCounts(app: App, userIds: readonly UserId[]): Promise<number[]> {
  const counts = inOrder(userIds, await readJoinedChannelsCounts(app.db, userIds), (count) => count.userId)
  return counts.map((count) => count?.count ?? 0)
}

/** Seeing a public channel is not enough for its messages: a user must be a member. */
export async function lookUpLastMessages(
  app: App,
  channelIds: readonly ChannelId[],
  actor: Actor | undefined,
  through: ReadonlyMap<ChannelId, number>,
): Promise<(Message | undefined)[]> {
  const userId = actor?.kind === 'user' ? actor.userId : undefined
  const messages = await readLastMessages(app.db, channelIds, userId, through)
  return inOrder(channelIds, messages, (message) => message.channelId)
}

/** The users behind authors and their memberships: a channel's service is where the identities of its authors belong. */
export async function lookUpParticipants(app: App, keys: readonly AuthorKey[]): Promise<(Participant | undefined)[]> {
  const found = new Map<string, Participant>()
  for (const participant of await readParticipants(app.db, keys)) {
    found.set(participant.channelId + participant.user.identity, participant)
  }
  return keys.map((key) => found.get(key.channelId + key.identity))
}

/** The beginning of a channel's list of members. */
export interface FirstMembersKey {
  readonly channelId: ChannelId
  readonly size: number
}

/**
 * The first `size` members of each channel and one more, in the order in which they joined: what a list of channels shows of each. Undefined where
 * `listMembers` must say why there are none.
 */
export async function lookUpFirstMembers(
  app: App,
  keys: readonly FirstMembersKey[],
  actor: Actor | undefined,
): Promise<(readonly Member[] | undefined)[]> {
  if (actor?.kind !== 'user' && actor?.kind !== 'backend') return keys.map(() => undefined)
  const limit = Math.max(...keys.map(({ size }) => size)) + 1
  const userId = actor.kind === 'user' ? actor.userId : undefined
  const channelIds = [...new Set(keys.map(({ channelId }) => channelId))]
  const found = Map.groupBy(await readFirstMembers(app.db, channelIds, userId, limit), ({ channelId }) => channelId)
  return keys.map(({ channelId, size }) => found.get(channelId)?.slice(0, size + 1))
}

/** What others have added to messages; null where that is nothing. */
export async function lookUpExtras(app: App, messages: readonly MessageKey[]): Promise<(MessageExtras | null)[]> {
  return readExtras(app.db, messages)
}

/** The messages that replies answer, with what was added to them, in their order; null where it is truncated. */
export async function lookUpParents(app: App, parents: readonly MessageKey[]): Promise<(Message | null)[]> {
  const found = await readParents(app.db, parents)
  return parents.map((key) => found.get(messageKey(key)) ?? null)
}

/** Pages of the replies to messages. */
export async function lookUpReplies(app: App, pages: readonly RepliesKey[]): Promise<Message[][]> {
  return readReplies(app.db, pages)
}

/** What these messages quote, in their order; deleted ones as their tombstones, null where it is truncated. */
export async function lookUpQuoted(app: App, messages: readonly Message[]): Promise<(Message | null)[]> {
  const quotes = messages.flatMap(({ channelId, quotedId }) => (quotedId == null ? [] : { channelId, quotedId }))
  const found = new Map((await readQuoted(app.db, quotes)).map((message) => [message.id, message]))
  return messages.map(({ quotedId }) => (quotedId == null ? null : (found.get(quotedId) ?? null)))
}
