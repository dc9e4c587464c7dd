import { MentionsDocument } from '../graphql/generated/documents.ts'
import type { HandleContext } from '../handles/context.ts'
import { Listeners } from '../listeners.ts'
import type { Change } from '../store/change.ts'
import { isMentioned } from '../store/mentioned.ts'
import type { Message } from '../store/state.ts'
import type { UnreadMentions } from './mention-counts.ts'

const pageSize = 25

export interface MentionsSnapshot {
  /** The newest first, of all channels. The same list until something of it changes. */
  readonly messages: readonly Message[]
  /** Whether there are more, which `loadMore` reads. */
  readonly hasMore: boolean
  /** Whether it was read: before, only what has come since is there. */
  readonly isLoaded: boolean
}

const keyOf = ({ channelId, index }: Pick<Message, 'channelId' | 'index'>): string => `${channelId} ${index}`

/** As the server has them: by time, and where that is the same by the message. */
const newestFirst = (one: Message, other: Message): number =>
  Date.parse(other.createdAt) - Date.parse(one.createdAt) ||
  (one.channelId < other.channelId ? 1 : one.channelId > other.channelId ? -1 : other.index - one.index)

/** The messages that name the user, or those of them that it has not read. */
export class MentionList {
  readonly #context: HandleContext
  readonly #unread: UnreadMentions
  readonly #isUnread: boolean
  readonly #listeners = new Listeners()
  /** What was read and has come, by `keyOf`; null of what was removed while a page is on its way. */
  #known: ReadonlyMap<string, Message | null> = new Map()
  #cursor: string | null | undefined
  #snapshot: MentionsSnapshot = { messages: [], hasMore: false, isLoaded: false }
  #readings = 0
  #underWay = 0
  #loading: Promise<void> | undefined

  constructor(context: HandleContext, unread: UnreadMentions, isUnread: boolean) {
    this.#context = context
    this.#unread = unread
    this.#isUnread = isUnread
  }

  /** Calls back after each change of the snapshot. The list is read by the first who subscribes, and again after each interruption. */
  readonly subscribe = (listener: () => void): (() => void) => {
    if (this.#listeners.size === 0) void this.#read(null)
    return this.#listeners.add(listener)
  }

  readonly getSnapshot = (): MentionsSnapshot => this.#snapshot

  /** Reads the next 25. */
  async loadMore(): Promise<void> {
    if (this.#cursor == null) return
    this.#loading ??= this.#read(this.#cursor).finally(() => (this.#loading = undefined))
    return this.#loading
  }

  /** After the state has the changes. */
  apply(changes: readonly Change[]): void {
    if (this.#listeners.size === 0 && !this.#snapshot.isLoaded) return
    const known = new Map(this.#known)
    for (const change of changes) {
      if (change.kind === 'messages') {
        for (const message of change.messages) this.#put(known, message, change.event !== undefined)
      } else if (change.kind === 'reply') this.#put(known, change.message, change.event !== undefined)
      else if (change.kind === 'messageRemoved') this.#remove(known, keyOf(change))
      else if (change.kind === 'channelGone') {
        for (const [key, message] of known) if (message?.channelId === change.channelId) known.delete(key)
      } else if (change.kind === 'reset' || (change.kind === 'connection' && change.connection.status === 'live')) {
        if (this.#listeners.size > 0) void this.#read(null)
      }
    }
    this.#show(known)
  }

  /** A newer reading of what is known, or something that has come. */
  #put(known: Map<string, Message | null>, message: Message, isEvent: boolean): void {
    const key = keyOf(message)
    const before = known.get(key)
    if (before === null || (before && before.revision >= message.revision)) return
    const self = this.#context.store.getSnapshot().session?.identity
    const isNamed = self !== undefined && isMentioned(message, self)
    if (before && !isNamed) this.#remove(known, key)
    else if (before || (isNamed && isEvent && this.#isWithin(message))) known.set(key, message)
  }

  /** A page that is on its way may still have it. */
  #remove(known: Map<string, Message | null>, key: string): void {
    if (this.#underWay > 0) known.set(key, null)
    else known.delete(key)
  }

  /** Whether it stands where the list was read; what is older comes with the next page. */
  #isWithin(message: Message): boolean {
    const last = this.#snapshot.messages.at(-1)
    return this.#cursor == null || (last !== undefined && newestFirst(message, last) < 0)
  }

  async #read(after: string | null): Promise<void> {
    const { host, log } = this.#context
    const reading = ++this.#readings
    // What is read anew takes the place of what was known, but for what comes meanwhile.
    const replaced = new Set(after === null ? this.#known.values() : [])
    this.#underWay += 1
    try {
      const variables = { first: pageSize, after, filter: { unread: this.#isUnread } }
      const { viewer } = await host.request(MentionsDocument, variables)
      if (reading !== this.#readings) return
      const { nodes, pageInfo } = viewer!.mentions!
      const known = new Map([...this.#known].filter(([, message]) => message === null || !replaced.has(message)))
      for (const message of nodes) {
        const before = known.get(keyOf(message))
        if (before === undefined || (before && before.revision < message.revision)) known.set(keyOf(message), message)
      }
      this.#cursor = pageInfo.hasNextPage ? pageInfo.endCursor : null
      this.#show(known, true)
    } catch (error) {
      // Without a connection, as a rule: it is read once there is one.
      log.write('debug', 'mentions were not read', error)
    } finally {
      this.#underWay -= 1
      if (this.#underWay === 0) this.#known = new Map([...this.#known].filter(([, message]) => message))
    }
  }

  #show(known: ReadonlyMap<string, Message | null>, isLoaded = this.#snapshot.isLoaded): void {
    const { channels } = this.#context.store.getSnapshot()
    this.#known = known
    const messages = [...known.values()]
      .filter((message) => message !== null)
      .filter(({ channelId, index }) => index >= (channels.get(channelId)?.channel.firstIndex ?? 0))
      .filter((message) => !this.#isUnread || this.#unread.has(message))
      .toSorted(newestFirst)
    const before = this.#snapshot
    const hasMore = this.#cursor != null
    const isSame =
      messages.length === before.messages.length && messages.every((one, place) => one === before.messages[place])
    if (isSame && hasMore === before.hasMore && isLoaded === before.isLoaded) return
    this.#snapshot = { messages: isSame ? before.messages : messages, hasMore, isLoaded }
    this.#listeners.notify()
  }
}
