import {
  FollowedThreadsDocument,
  FollowThreadDocument,
  MarkThreadReadDocument,
  ThreadDocument,
  ThreadEventsDocument,
  UnfollowThreadDocument,
} from '../graphql/generated/documents.ts'
import type { ThreadEventsSubscription, ThreadFieldsFragment } from '../graphql/generated/types.ts'
import type { HandleContext } from '../handles/context.ts'
import { Listeners } from '../listeners.ts'
import type { Change, ThreadChange } from '../store/change.ts'
import { mergeAddition, mergeMessages } from '../store/messages.ts'
import type { Message } from '../store/state.ts'
import { ThreadCounting, type ReplyNews } from './thread-counting.ts'

/** The replies to a message as they are for the user. */
export interface ViewerThread extends Omit<ThreadFieldsFragment, 'parent'> {
  /** With the counts of now; null when it is truncated. */
  readonly parent: Message | null
}

/** Threads of a page. */
const pageSize = 25
/** Threads that are remembered: those of others, too, so that a busy one is asked for once. Beyond these the oldest go that the user does not follow. */
const maxThreads = 1000

const keyOf = (channelId: string, index: number): string => `${channelId} ${index}`

/** What the user follows and has read of threads: what was read, and what the stream says since. */
export class Following {
  readonly #context: HandleContext
  readonly #listeners = new Listeners()
  #threads: ReadonlyMap<string, ViewerThread> = new Map()
  /** Threads that were asked for. */
  readonly #asked = new Set<string>()
  /** Where the next page begins; null after the last, undefined before the first. */
  #cursor: string | null | undefined
  #reading = 0
  readonly #counting = new ThreadCounting()
  #early: ThreadEventsSubscription['viewerEvents'][] | undefined

  constructor(context: HandleContext) {
    this.#context = context
    context.store.watch((changes) => this.#apply(changes))
    context.host.subscribe(ThreadEventsDocument, {}, ({ viewerEvents }) => this.#receive(viewerEvents))
  }

  readonly subscribe = this.#listeners.add

  /** By channel and index of the parent; the same map until something of it changes. */
  get threads(): ReadonlyMap<string, ViewerThread> {
    return this.#threads
  }

  get isLoaded(): boolean {
    return this.#cursor !== undefined
  }

  /** Whether there are followed threads that were not read. */
  get hasMore(): boolean {
    return this.#cursor != null
  }

  find(channelId: string, parentIndex: number): ViewerThread | undefined {
    return this.#threads.get(keyOf(channelId, parentIndex))
  }

  async more(): Promise<void> {
    if (this.#cursor == null) return
    const after = this.#cursor
    const page = await this.#page({ after })
    // Another connection has begun anew.
    if (this.#cursor !== after) return
    this.#cursor = page.cursor
    this.#put(page.threads)
  }

  async follow(parentId: string, isFollowed: boolean): Promise<ViewerThread> {
    const { host } = this.#context
    const variables = { input: { parentId } }
    const { thread } = isFollowed
      ? (await host.request(FollowThreadDocument, variables)).followThread!
      : (await host.request(UnfollowThreadDocument, variables)).unfollowThread!
    this.#answered(thread)
    return thread
  }

  async markRead(parentId: string, throughIndex: number): Promise<void> {
    const input = { parentId, throughIndex }
    const { markThreadRead } = await this.#context.host.request(MarkThreadReadDocument, { input })
    this.#answered(markThreadRead!.thread)
  }

  /** Reads what the user has of a thread, unless it is known. */
  async ask(channelId: string, parentIndex: number, parentId: string, isForced = false): Promise<void> {
    const key = keyOf(channelId, parentIndex)
    if (!isForced && (this.#threads.has(key) || this.#asked.has(key))) return
    this.#asked.add(key)
    if (this.#asked.size > maxThreads) this.#asked.delete(this.#asked.values().next().value!)
    try {
      const { viewer } = await this.#context.host.request(ThreadDocument, { parentId })
      if (viewer?.thread) this.#answered(viewer.thread)
    } catch (error) {
      this.#asked.delete(key)
      this.#context.log.write('debug', 'a thread was not read', error)
    }
  }

  /** What the user has asked for stands above a list that was read meanwhile. */
  #answered(thread: ThreadFieldsFragment): void {
    this.#put([thread])
    this.#early?.push({ __typename: 'ViewerThreadUpdated', cursor: '', thread })
  }

  #receive(event: ThreadEventsSubscription['viewerEvents']): void {
    if (event.__typename === 'Ready' || event.__typename === 'ViewerGap') void this.#readAll()
    else if (this.#early) this.#early.push(event)
    else this.#take(event)
  }

  #take(event: ThreadEventsSubscription['viewerEvents']): void {
    if (event.__typename === 'ViewerThreadUpdated') this.#put([event.thread])
    else if (event.__typename === 'ViewerChannelLeft') this.#leave(event.channelId)
  }

  /** At each connection, since what happened between two is not heard. */
  async #readAll(): Promise<void> {
    const turn = ++this.#reading
    this.#early = []
    try {
      // Those with unread replies count beyond the first page.
      const [all, unread] = await Promise.all([this.#page({}), this.#page({ filter: { unread: true } })])
      if (turn !== this.#reading) return
      this.#asked.clear()
      this.#cursor = all.cursor
      const known = this.#threads
      this.#threads = new Map()
      this.#put([...unread.threads, ...all.threads], known)
    } catch (error) {
      // The next connection reads again.
      this.#context.log.write('warn', 'followed threads were not read', error)
    }
    if (turn !== this.#reading) return
    const early = this.#early
    this.#early = undefined
    for (const event of early) this.#take(event)
  }

  async #page(variables: {
    readonly after?: string
    readonly filter?: { readonly unread: boolean }
  }): Promise<{ readonly threads: readonly ThreadFieldsFragment[]; readonly cursor: string | null }> {
    const { viewer } = await this.#context.host.request(FollowedThreadsDocument, { first: pageSize, ...variables })
    const { nodes = [], pageInfo } = viewer?.threads ?? {}
    return { threads: nodes, cursor: pageInfo?.hasNextPage ? pageInfo.endCursor : null }
  }

  #put(threads: readonly ThreadFieldsFragment[], known = this.#threads): void {
    const all = new Map(this.#threads)
    for (const thread of threads) {
      const key = keyOf(thread.channelId, thread.parentIndex)
      const before = known.get(key)?.parent
      const parent = before && thread.parent ? mergeMessages([before], [thread.parent])[0]! : thread.parent
      const read = this.#threads.get(key)?.lastReadIndex ?? -1
      // What is read never grows less: it was read before what is known.
      if ((thread.lastReadIndex ?? -1) < read) continue
      all.set(key, this.#counting.complete(key, { ...thread, parent }))
    }
    let surplus = all.size - maxThreads
    for (const [key, { isFollowed }] of all) {
      if (surplus <= 0) break
      if (isFollowed) continue
      all.delete(key)
      this.#asked.delete(key)
      surplus -= 1
    }
    this.#set(all)
  }

  #set(threads: ReadonlyMap<string, ViewerThread>): void {
    this.#threads = threads
    this.#listeners.notify()
  }

  #leave(channelId: string): void {
    const left = new Map([...this.#threads].filter(([, thread]) => thread.channelId !== channelId))
    for (const key of this.#threads.keys()) if (!left.has(key)) this.#counting.forget(key)
    if (left.size < this.#threads.size) this.#set(left)
  }

  #apply(changes: readonly Change[]): void {
    let now: Map<string, ViewerThread> | undefined
    const change = (key: string, toNext: (known: ViewerThread) => ViewerThread): void => {
      const known = (now ?? this.#threads).get(key)
      const next = known && toNext(known)
      if (next !== known) (now ??= new Map(this.#threads)).set(key, next!)
    }
    const count = (key: string, news: ReplyNews): void => {
      const known = (now ?? this.#threads).get(key)
      const next = this.#counting.hear(key, news, known)
      if (next && next !== known) (now ??= new Map(this.#threads)).set(key, next)
    }
    const withParent = (
      thread: ViewerThread,
      toParent: (known: readonly Message[]) => readonly Message[],
    ): ViewerThread => {
      if (!thread.parent) return thread
      const parent = toParent([thread.parent])[0]!
      return parent === thread.parent ? thread : { ...thread, parent }
    }
    let led: (ThreadChange & { readonly isNews: boolean }) | undefined
    for (const each of changes) {
      if (each.kind === 'channelGone') {
        if (now) this.#set(now)
        now = undefined
        this.#leave(each.channelId)
      } else if (each.kind === 'thread') {
        const key = keyOf(each.channelId, each.index)
        const before = (now ?? this.#threads).get(key)?.parent
        change(key, (thread) => withParent(thread, (parent) => mergeAddition(parent, each)))
        // What was counted when the thread was read is no news.
        const isNews = before == null || before !== (now ?? this.#threads).get(key)?.parent
        led = { ...each, isNews }
        continue
      } else if (each.kind === 'reply' || each.kind === 'messages') {
        const messages = each.kind === 'reply' ? [each.message] : each.messages
        if (each.kind === 'messages')
          for (const message of messages)
            change(keyOf(message.channelId, message.index), (thread) =>
              withParent(thread, (one) => mergeMessages(one, [message])),
            )
        const [message] = messages
        if (each.kind === 'reply' && each.event?.name === 'messageFinished' && message?.parentIndex != null) {
          const isFollowed = (now ?? this.#threads).get(keyOf(message.channelId, message.parentIndex))?.isFollowed
          if (isFollowed) this.#context.notify(message)
        }
        if (led && each.event?.name === 'messageAdded' && message) {
          const { parent, channelId, index } = led
          const key = keyOf(channelId, index)
          count(key, toNews(message, this.#self(channelId)))
          if (led.isNews) this.#heardOf(message, parent, (now ?? this.#threads).get(key))
        }
      } else if (each.kind === 'messageRemoved' && led) {
        const news = { ...toNews(each, this.#self(each.channelId)), removedAt: each.revision }
        count(keyOf(led.channelId, led.index), news)
      }
      led = undefined
    }
    if (now) this.#set(now)
  }

  #self(channelId: string): string | undefined {
    return this.#context.store.getSnapshot().channels.get(channelId)?.membership.identity
  }

  /** A reply has come: its thread may be one that the user follows and the client does not know, or does so from here on. */
  #heardOf(reply: Message, parent: ThreadChange['parent'], thread: ViewerThread | undefined): void {
    const { channelId, authorIdentity, isShownInChannel } = reply
    const self = this.#self(channelId)
    const isOwn = authorIdentity === self
    const mayFollow = isOwn || this.hasMore || parent.authorIdentity === self || isNamed(reply, self)
    if (thread?.isFollowed) {
      if (!isOwn && !isShownInChannel) this.#context.notify(reply)
    } else if (thread ? isOwn || isNamed(reply, self) : mayFollow) {
      void this.ask(channelId, parent.index, parent.id, true).then(() => {
        const isNew = this.find(channelId, parent.index)?.isFollowed
        if (isNew && !isOwn && !isShownInChannel) this.#context.notify(reply)
      })
    }
  }
}

/** Whether a message names the user. */
const isNamed = ({ mentions }: Message, self: string | undefined): boolean =>
  self !== undefined && mentions?.identities.includes(self) === true

const toNews = (
  { index, authorIdentity, isSilent }: Pick<Message, 'index'> & Partial<Pick<Message, 'authorIdentity' | 'isSilent'>>,
  self: string | undefined,
): ReplyNews => ({ index, isOwn: self !== undefined && authorIdentity === self, isSilent: isSilent === true })
