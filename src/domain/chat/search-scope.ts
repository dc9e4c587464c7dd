import type { Actor } from '../../model/actor.ts'
import type { SearchKey } from '../../model/message-search.ts'
import type { Message, MessageKey } from '../../model/message.ts'
import { isSid, type ChannelId, type ServiceId } from '../../model/sid.ts'
import type { Db } from '../../store/engine/db.ts'
import {
  readSearchedChannels,
  readSearchedChannelsOfUser,
  readUnindexedMessages,
  type SearchedChannel,
} from '../../store/message-search.ts'
import { readIndexAt } from '../../store/message.ts'
import { requireMembership } from '../access/authority.ts'
import type { App } from '../app.ts'
import { assertText } from '../validation.ts'
import { findMessage } from './message.ts'

/** What is not indexed yet and is looked at all the same: channels, messages and bytes. */
const maxRestChannels = 200
const maxRestMessages = 2000
const maxRestBytes = 4 * 1024 * 1024
/** Where is searched: in the replies to one message, in some channels, or in all of a service. */
export interface Scope {
  readonly thread: MessageKey | undefined
  readonly serviceId: ServiceId
  readonly channels: readonly SearchedChannel[] | undefined
  /** Of these some messages may not be indexed yet. */
  readonly behind: readonly SearchedChannel[]
}

export async function readScope(
  app: App,
  actor: Actor,
  { id: serviceId, language }: { readonly id: ServiceId; readonly language: string },
  channelIds: readonly string[] | undefined,
  parentId: string | undefined,
): Promise<Scope> {
  const thread = parentId === undefined ? undefined : await findParent(app, actor, parentId)
  const names = channelIds ?? (thread && [thread.channelId])
  const read = (ids: readonly ChannelId[]) => readSearchedChannels(app.db, serviceId, language, ids)
  if (actor.kind !== 'user' && !names) {
    const behind = await read(app.unindexed.first(maxRestChannels))
    return { serviceId, thread, channels: undefined, behind: behind.filter(isBehind) }
  }
  const sids = (names ?? []).filter((name) => isSid('CH', name))
  const own =
    actor.kind === 'user' ? await readSearchedChannelsOfUser(app.db, actor.userId, language) : await read(sids)
  const picked = names ? await pick(app, actor, own, names, read) : own
  const channels = thread ? picked.filter(({ id }) => id === thread.channelId) : picked
  const behind = channels.filter(isBehind)
  for (const { id } of behind) app.unindexed.add(id)
  return { serviceId, thread, channels, behind }
}

async function findParent(app: App, actor: Actor, id: string): Promise<MessageKey> {
  assertText('a message', id, undefined, 'filter.parentId')
  const { channelId, index } = (await findMessage(app, actor, id)).message
  return { channelId, index }
}

const isBehind = ({ lastSeq, indexedSeq }: SearchedChannel): boolean => lastSeq > indexedSeq

/** The channels that are named, each by SID or unique name. Throws where one does not exist for the caller, or is not its own. */
async function pick(
  app: App,
  actor: Actor,
  own: readonly SearchedChannel[],
  names: readonly string[],
  read: (ids: readonly ChannelId[]) => Promise<SearchedChannel[]>,
): Promise<SearchedChannel[]> {
  const known = new Map<string, SearchedChannel>(own.map((channel) => [channel.id, channel]))
  const picked = new Map<ChannelId, SearchedChannel>()
  for (const name of new Set(names)) {
    let channel = known.get(name)
    if (!channel) {
      const { id } = (await requireMembership(app, actor, name, 'cached')).channel
      channel = known.get(id) ?? (await read([id]))[0]
    }
    if (channel) picked.set(channel.id, channel)
  }
  return [...picked.values()]
}

export const newestFirst = (channels: readonly SearchedChannel[]): SearchedChannel[] =>
  channels.toSorted((one, other) => (other.lastMessageAt?.getTime() ?? 0) - (one.lastMessageAt?.getTime() ?? 0))

/** The messages that are not indexed yet, the newest of them. */
export async function readRest(db: Db, { behind }: Scope): Promise<Message[]> {
  const channels = newestFirst(behind).slice(0, maxRestChannels)
  const size = Math.max(10, Math.floor(maxRestMessages / Math.max(1, channels.length)))
  return readUnindexedMessages(db, channels, size, maxRestBytes)
}

/** As an exclusive end: everything from before a moment. In a thread it is an index, so that what is newer is not walked through. */
export async function startBefore(db: Db, to: Date, { thread }: Scope): Promise<SearchKey> {
  const createdAt = to.getTime()
  if (!thread) return { createdAt, channelId: `CH${'0'.repeat(32)}` as ChannelId, index: -1 }
  return { createdAt, channelId: thread.channelId, index: await readIndexAt(db, thread.channelId, to) }
}
