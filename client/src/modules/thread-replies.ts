import { cursorAt } from '../cursor.ts'
import { ChatError } from '../errors.ts'
import { RepliesDocument } from '../graphql/generated/documents.ts'
import type { HandleContext } from '../handles/context.ts'
import { mendText } from '../handles/mend-text.ts'
import type { MessageSource } from '../handles/message-list.ts'
import { readMessages, type PageBounds } from '../handles/read-messages.ts'
import { Listeners } from '../listeners.ts'
import { applyToChannel, type ChannelChange } from '../store/apply-to-channel.ts'
import type { Change } from '../store/change.ts'
import { heardOfChannel } from '../store/heard.ts'
import { mergeAddition, mergeMessages, placeOf } from '../store/messages.ts'
import type { ChannelState, Message } from '../store/state.ts'
import { messagePageChanges } from '../sync/page-changes.ts'

/** The replies as if they were a channel of their own: what slides over a channel slides over them. */
type Replies = ChannelState & { readonly parentId: string }

/** The replies to one message: made of the changes of their channel, in the memory of this tab. */
export class ThreadReplies {
  readonly channelId: string
  readonly parentIndex: number
  readonly #context: HandleContext
  readonly #listeners = new Listeners()
  #replies: Replies | undefined
  /** The message that is replied to, once it is known: a list of one. */
  #parent: readonly Message[] = []
  #isMissing = false

  constructor(context: HandleContext, channelId: string, parentIndex: number) {
    this.#context = context
    this.channelId = channelId
    this.parentIndex = parentIndex
  }

  /** Whether anybody listens. */
  get isUsed(): boolean {
    return this.#listeners.size > 0
  }

  /** The message that is replied to: of two readings the newer; undefined while it is not known. */
  get parent(): Message | undefined {
    const { messages = [] } = this.#channel() ?? {}
    const known = messages[placeOf(messages, this.parentIndex)]
    if (known?.index === this.parentIndex) this.#parent = mergeMessages(this.#parent, [known])
    return this.#parent[0]
  }

  /** Whether it is certain that there is no such message. */
  get isMissing(): boolean {
    return this.#isMissing
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    const ends = [this.#context.store.subscribe(listener), this.#listeners.add(listener)]
    return () => ends.forEach((end) => end())
  }

  /** What is known of the replies; undefined while nothing is known of their channel. The same object until something of it changes. */
  readonly state = (): Replies | undefined => {
    const known = this.#channel()
    if (!known) return undefined
    const now = this.#replies ?? this.#begin(known)
    const { pending, membership, members } = known
    const parentId = this.parent?.id ?? ''
    const isSame =
      now.pending === pending && now.membership === membership && now.members === members && now.parentId === parentId
    return (this.#replies = isSame ? now : { ...now, pending, membership, members, parentId })
  }

  /** Of a list. */
  get source(): MessageSource {
    return {
      state: this.state,
      subscribe: this.subscribe,
      read: (bounds) => this.read(bounds),
      // Replies are not kept on the device.
      readKept: async () => {},
      keep: () => {},
      release: () => {},
    }
  }

  /** Takes in what has happened. */
  apply(changes: readonly Change[]): void {
    const before = this.#replies
    const parent = this.#parent
    for (const change of changes) {
      if (change.kind === 'channelGone' && change.channelId === this.channelId) this.#forget()
      else if (change.kind === 'joined' && change.channel.id === this.channelId) this.#rejoined(change.membership.id)
      else if ('channelId' in change && change.channelId === this.channelId) this.#take(change as ChannelChange)
    }
    if (this.#replies !== before || this.#parent !== parent) this.#listeners.notify()
  }

  /** Reads a page of the replies. */
  async read({ variables, before = null, after = null }: PageBounds): Promise<void> {
    const parent = this.parent ?? (await this.readParent())
    const { around, ...page } = variables
    if (!around) return this.#readPage(parent.id, { variables: page, before, after })
    // There is no page around a reply: what is before it, and it with what comes after.
    const [size, index] = [variables.first ?? 50, around.index!]
    const half = Math.ceil(size / 2)
    await Promise.all([
      this.#readPage(parent.id, { variables: { last: half, before: cursorAt(parent.cursor, index) }, before: index }),
      this.#readPage(parent.id, {
        variables: { first: half, after: cursorAt(parent.cursor, index - 1) },
        after: index - 1,
      }),
    ])
  }

  #channel(): ChannelState | undefined {
    return this.#context.store.getSnapshot().channels.get(this.channelId)
  }

  #begin(known: ChannelState): Replies {
    const { channel } = known
    return {
      ...known,
      parentId: '',
      channel: { ...channel, firstIndex: Math.max(channel.firstIndex, this.parentIndex + 1) },
      messages: known.messages.filter((message) => this.#isReply(message)),
      intervals: [],
      typing: [],
      // What is unread of a thread the server counts apart from its channel.
      unreadCount: null,
      counted: { ...known.counted, count: null },
    }
  }

  readonly #isReply = ({ parentIndex }: Message): boolean => parentIndex === this.parentIndex

  #take(change: ChannelChange): void {
    const { channelId, parentIndex } = this
    const replies = this.#replies
    if (change.kind === 'messages') {
      const { event } = change
      const parent = change.messages.filter(({ index }) => index === parentIndex)
      this.#parent = mergeMessages(this.#parent, parent)
      const messages = change.messages.filter(this.#isReply)
      if (messages.length > 0)
        this.#put({ kind: 'messages', channelId, messages, covered: event ? change.covered : null })
    } else if (change.kind === 'reply') {
      const { message, event } = change
      const covered = event?.name === 'messageAdded' ? ([message.index, message.index] as const) : null
      if (this.#isReply(message)) this.#put({ kind: 'messages', channelId, messages: [message], covered })
    } else if (change.kind === 'appended') {
      this.#parent = mergeAddition(this.#parent, change)
      this.#put(change)
      const heard = replies && heardOfChannel(change, replies, this.#replies!)
      for (const one of heard ?? []) {
        if (one.name === 'textTorn') void mendText(this.#context, one.message, () => this.#replies?.messages ?? [])
      }
    } else if (change.kind === 'reactions' || change.kind === 'thread') {
      this.#parent = mergeAddition(this.#parent, change)
      this.#put(change)
    } else if (change.kind === 'messageRemoved') {
      const { index, revision, left } = change
      if (index === parentIndex && left) this.#parent = mergeMessages(this.#parent, [left])
      this.#put({ kind: 'messageRemoved', channelId, index, revision, isSilent: true })
    } else if (change.kind === 'truncated' || change.kind === 'channel') {
      const firstIndex = change.kind === 'channel' ? change.channel.firstIndex : change.firstIndex
      if (firstIndex > parentIndex) this.#isMissing = true
      if (replies && firstIndex > replies.channel.firstIndex) this.#put({ kind: 'truncated', channelId, firstIndex })
    } else if (change.kind === 'position' || change.kind === 'started' || change.kind === 'reset') {
      this.#put(change)
    }
  }

  #put(change: ChannelChange): void {
    if (this.#replies) this.#replies = applyToChannel(this.#replies, change) as Replies
  }

  #rejoined(membershipId: string): void {
    // Who leaves and joins again is a new member: what it may see begins anew.
    if (this.#replies && this.#replies.membership.id !== membershipId) this.#forget()
  }

  #forget(): void {
    this.#replies = undefined
    this.#parent = []
  }

  /** Reads the message that is replied to, where only its place is known, as of an address. Rejects with NOT_FOUND. */
  async readParent(): Promise<Message> {
    const { channelId, parentIndex } = this
    const channel = await readMessages(this.#context, channelId, {
      variables: { first: 1, around: { index: parentIndex } },
    })
    const found = channel?.messages.nodes.find(({ index }) => index === parentIndex)
    if (found) this.#parent = mergeMessages(this.#parent, [found])
    this.#isMissing = !found
    this.#listeners.notify()
    if (!found) throw new ChatError('NOT_FOUND', `no message ${parentIndex} in channel ${channelId}`)
    return found
  }

  async #readPage(id: string, { variables, before = null, after = null }: PageBounds): Promise<void> {
    const { host } = this.#context
    const { channelId } = this
    const head = this.state()?.head ?? -1
    const { message } = await host.request(RepliesDocument, { id, ...variables })
    const state = this.state()
    if (!message || !state) {
      this.#isMissing ||= !message
      return this.#listeners.notify()
    }
    const { replies: messages, ...parent } = message
    this.#parent = mergeMessages(this.#parent, [parent])
    const { firstIndex } = state.channel
    for (const change of messagePageChanges({ channelId, before, after, head }, { firstIndex, messages }))
      this.#put(change)
    this.#listeners.notify()
  }
}
