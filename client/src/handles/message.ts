import type { RequestOptions } from '../graphql/document.ts'
import { MarkUnreadDocument, ReactionUsersDocument } from '../graphql/generated/documents.ts'
import type { ReactionGroup } from '../store/reacted.ts'
import { spellReaction } from '../store/spell-reaction.ts'
import type { Mentions, Message, User } from '../store/state.ts'
import type { HandleContext } from './context.ts'

/** What an edit changes; what is left out stays. */
export interface MessageChange {
  readonly body?: string
  /** Replaces all previous attributes; at most 4 KiB as JSON. */
  readonly attributes?: unknown
  /** Whom the message names from now on, in place of whom it named. */
  readonly mentions?: Mentions | undefined
}

export interface EditOptions {
  /**
   * The `version` that the user has seen. Where the message has another one when the edit reaches the server, it rejects with CONFLICT, with the
   * `currentVersion`, and the edit stays in the outbox as failed. An edit that waits behind another one of the same version has seen what that makes.
   */
  readonly expectedVersion?: number | undefined
}

/** Puts an edit into the outbox, and resolves with the message as it is then. */
export async function updateMessage(
  { host }: HandleContext,
  channelId: string,
  messageId: string,
  change: string | MessageChange,
  { expectedVersion }: EditOptions = {},
): Promise<Message> {
  const { body, attributes, mentions }: MessageChange = typeof change === 'string' ? { body: change } : change
  const { id } = await host.enqueue(channelId, {
    kind: 'edit',
    messageId,
    ...(body !== undefined && { body }),
    ...(attributes !== undefined && { attributes }),
    ...(mentions && { mentions }),
    ...(expectedVersion !== undefined && { expectedVersion }),
  })
  return (await host.outcome(id)) as Message
}

/** Puts a deletion into the outbox, and resolves once the server has done it. */
export async function deleteMessage({ host }: HandleContext, channelId: string, messageId: string): Promise<void> {
  const { id } = await host.enqueue(channelId, { kind: 'delete', messageId })
  await host.outcome(id)
}

/** Puts a reaction of the user, or its taking back, into the outbox, and resolves once the server has it. */
export async function react(
  { host }: HandleContext,
  channelId: string,
  messageId: string,
  reaction: string,
  isAdded: boolean,
): Promise<void> {
  const spelled = spellReaction(reaction)
  const { id } = await host.enqueue(channelId, { kind: 'react', messageId, reaction: spelled, isAdded })
  await host.outcome(id)
}

/** Somebody who has reacted to a message. */
export interface Reactor {
  readonly identity: string
  /** Null for the backend, and for users that were deleted. */
  readonly user: User | null
}

/** Reads who has reacted to a message: the first of each reaction, in the order in which they did. */
export async function readReactors(
  { host }: HandleContext,
  messageId: string,
  count: number,
  options?: RequestOptions,
): Promise<ReadonlyMap<string, readonly Reactor[]>> {
  const { message } = await host.request(ReactionUsersDocument, { messageId, first: count }, options)
  return new Map(message?.reactions.map(({ reaction, users }) => [reaction, users.nodes]))
}

/** A message as it was when it was read or heard of, and what one does with it. */
export class MessageHandle {
  readonly #context: HandleContext
  /** The message as it came. */
  readonly message: Message

  constructor(context: HandleContext, message: Message) {
    this.#context = context
    this.message = message
  }

  /** SID of the message. */
  get id(): string {
    return this.message.id
  }
  /** SID of its channel. */
  get channelId(): string {
    return this.message.channelId
  }
  /** Its number in the channel, counted from 0. */
  get index(): number {
    return this.message.index
  }
  get body(): string {
    return this.message.body
  }
  get attributes(): Message['attributes'] {
    return this.message.attributes
  }
  /** Identity of the author; `system` is the backend. */
  get author(): string {
    return this.message.authorIdentity
  }
  /** Null for the backend, and for users that were deleted. */
  get user(): User | null {
    return this.message.author
  }
  get createdAt(): Date {
    return new Date(this.message.createdAt)
  }
  get wasEdited(): boolean {
    return this.message.wasEdited
  }
  /** 1 as it was sent; each edit makes one more. */
  get version(): number {
    return this.message.version
  }
  /** The state of a text that is written while it is read; null of a message that was sent as a whole. */
  get streamState(): Message['streamState'] {
    return this.message.streamState
  }
  get isPinned(): boolean {
    return this.message.pinnedAt !== null
  }
  /** Whom it names. */
  get mentions(): Mentions {
    return this.message.mentions ?? {}
  }
  /** Identities that this send or edit was to name, and that are no members of the channel. */
  get droppedMentions(): readonly string[] {
    return this.message.droppedMentions ?? []
  }
  /** In the order of their first use. */
  get reactions(): readonly ReactionGroup[] {
    return this.message.reactions ?? []
  }

  /** Adds a reaction: an emoji or a name, of at most 64 bytes. Waits in the outbox like a send; adding it twice is the same as once. */
  addReaction(reaction: string): Promise<void> {
    return react(this.#context, this.channelId, this.id, reaction, true)
  }

  /** Takes the user’s reaction away. Waits in the outbox like a send. */
  removeReaction(reaction: string): Promise<void> {
    return react(this.#context, this.channelId, this.id, reaction, false)
  }

  /** Who has reacted, by reaction: the first of each up to `count`, of at most 100, in the order in which they did. */
  getReactors(count = 25, options?: RequestOptions): Promise<ReadonlyMap<string, readonly Reactor[]>> {
    return readReactors(this.#context, this.id, count, options)
  }

  /** Changes the text, or the text and the attributes. Waits in the outbox like a send; resolves with the message as it is then. */
  async update(change: string | MessageChange, options?: EditOptions): Promise<MessageHandle> {
    return new MessageHandle(
      this.#context,
      await updateMessage(this.#context, this.channelId, this.id, change, options),
    )
  }

  /** Deletes the message for all. Waits in the outbox like a send. */
  delete(): Promise<void> {
    return deleteMessage(this.#context, this.channelId, this.id)
  }

  /** Makes this message and all after it unread for the user, on all devices. */
  async markUnread(options?: RequestOptions): Promise<void> {
    await this.#context.host.request(MarkUnreadDocument, { input: { messageId: this.id } }, options)
  }
}
