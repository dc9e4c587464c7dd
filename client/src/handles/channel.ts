import type { Document, RequestOptions } from '../graphql/document.ts'
import {
  CreateInviteDocument,
  LeaveChannelDocument,
  MarkReadDocument,
  MembersDocument,
  StartTypingDocument,
  UpdateChannelDocument,
  UpdateChannelPreferencesDocument,
} from '../graphql/generated/documents.ts'
import type { UpdateChannelInput, UpdateChannelPreferencesInput } from '../graphql/generated/types.ts'
import { channelName } from '../store/channel-list.ts'
import type { ChannelState, Mentions, Message } from '../store/state.ts'
import type { ChannelEvents } from './channel-events.ts'
import { channelSource } from './channel-source.ts'
import type { HandleContext } from './context.ts'
import { join } from './join.ts'
import { MemberHandle } from './member.ts'
import { MessageList } from './message-list.ts'
import {
  deleteMessage,
  MessageHandle,
  react,
  readReactors,
  updateMessage,
  type EditOptions,
  type MessageChange,
  type Reactor,
} from './message.ts'
import { readPage, type Page } from './page.ts'

export interface SendOptions {
  /** Data of the application, at most 4 KiB as JSON. */
  readonly attributes?: unknown
  /** By which the server takes the message once; by default a new one. The draft that has it is gone with the message. */
  readonly clientMessageId?: string | undefined
  /** SID of a message of the channel to which this is a reply. It has to have been sent, and to be no reply itself. */
  readonly parentId?: string | undefined
  /** Whether the channel shows a reply among its messages. */
  readonly showInChannel?: boolean | undefined
  /** SID of a message of the channel that this one quotes. It has to have been sent. */
  readonly quotedMessageId?: string | undefined
  /** Whether the message counts for no unread and no notification. */
  readonly silent?: boolean | undefined
  /** Whom the message names; its text is not looked at. Who is no member of the channel is left out: `droppedMentions` of the answer. */
  readonly mentions?: Mentions | undefined
}

export interface TypingOptions extends RequestOptions {
  /** SID of the message to which the user writes a reply. */
  readonly parentId?: string | undefined
}

/** The server is asked again after this share of the time for which the others see the user typing. */
const typingShare = 0.5
/** Milliseconds until it is asked again when no answer comes. */
const typingPatience = 5000
/** The end of a mute that has none. */
const forEver = '9999-12-31T23:59:59Z'

/**
 * What one does with a channel. It keeps no state: `state` is what is known now. What asks the server takes a `signal` that gives it up, and rejects with a
 * ChatError: OFFLINE when there is no answer in time, CLOSED after the client was closed, and what the server refuses.
 */
export class ChannelHandle {
  /** SID of the channel. */
  readonly id: string
  readonly #context: HandleContext

  constructor(context: HandleContext, id: string) {
    this.#context = context
    this.id = id
  }

  /** Undefined where it is not known, and once the user has left the channel. The same object until something of it changes. */
  get state(): ChannelState | undefined {
    return this.#context.store.getSnapshot().channels.get(this.id)
  }

  /** What people call it: its friendly or unique name, and the names of the others of a direct channel. */
  get name(): string {
    return this.state ? channelName(this.state) : this.id
  }

  /** Messages of others that the user has not read; null where the service does not count them. */
  get unreadCount(): number | null {
    return this.state?.unreadCount ?? null
  }

  /** The members that are known; `getMembers` reads them. */
  get members(): readonly MemberHandle[] {
    return [...(this.state?.members.values() ?? [])].map((member) => this.#member(member.identity))
  }

  /** Who types now, without the user itself. */
  get typists(): readonly MemberHandle[] {
    return (this.state?.typing ?? []).map(({ identity }) => this.#member(identity))
  }

  /** Calls back for each event of this name. Returns the function that ends it. */
  on<Name extends keyof ChannelEvents>(name: Name, listener: (payload: ChannelEvents[Name]) => void): () => void {
    return this.#context.listen(this.id, name, listener)
  }

  /** Calls back after each change of `state`. Returns the function that ends it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    let known = this.state
    return this.#context.store.subscribe(() => {
      if (this.state === known) return
      known = this.state
      listener()
    })
  }

  /** A window on the messages, for a list. */
  messageList(): MessageList {
    return new MessageList(this.#context, channelSource(this.#context, this.id))
  }

  /**
   * Sends a message, of at most 32 KiB. It stands in the outbox first, and survives a reload. Resolves with the message once the server has it; rejects when
   * the server refuses it, with OUTBOX_FULL beyond 1,000 items, and with EXPIRED after 24 hours.
   */
  async sendMessage(body: string, options?: SendOptions): Promise<MessageHandle> {
    const { env, host } = this.#context
    const clientMessageId = options?.clientMessageId ?? env.createId()
    const { id } = await host.enqueue(this.id, { kind: 'send', body, ...options, clientMessageId })
    return this.#message((await host.outcome(id)) as Message)
  }

  /** Changes a message, by its SID, as `message.update` does. */
  async updateMessage(
    messageId: string,
    change: string | MessageChange,
    options?: EditOptions,
  ): Promise<MessageHandle> {
    return this.#message(await updateMessage(this.#context, this.id, messageId, change, options))
  }

  /** Deletes a message, by its SID, as `message.delete` does. */
  deleteMessage(messageId: string): Promise<void> {
    return deleteMessage(this.#context, this.id, messageId)
  }

  /** Adds a reaction to a message, by its SID, as `message.addReaction` does. */
  addReaction(messageId: string, reaction: string): Promise<void> {
    return react(this.#context, this.id, messageId, reaction, true)
  }

  /** Takes the user’s reaction to a message away, by its SID. */
  removeReaction(messageId: string, reaction: string): Promise<void> {
    return react(this.#context, this.id, messageId, reaction, false)
  }

  /** Who has reacted to a message, by its SID, as `message.getReactors` says. */
  getReactors(
    messageId: string,
    count = 25,
    options?: RequestOptions,
  ): Promise<ReadonlyMap<string, readonly Reactor[]>> {
    return readReactors(this.#context, messageId, count, options)
  }

  /** The newest messages, from 1 to 100, and the ways to older and newer ones. */
  getMessages(count = 25, options?: RequestOptions): Promise<Page> {
    return readPage(this.#context, this.id, count, { variables: { last: count } }, options)
  }

  /**
   * Shows the others that the user types, in the channel itself or a reply to the message with the SID `parentId`. Call it at each key: the server is asked only
   * as often as it needs to be.
   */
  async typing({ parentId, ...options }: TypingOptions = {}): Promise<void> {
    const { env, store, typingShownUntil } = this.#context
    const now = env.clock.now()
    const place = parentId ?? this.id
    if ((typingShownUntil.get(place) ?? 0) > now) return
    typingShownUntil.set(place, now + typingPatience)
    const { startTyping } = await this.#mutate(StartTypingDocument, { parentId }, options)
    const shown = Date.parse(startTyping!.expiresAt) - store.getSnapshot().clockAhead - now
    typingShownUntil.set(place, now + Math.max(0, shown * typingShare))
  }

  /** Marks as read everything up to this message. The horizon never goes back. */
  async advanceLastReadIndex(index: number, options?: RequestOptions): Promise<void> {
    await this.#mutate(MarkReadDocument, { throughIndex: index }, options)
    this.#context.host.apply([{ kind: 'read', channelId: this.id, index }])
  }

  /** Marks everything that is known to be there as read. */
  async setAllMessagesRead(options?: RequestOptions): Promise<void> {
    const { head, channel } = this.state ?? {}
    if (head !== undefined && head >= channel!.firstIndex) await this.advanceLastReadIndex(head, options)
  }

  /** All members up to `count`, of at most 100, in the order in which they joined. */
  async getMembers(count = 100, options?: RequestOptions): Promise<readonly MemberHandle[]> {
    const { host } = this.#context
    const readAt = this.state?.position
    const { channel } = await host.request(MembersDocument, { channelId: this.id, first: count }, options)
    if (!channel) return []
    const { nodes: members, totalCount } = channel.members
    host.apply([{ kind: 'members', channelId: this.id, members, totalCount, readAt }])
    return members.map((member) => new MemberHandle(this.id, member.identity, member))
  }

  /** Invites a user, who must exist. */
  async invite(identity: string, options?: RequestOptions): Promise<void> {
    await this.#mutate(CreateInviteDocument, { identity }, options)
  }

  /** Joins a public channel, or one to which the user is invited. */
  async join(options?: RequestOptions): Promise<void> {
    await join(this.#context, this.id, options)
  }

  /** Leaves the channel, which is then no longer listed, and forgets what is known of it. */
  async leave(options?: RequestOptions): Promise<void> {
    const { leaveChannel } = await this.#mutate(LeaveChannelDocument, {}, options)
    this.#context.host.apply([{ kind: 'channelGone', channelId: this.id, memberId: leaveChannel!.member.id }])
  }

  /** Changes names and attributes; what is left out stays. */
  async update(change: Omit<UpdateChannelInput, 'channelId'>, options?: RequestOptions): Promise<void> {
    const { updateChannel } = await this.#mutate(UpdateChannelDocument, change, options)
    this.#context.host.apply([{ kind: 'channel', channelId: this.id, channel: updateChannel!.channel }])
  }

  /** Changes what the user keeps about the channel for itself; what is left out stays. It shows when the server says it, on all devices. */
  async updatePreferences(
    change: Omit<UpdateChannelPreferencesInput, 'channelId'>,
    options?: RequestOptions,
  ): Promise<void> {
    await this.#mutate(UpdateChannelPreferencesDocument, change, options)
  }

  /** Pins the channel at this place among the pinned ones. */
  pin(order = 0, options?: RequestOptions): Promise<void> {
    return this.updatePreferences({ pinnedOrder: order }, options)
  }

  /** Takes the channel out of the pinned ones. */
  unpin(options?: RequestOptions): Promise<void> {
    return this.updatePreferences({ pinnedOrder: null }, options)
  }

  /** Until that time there are no notifications; by default for ever. */
  mute(until?: Date, options?: RequestOptions): Promise<void> {
    return this.updatePreferences({ muteEndsAt: until?.toISOString() ?? forEver }, options)
  }

  /** Ends the mute. */
  unmute(options?: RequestOptions): Promise<void> {
    return this.updatePreferences({ muteEndsAt: null }, options)
  }

  /** Takes the channel out of the list, until this is taken back with `archive(false)`. */
  archive(isArchived = true, options?: RequestOptions): Promise<void> {
    return this.updatePreferences({ isArchived }, options)
  }

  /** Takes the channel out of the list, until its next message. */
  hide(options?: RequestOptions): Promise<void> {
    return this.updatePreferences({ isHidden: true }, options)
  }

  #mutate<Result, Input extends { readonly channelId: string }>(
    document: Document<Result, { readonly input: Input }>,
    input: Omit<Input, 'channelId'>,
    options: RequestOptions | undefined,
  ): Promise<Result> {
    return this.#context.host.request(document, { input: { channelId: this.id, ...input } as Input }, options)
  }

  #message(message: Message): MessageHandle {
    return new MessageHandle(this.#context, message)
  }

  #member(identity: string): MemberHandle {
    return new MemberHandle(this.id, identity, this.state?.members.get(identity) ?? null)
  }
}
