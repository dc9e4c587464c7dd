import DataLoader from 'dataloader'
import type { App } from '../../domain/app.ts'
import {
  lookUpChannels,
  lookUpExtras,
  lookUpFirstMembers,
  lookUpJoinedChannelsCounts,
  lookUpLastMessages,
  lookUpParents,
  lookUpParticipants,
  lookUpQuoted,
  lookUpReplies,
  lookUpRoles,
  lookUpUsers,
  type FirstMembersKey,
} from '../../domain/chat/batch-reads.ts'
import { lookUpPreferences } from '../../domain/chat/channel-preferences.ts'
import { lookUpMentionCounts } from '../../domain/chat/mention.ts'
import { lookUpOwnReactions, lookUpReactions } from '../../domain/chat/reaction.ts'
import { lookUpFirstUnread, lookUpHorizons, lookUpUnreadCounts } from '../../domain/chat/read-horizon.ts'
import { lookUpReceipts } from '../../domain/chat/receipt.ts'
import { lookUpThreadCounts } from '../../domain/chat/thread-follow.ts'
import { lookUpPresence } from '../../domain/chat/user-presence.ts'
import { lookUpQueueHeads } from '../../domain/webhooks/webhook-delivery.ts'
import type { Actor } from '../../model/actor.ts'
import type { Member } from '../../model/member.ts'
import type { MessageExtras, MessageKey } from '../../model/message.ts'
import type { ChannelId } from '../../model/sid.ts'
import type { FollowedThread } from '../../model/thread.ts'
import type { User } from '../../model/user.ts'
import type { ReactionPage } from '../../store/reaction.ts'
import { messageKey, type RepliesKey } from '../../store/thread.ts'
import type { AuthorKey } from '../../store/user.ts'

type Batch<Key, Value> = (app: App, keys: readonly Key[]) => Promise<(Value | undefined)[]>

/** A property that makes its loader when it is first read: most operations need one or none. */
function lazily<Key, Value>(app: App, batch: Batch<Key, Value>, cacheKeyFn?: (key: Key) => string) {
  let loader: DataLoader<Key, Value | undefined, string | Key> | undefined
  return (): DataLoader<Key, Value | undefined, string | Key> =>
    (loader ??= new DataLoader((keys) => batch(app, keys), cacheKeyFn && { cacheKeyFn }))
}

const byId = ({ id }: Member): string => id

type ReactedKey = MessageKey & Pick<MessageExtras, 'reactionsSeq'>

const authorKey = (key: AuthorKey): string => key.channelId + key.identity

/** One set per operation, and per event in a subscription: what is read twice is read once, and nothing outlives it. */
export class Loaders {
  readonly channel
  readonly user
  readonly role
  readonly participant
  readonly horizon
  readonly unreadCount
  readonly firstUnread
  readonly mentionCount
  readonly preferences
  readonly joinedChannelsCount
  readonly presence
  readonly lastMessage
  readonly receipts
  readonly firstMembers
  readonly extras
  readonly reactions
  readonly ownReactions
  readonly parent
  readonly replies
  readonly quoted
  readonly threadCount
  readonly queueHead
  /**
   * By channel, the newest message that a count knows of. The last message that is shown beside a count is no newer: a client adds to the count
   * what comes after that message.
   */
  readonly #through = new Map<ChannelId, number>()
  #counting: Promise<unknown> | undefined

  constructor(app: App, actor: Actor | undefined) {
    this.channel = lazily(app, lookUpChannels)
    this.user = lazily(app, lookUpUsers)
    this.role = lazily(app, lookUpRoles)
    this.participant = lazily(app, lookUpParticipants, authorKey)
    this.horizon = lazily(app, (_app, members: readonly Member[]) => lookUpHorizons(app, members, actor))
    this.unreadCount = lazily(app, (_app, members: readonly Member[]) => this.#count(app, members, actor), byId)
    this.firstUnread = lazily(app, (_app, members: readonly Member[]) => lookUpFirstUnread(app, members, actor), byId)
    this.mentionCount = lazily(
      app,
      (_app, members: readonly Member[]) => lookUpMentionCounts(app, members, actor),
      byId,
    )
    this.preferences = lazily(app, (_app, members: readonly Member[]) => lookUpPreferences(app, members, actor), byId)
    this.joinedChannelsCount = lazily(app, lookUpJoinedChannelsCounts)
    // By the row: what a mutation has changed is seen by what comes after it.
    this.presence = lazily(app, (_app, users: readonly User[]) => lookUpPresence(app, users, actor))
    this.receipts = lazily(app, lookUpReceipts)
    this.extras = lazily(app, lookUpExtras, messageKey)
    this.reactions = lazily(app, lookUpReactions, (page: ReactionPage) => JSON.stringify(page))
    // By their last change: what a mutation has changed is seen by what comes after it.
    this.ownReactions = lazily(
      app,
      (_app, messages: readonly ReactedKey[]) => lookUpOwnReactions(app, messages, actor),
      (key) => `${messageKey(key)} ${key.reactionsSeq}`,
    )
    this.parent = lazily(app, lookUpParents, messageKey)
    this.replies = lazily(app, lookUpReplies, (page: RepliesKey) => JSON.stringify(page))
    this.quoted = lazily(app, lookUpQuoted)
    this.threadCount = lazily(app, (_app, threads: readonly FollowedThread[]) =>
      lookUpThreadCounts(app, threads, actor),
    )
    this.queueHead = lazily(app, lookUpQueueHeads)
    this.lastMessage = lazily(app, async (_app, ids: readonly ChannelId[]) => {
      await this.#counting
      return lookUpLastMessages(app, ids, actor, this.#through)
    })
    this.firstMembers = lazily(
      app,
      (_app, keys: readonly FirstMembersKey[]) => lookUpFirstMembers(app, keys, actor),
      ({ channelId, size }) => `${channelId}${size}`,
    )
  }

  async #count(app: App, members: readonly Member[], actor: Actor | undefined): Promise<(number | null)[]> {
    const reading = lookUpUnreadCounts(app, members, actor)
    // The count's own reader is told when it fails.
    const counted = reading.then((counts) => {
      for (const count of counts) if (count) this.#through.set(count.channelId, count.through)
    })
    this.#counting = Promise.allSettled([this.#counting, counted])
    return (await reading).map((count) => count && count.unread)
  }
}
