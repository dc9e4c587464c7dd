import type { Env } from '../env/types.ts'
import { ChatError } from '../errors.ts'
import type { Document } from '../graphql/document.ts'
import { DeleteMessageDocument, SendMessageDocument, UpdateMessageDocument } from '../graphql/generated/documents.ts'
import type { Change } from '../store/change.ts'
import type { OutboxAction, OutboxItem } from '../store/state.ts'
import type { OutboxQueue, Outcome } from './types.ts'

export interface SenderOptions {
  readonly queue: OutboxQueue
  readonly env: Env
  readonly request: <Result, Variables>(document: Document<Result, Variables>, variables: Variables) => Promise<Result>
  readonly commit: (changes: readonly Change[]) => void
  /** What became of an item, whichever tab added it; once, after the state has it. */
  readonly onOutcome: (id: number, outcome: Outcome) => void
}

/** Sends what is in the outbox, one item after the other in each channel. */
export class Sender {
  readonly #options: SenderOptions
  readonly #busy = new Set<string>()
  #items: readonly OutboxItem[] = []
  #isPaused = true

  constructor(options: SenderOptions) {
    this.#options = options
  }

  async load(): Promise<void> {
    this.#show(await this.#options.queue.items())
  }

  async add(channelId: string, action: OutboxAction): Promise<OutboxItem> {
    const item = await this.#options.queue.add(channelId, action)
    this.#show([...this.#items, item])
    this.#work()
    return item
  }

  /** Another tab has added an item. */
  async refresh(): Promise<void> {
    await this.load()
    this.#work()
  }

  async retry(id: number): Promise<void> {
    await this.#change(id, { status: 'pending', error: null })
    this.#work()
  }

  async discard(id: number): Promise<void> {
    await this.#finish(id)
    this.#options.onOutcome(id, { error: new ChatError('CLOSED', 'the item was taken back') })
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#work()
  }

  #show(items: readonly OutboxItem[], others: readonly Change[] = []): void {
    this.#items = items
    this.#options.commit([...others, { kind: 'outbox', items }])
  }

  async #change(id: number, change: Partial<OutboxItem>): Promise<void> {
    const items = this.#items.map((item) => (item.id === id ? { ...item, ...change } : item))
    const item = items.find((candidate) => candidate.id === id)
    if (item) await this.#options.queue.update(item)
    this.#show(items)
  }

  async #finish(id: number, others: readonly Change[] = []): Promise<void> {
    await this.#options.queue.remove(id)
    this.#show(
      this.#items.filter((item) => item.id !== id),
      others,
    )
  }

  #work(): void {
    if (this.#isPaused) return
    for (const item of this.#items) {
      if (item.status === 'failed' || this.#busy.has(item.channelId)) continue
      this.#busy.add(item.channelId)
      void this.#send(item).finally(() => {
        this.#busy.delete(item.channelId)
        this.#work()
      })
    }
  }

  async #send(item: OutboxItem): Promise<void> {
    try {
      const { payload, changes } = await this.#perform(item)
      await this.#finish(item.id, changes)
      this.#options.onOutcome(item.id, { payload })
    } catch (error) {
      if (!(error instanceof ChatError) || !isFinal(error)) {
        this.#isPaused = true
        return
      }
      await this.#change(item.id, { status: 'failed', error: { code: error.code, message: error.message } })
      this.#options.onOutcome(item.id, { error })
    }
  }

  async #perform({ channelId, action }: OutboxItem): Promise<{ payload: unknown; changes: Change[] }> {
    const { request } = this.#options
    if (action.kind === 'send') {
      const { clientMessageId, body, attributes } = action
      const { sendMessage } = await request(SendMessageDocument, {
        input: { channelId, clientMessageId, body, ...(attributes === undefined ? {} : { attributes }) },
      })
      const { message } = sendMessage!
      return { payload: message, changes: [{ kind: 'messages', channelId, messages: [message], covered: null }] }
    }
    if (action.kind === 'edit') {
      const { messageId, body, attributes } = action
      const input = {
        messageId,
        ...(body === undefined ? {} : { body }),
        ...(attributes === undefined ? {} : { attributes }),
      }
      const { updateMessage } = await request(UpdateMessageDocument, { input })
      const { message } = updateMessage!
      return { payload: message, changes: [{ kind: 'messages', channelId, messages: [message], covered: null }] }
    }
    const { deleteMessage } = await request(DeleteMessageDocument, { input: { messageId: action.messageId } })
    const { index, revision } = deleteMessage!.message
    return { payload: undefined, changes: [{ kind: 'messageRemoved', channelId, index, revision }] }
  }
}

const passing = new Set(['OFFLINE', 'UNAVAILABLE', 'RATE_LIMITED', 'UNAUTHENTICATED'])

/** Whether the same would fail again. */
const isFinal = ({ code }: ChatError): boolean => !passing.has(code)
