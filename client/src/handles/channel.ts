import {
  CreateInviteDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  MarkReadDocument,
  MembersDocument,
  MessagesDocument,
  StartTypingDocument,
} from '../graphql/generated/documents.ts'
import type { MessagesQueryVariables } from '../graphql/generated/types.ts'
import type { ChannelState, Member, Message } from '../store/state.ts'
import { messagePageChanges } from '../sync/page-changes.ts'
import type { HandleContext } from './context.ts'
import { MessageList } from './message-list.ts'

export interface SendOptions {
  /** Data of the application, at most 4 KiB as JSON. */
  readonly attributes?: unknown
}

/** A page of a channel's history, oldest message first. */
export interface Page {
  readonly items: readonly Message[]
  readonly hasPrev: boolean
  readonly hasNext: boolean
  /** The page of older messages. */
  prev(): Promise<Page>
  /** The page of newer messages. */
  next(): Promise<Page>
}

/** What one does with a channel. It keeps no state: `state` is what is known now. */
export class ChannelHandle {
  readonly id: string
  readonly #context: HandleContext

  constructor(context: HandleContext, id: string) {
    this.#context = context
    this.id = id
  }

  /** Undefined once the user has left the channel. */
  get state(): ChannelState | undefined {
    return this.#context.store.getSnapshot().channels.get(this.id)
  }

  /** A window on the messages, for a list. */
  messageList(): MessageList {
    return new MessageList(this.#context, this.id)
  }

  /**
   * Sends a message. It stands in the outbox first, and survives a reload. Resolves with the message once the server has it; rejects when the
   * server refuses it.
   */
  async sendMessage(body: string, { attributes }: SendOptions = {}): Promise<Message> {
    const { env, host } = this.#context
    const clientMessageId = env.createId()
    const action = { kind: 'send', clientMessageId, body, ...(attributes === undefined ? {} : { attributes }) } as const
    const { id } = await host.enqueue(this.id, action)
    return (await host.outcome(id)) as Message
  }

  async updateMessage(messageId: string, body: string): Promise<Message> {
    const { id } = await this.#context.host.enqueue(this.id, { kind: 'edit', messageId, body })
    return (await this.#context.host.outcome(id)) as Message
  }

  async deleteMessage(messageId: string): Promise<void> {
    const { id } = await this.#context.host.enqueue(this.id, { kind: 'delete', messageId })
    await this.#context.host.outcome(id)
  }

  /** The newest messages, at most 100. */
  getMessages(count = 25): Promise<Page> {
    return this.#page({ last: count }, count, { before: null, after: null })
  }

  /** Tells the others that the user types; again while it goes on. */
  async typing(): Promise<void> {
    await this.#context.host.request(StartTypingDocument, { input: { channelId: this.id } })
  }

  /** Marks as read everything up to this message. The horizon never goes back. */
  async advanceLastReadIndex(index: number): Promise<void> {
    await this.#context.host.request(MarkReadDocument, { input: { channelId: this.id, throughIndex: index } })
    this.#context.host.apply([{ kind: 'read', channelId: this.id, index }])
  }

  /** The first members in the order in which they joined, at most 100. */
  async getMembers(count = 100): Promise<readonly Member[]> {
    const { channel } = await this.#context.host.request(MembersDocument, { channelId: this.id, first: count })
    const { nodes: members, totalCount } = channel!.members
    this.#context.host.apply([{ kind: 'members', channelId: this.id, members, totalCount }])
    return members
  }

  /** Invites a user, who must exist. */
  async invite(identity: string): Promise<void> {
    await this.#context.host.request(CreateInviteDocument, { input: { channelId: this.id, identity } })
  }

  async join(): Promise<void> {
    await this.#context.host.request(JoinChannelDocument, { input: { channelId: this.id } })
  }

  async leave(): Promise<void> {
    await this.#context.host.request(LeaveChannelDocument, { input: { channelId: this.id } })
  }

  async #page(
    variables: Omit<MessagesQueryVariables, 'channelId'>,
    count: number,
    bounds: { before: number | null; after: number | null },
  ): Promise<Page> {
    const { host } = this.#context
    const head = this.state?.position == null ? -1 : this.state.head
    const { channel } = await host.request(MessagesDocument, { channelId: this.id, ...variables })
    host.apply(messagePageChanges({ channelId: this.id, ...bounds, head }, channel!))
    const { nodes: items, pageInfo } = channel!.messages
    const first = items[0]
    const last = items.at(-1)
    return {
      items,
      hasPrev: pageInfo.hasPreviousPage,
      hasNext: pageInfo.hasNextPage,
      prev: () =>
        this.#page({ last: count, before: first?.cursor ?? variables.before ?? null }, count, {
          before: first?.index ?? bounds.before,
          after: null,
        }),
      next: () =>
        this.#page({ first: count, after: last?.cursor ?? variables.after ?? null }, count, {
          before: null,
          after: last?.index ?? bounds.after,
        }),
    }
  }
}
