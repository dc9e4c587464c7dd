import type { RequestOptions } from '../graphql/document.ts'
import { MarkUnreadDocument } from '../graphql/generated/documents.ts'
import type { Message, User } from '../store/state.ts'
import type { HandleContext } from './context.ts'

/** What an edit changes; what is left out stays. */
export interface MessageChange {
  readonly body?: string
  /** Replaces all previous attributes; at most 4 KiB as JSON. */
  readonly attributes?: unknown
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

  get id(): string {
    return this.message.id
  }
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

  /** Changes the text, or the text and the attributes. Waits in the outbox like a send; resolves with the message as it is then. */
  async update(change: string | MessageChange): Promise<MessageHandle> {
    const { body, attributes } = typeof change === 'string' ? { body: change } : change
    const { host } = this.#context
    const { id } = await host.enqueue(this.channelId, {
      kind: 'edit',
      messageId: this.id,
      ...(body !== undefined && { body }),
      ...(attributes !== undefined && { attributes }),
    })
    return new MessageHandle(this.#context, (await host.outcome(id)) as Message)
  }

  /** Deletes the message for all. Waits in the outbox like a send. */
  async delete(): Promise<void> {
    const { id } = await this.#context.host.enqueue(this.channelId, { kind: 'delete', messageId: this.id })
    await this.#context.host.outcome(id)
  }

  /** Makes this message and all after it unread for the user, on all devices. */
  async markUnread(options?: RequestOptions): Promise<void> {
    await this.#context.host.request(MarkUnreadDocument, { input: { messageId: this.id } }, options)
  }
}
