import { OwnReactionsDocument } from '../graphql/generated/documents.ts'
import { ChannelHandle, type SendOptions } from '../handles/channel.ts'
import type { HandleContext } from '../handles/context.ts'
import { MessageList } from '../handles/message-list.ts'
import type { MessageHandle } from '../handles/message.ts'
import type { Change } from '../store/change.ts'
import { changingItems, reactingItems, rowOf, type MessageRow } from '../store/rows.ts'
import type { Message } from '../store/state.ts'
import { Following, type ViewerThread } from './thread-following.ts'
import { Quotes } from './thread-quotes.ts'
import { ThreadReplies } from './thread-replies.ts'
import type { Module } from './types.ts'

export type { ViewerThread }

/** The message that is replied to, by its channel and index: a message, a row’s message, or what an address says. */
export type ThreadParent = Pick<Message, 'channelId' | 'index'>

export interface ThreadSnapshot {
  /** The message that is replied to, as a list shows it; null while it is not known. */
  readonly parent: MessageRow | null
  /** Whether it is certain that there is no such message. */
  readonly isMissing: boolean
  /** Whether the user follows the replies, and what it has read; undefined while that is not known. */
  readonly following: ViewerThread | undefined
}

export interface FollowedSnapshot {
  /** Those that the user follows, that with the newest reply first. The same list until something of it changes. */
  readonly threads: readonly ViewerThread[]
  /** Whether there are more, which `loadMore` reads. */
  readonly hasMore: boolean
  readonly isLoaded: boolean
  /** How many of all that are known have unread replies. */
  readonly unreadCount: number
}

/** A list of the threads that the user follows. */
export interface FollowedList {
  /** Calls back after each change of the snapshot. Returns the function that ends it. */
  readonly subscribe: (listener: () => void) => () => void
  readonly getSnapshot: () => FollowedSnapshot
  /** Reads the next page. */
  loadMore(): Promise<void>
}

/** Threads that are remembered while nobody shows them. */
const maxIdle = 20
/** So long more is waited for before reactions are asked for, in milliseconds. */
const gathering = 50
const maxAsked = 100

/** The replies to a message. */
export class Thread {
  /** A window on the replies, for a list that is scrolled, with what waits in the outbox. */
  readonly replies: MessageList
  readonly #context: HandleContext
  readonly #state: ThreadReplies
  readonly #following: Following
  #snapshot: ThreadSnapshot = { parent: null, isMissing: false, following: undefined }

  constructor(context: HandleContext, state: ThreadReplies, following: Following) {
    this.#context = context
    this.#state = state
    this.#following = following
    this.replies = new MessageList(context, state.source)
  }

  /** SID of the channel. */
  get channelId(): string {
    return this.#state.channelId
  }
  /** Index of the message that is replied to. */
  get parentIndex(): number {
    return this.#state.parentIndex
  }

  /** Calls back after each change of the snapshot. Returns the function that ends it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    const stops = [this.#state.subscribe(listener), this.#following.subscribe(listener)]
    return () => stops.forEach((stop) => stop())
  }

  /** What is known now: the same object until something of it changes. */
  readonly getSnapshot = (): ThreadSnapshot => {
    const { channelId, parentIndex, parent: message, isMissing } = this.#state
    const state = this.#state.state()
    const { pending = [], membership } = state ?? {}
    const parent =
      message && membership ? rowOf(message, changingItems(pending), membership.identity, reactingItems(pending)) : null
    const following = this.#following.find(channelId, parentIndex)
    const before = this.#snapshot
    const isSame = before.parent === parent && before.isMissing === isMissing && before.following === following
    return isSame ? before : (this.#snapshot = { parent, isMissing, following })
  }

  /** Sends a reply, as `channel.sendMessage` does. Rejects with NOT_FOUND while the message is not known. */
  async sendMessage(body: string, options?: Omit<SendOptions, 'parentId'>): Promise<MessageHandle> {
    const { id: parentId } = await this.#parent()
    return new ChannelHandle(this.#context, this.channelId).sendMessage(body, { ...options, parentId })
  }

  /** Follows the replies, or follows them no longer: until the user’s own next reply. */
  async follow(isFollowed = true): Promise<void> {
    await this.#following.follow((await this.#parent()).id, isFollowed)
  }

  /** Reads what the user has of the thread, where that is not known. */
  async load(): Promise<void> {
    const { id } = await this.#parent()
    await this.#following.ask(this.channelId, this.parentIndex, id)
  }

  /** Marks as read the replies up to this index, on all devices. Of a thread that the user does not follow nothing is kept. */
  async markRead(throughIndex: number): Promise<void> {
    const known = this.#following.find(this.channelId, this.parentIndex)
    if (known && (!known.isFollowed || throughIndex <= (known.lastReadIndex ?? -1))) return
    await this.#following.markRead((await this.#parent()).id, throughIndex)
  }

  async #parent(): Promise<Message> {
    return this.#state.parent ?? this.#state.readParent()
  }
}

/** Threads and quotes of the user’s channels. */
export class Threads {
  readonly #context: HandleContext
  readonly #following: Following
  readonly #quotes: Quotes
  /** Those that were asked for last come last. */
  readonly #known = new Map<string, { readonly state: ThreadReplies; readonly thread: Thread }>()
  readonly #stale = new Set<string>()

  constructor(context: HandleContext) {
    this.#context = context
    context.store.watch((changes) => this.#apply(changes))
    this.#following = new Following(context)
    this.#quotes = new Quotes(context)
  }

  /** The thread of a message; the same object for as long as anybody shows it. */
  of({ channelId, index }: ThreadParent): Thread {
    const key = `${channelId} ${index}`
    const known = this.#known.get(key) ?? this.#open(channelId, index)
    this.#known.delete(key)
    this.#known.set(key, known)
    this.#forgetIdle()
    return known.thread
  }

  /** The threads that the user follows and that had a reply in the last 90 days; with `unread` only those with unread replies. */
  followed({ unread = false }: { readonly unread?: boolean } = {}): FollowedList {
    const following = this.#following
    let made:
      | { readonly of: Following['threads']; readonly hasMore: boolean; readonly snapshot: FollowedSnapshot }
      | undefined
    return {
      subscribe: following.subscribe,
      getSnapshot: () => {
        const { threads: of, hasMore, isLoaded } = following
        if (made?.of === of && made.hasMore === hasMore && made.snapshot.isLoaded === isLoaded) return made.snapshot
        const all = followedOf(of.values())
        const unreadOnes = all.filter(({ unreadCount }) => unreadCount)
        const snapshot = { threads: unread ? unreadOnes : all, hasMore, isLoaded, unreadCount: unreadOnes.length }
        made = { of, hasMore, snapshot }
        return snapshot
      },
      loadMore: () => following.more(),
    }
  }

  /**
   * What a message quotes, as it is now: with `deletedAt` and no text when it was deleted, null when it is gone, and undefined while it is not known: then
   * it is asked for. `subscribe` says when that changes.
   */
  quoted(row: Pick<MessageRow, 'message' | 'item'>, channelId: string): Message | null | undefined {
    const { message, item } = row
    const id = message?.quote?.messageId ?? (item?.action.kind === 'send' ? item.action.quotedMessageId : undefined)
    return id === undefined ? null : this.#quotes.find(channelId, id, message?.id ?? null)
  }

  /** A message that is to be quoted, by its SID, as `quoted` says it. */
  message(channelId: string, messageId: string): Message | null | undefined {
    return this.#quotes.find(channelId, messageId, null)
  }

  /** Calls back when what quotes show may have changed. Returns the function that ends it. */
  readonly subscribe = (listener: () => void): (() => void) => this.#quotes.subscribe(listener)

  #open(channelId: string, index: number): { readonly state: ThreadReplies; readonly thread: Thread } {
    const state = new ThreadReplies(this.#context, channelId, index)
    return { state, thread: new Thread(this.#context, state, this.#following) }
  }

  #forgetIdle(): void {
    let surplus = this.#known.size - maxIdle
    for (const [key, { state }] of this.#known) {
      if (surplus <= 0) return
      surplus -= 1
      if (!state.isUsed) this.#known.delete(key)
    }
  }

  #apply(changes: readonly Change[]): void {
    for (const { state } of this.#known.values()) state.apply(changes)
    const hasReactions = changes.some(({ kind }) => kind === 'reply' || kind === 'reactions' || kind === 'connection')
    if (hasReactions) this.#readReactions()
  }

  /** Streams do not say what the user itself has: where it is not known it is read (S12). */
  #readReactions(): void {
    if (this.#context.store.getSnapshot().connection.status !== 'live') return
    const used = [...this.#known.values()].filter(({ state }) => state.isUsed)
    const stale = used.flatMap(({ state }) => state.state()?.messages.filter(({ isOwnStale }) => isOwnStale) ?? [])
    const isWaiting = this.#stale.size > 0
    for (const { id } of stale) this.#stale.add(id)
    if (isWaiting || stale.length === 0) return
    this.#context.env.clock.after(gathering, () => {
      const ids = [...this.#stale].slice(0, maxAsked)
      this.#context.host
        .request(OwnReactionsDocument, { ids })
        .then(({ nodes }) => {
          const read = (nodes ?? []).flatMap((node): Change[] => {
            if (node?.__typename !== 'Message') return []
            const { channelId, index, revision: at, reactions } = node
            return [{ kind: 'reactions', channelId, index, at, reactions }]
          })
          this.#context.host.apply(read)
        })
        .catch((error: unknown) => this.#context.log.write('debug', 'reactions to replies were not read', error))
        .finally(() => this.#stale.clear())
    })
  }
}

/** The newest reply first; threads that have none any more are left out, as the server does. */
function followedOf(threads: Iterable<ViewerThread>): readonly ViewerThread[] {
  const at = ({ parent }: ViewerThread): number => Date.parse(parent?.lastReplyAt ?? '')
  return [...threads]
    .filter(({ isFollowed, parent }) => isFollowed && parent?.lastReplyAt)
    .toSorted((one, other) => at(other) - at(one) || other.parentIndex - one.parentIndex)
}

/** Threads and quotes: `createClient({ modules: [threads()] }).threads`. */
export function threads(): Module<'threads', Threads> {
  return { name: 'threads', create: (context) => new Threads(context) }
}
