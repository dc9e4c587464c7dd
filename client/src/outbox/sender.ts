import type { Env } from '../env/types.ts'
import { ChatError } from '../errors.ts'
import type { Change } from '../store/change.ts'
import type { OutboxAction, OutboxItem, State } from '../store/state.ts'
import { Holds } from './holds.ts'
import { edited, endOf, isFor, maxItems } from './item.ts'
import { perform, type Performed, type Request } from './perform.ts'
import type { OutboxQueue, Outcome } from './types.ts'
import { mayHaveArrived } from './verdict.ts'

export interface SenderOptions {
  readonly queue: OutboxQueue
  readonly env: Pick<Env, 'clock' | 'random'>
  readonly request: Request
  readonly getState: () => State
  readonly commit: (changes: readonly Change[]) => void
  /** What became of an item, whichever tab added it, after the state has it. Again when a failed item is tried again, or taken back. */
  readonly onOutcome: (id: number, outcome: Outcome) => void
  /** The device does not keep the outbox any longer. */
  readonly onNotKept: (error: unknown) => void
}

type Edit = Extract<OutboxAction, { readonly kind: 'edit' }>

/** Channels that send at the same time. */
const maxChannels = 4

/** Sends what is in the outbox: one item after the other in each channel, some channels side by side. The tab that leads has one. */
export class Sender {
  readonly #options: SenderOptions
  /** In the order of sending. */
  #items: readonly OutboxItem[] = []
  /** By channel, the item that is under way. */
  readonly #busy = new Map<string, number>()
  readonly #holds: Holds
  /** By the id of a send, the edits that went into it: they have its outcome. */
  readonly #within = new Map<number, number[]>()
  /** Items that have ended, which the queue may still show to a reading that was under way. */
  readonly #ended = new Set<number>()
  #adding = 0
  #isPaused = true
  #cancelExpiry: (() => void) | undefined

  constructor(options: SenderOptions) {
    this.#options = options
    this.#holds = new Holds({ env: options.env, onOver: () => this.#work() })
  }

  /** Reads what waits, of earlier visits and of other tabs. */
  async refresh(): Promise<void> {
    const known = new Set(this.#items.map(({ id }) => id))
    for (const item of await this.#options.queue.items()) {
      if (!known.has(item.id) && !this.#ended.has(item.id)) this.#take(item)
    }
    this.#show()
    this.#work()
  }

  /** Keeps an item, and resolves with it. Rejects with OUTBOX_FULL, and with UNAVAILABLE when the device fails. */
  async add(channelId: string, action: OutboxAction): Promise<OutboxItem> {
    // That it is tried is written with it, so that a fresh message waits for the disk once.
    const isNext = !this.#isPaused && this.#adding === 0 && !this.#isWaiting(channelId)
    this.#adding += 1
    try {
      const item = await this.#options.queue.add(channelId, action, isNext)
      this.#take(item)
      this.#show()
      this.#work()
      return item
    } catch (error) {
      if (error instanceof ChatError && error.code === 'UNAVAILABLE') this.#options.onNotKept(error)
      throw error
    } finally {
      this.#adding -= 1
    }
  }

  /** Tries a failed item again, in its old place. */
  async retry(id: number): Promise<void> {
    const item = this.#items.find((candidate) => candidate.id === id)
    if (item?.status !== 'failed') return
    const now = this.#options.env.clock.now()
    void this.#replace({ ...item, status: 'pending', error: null, createdAt: endOf(item) > now ? item.createdAt : now })
    this.#show()
    this.#work()
  }

  /** Takes an item back, and what waits for it. Rejects with CONFLICT while it is under way, since the server may have it. */
  async discard(id: number): Promise<void> {
    const item = this.#items.find((candidate) => candidate.id === id)
    if (!item) return
    if (this.#isBusy(item)) throw new ChatError('CONFLICT', 'the item is being sent')
    this.#takeBack(item)
    this.#show()
    this.#work()
  }

  /** Nothing more is sent until `resume`; what is under way ends by itself. */
  pause(): void {
    this.#isPaused = true
  }

  /** There is a connection. Channels that waited for one go on at once. */
  resume(): void {
    this.#isPaused = false
    this.#holds.connected()
    this.#work()
  }

  /** Ends it, with its timers. What waits stays in the queue. */
  close(): void {
    this.pause()
    this.#cancelExpiry?.()
    this.#holds.close()
  }

  #work(): void {
    if (this.#isPaused) return
    const seen = new Set<string>()
    for (const item of this.#items) {
      const { channelId, status } = item
      if (status === 'failed' || seen.has(channelId)) continue
      seen.add(channelId)
      if (this.#busy.has(channelId) || this.#holds.isHeld(channelId)) continue
      if (this.#busy.size >= maxChannels) return
      this.#busy.set(channelId, item.id)
      void this.#send(item)
    }
  }

  async #send(item: OutboxItem): Promise<void> {
    const { id, channelId } = item
    try {
      this.#show()
      if (endOf(item) <= this.#options.env.clock.now()) throw expired()
      if (!item.isTried) await this.#replace({ ...item, isTried: true })
      const performed = await perform(this.#options.request, item)
      this.#busy.delete(channelId)
      this.#succeed(item, performed)
    } catch (error) {
      this.#busy.delete(channelId)
      // One that signed out, or another tab, has removed it.
      if (this.#items.some((candidate) => candidate.id === id)) this.#fail(item, asChatError(error))
    }
    this.#work()
  }

  #succeed(item: OutboxItem, { payload, changes }: Performed): void {
    this.#holds.succeeded(item.channelId)
    const { action } = item
    for (const waiting of this.#items) {
      const next = waiting.action
      // What waits for this message knows its id now.
      if (next.kind !== 'send' && isFor(waiting, item)) {
        void this.#replace({ ...waiting, action: { ...next, messageId: payload!.id } })
      }
      // Who wrote the next edit of the same version has seen this one.
      if (waiting !== item && action.kind === 'edit' && next.kind === 'edit' && isSameVersion(action, next)) {
        void this.#replace({ ...waiting, action: { ...next, expectedVersion: payload!.version } })
      }
    }
    this.#remove(item)
    this.#show(changes)
    this.#report(item.id, { payload })
  }

  #fail(item: OutboxItem, error: ChatError): void {
    const { channelId, id } = item
    if (this.#holds.failed(channelId, error)) return this.#show()
    if (item.action.kind === 'pin' || item.action.kind === 'react') {
      this.#remove(item)
      this.#show()
      return this.#report(id, { error })
    }
    const present = this.#items.find((candidate) => candidate.id === id) ?? item
    const failed: OutboxItem = {
      ...present,
      isTried: mayHaveArrived(error),
      status: 'failed',
      error: { code: error.code, message: error.message },
    }
    void this.#replace(failed)
    // An edit that waited makes it another message, which is sent; a deletion has nothing left to do.
    for (const waiting of this.#items.filter((candidate) => isFor(candidate, failed))) {
      this.#items = this.#items.filter((candidate) => candidate !== waiting)
      this.#take(waiting)
    }
    this.#show()
    if (this.#items.find((candidate) => candidate.id === id)?.status === 'failed') this.#report(id, { error })
  }

  /** Puts an item in its place; an edit or deletion of a message that waits itself goes into that, unless the server may have it already. */
  #take(item: OutboxItem): void {
    const send = this.#items.find((candidate) => isFor(item, candidate))
    if (send && item.action.kind !== 'pin' && !this.#isBusy(send) && (send.status === 'failed' || !send.isTried)) {
      if (item.action.kind === 'delete') this.#takeBack(send)
      else {
        void this.#replace(edited(send, item))
        this.#within.set(send.id, [...(this.#within.get(send.id) ?? []), item.id])
      }
      this.#remove(item)
      if (item.action.kind === 'delete') this.#report(item.id, { payload: undefined })
      return
    }
    const named = send ? item : this.#named(item)
    this.#items = [...this.#items, named].toSorted((one, other) => one.id - other.id)
    if (named !== item) void this.#replace(named)
  }

  /** The item with the id of the message, where that was sent before the item came. */
  #named(item: OutboxItem): OutboxItem {
    const { channelId, action } = item
    if (action.kind === 'send') return item
    const messages = this.#options.getState().channels.get(channelId)?.messages
    const message = messages?.findLast(({ clientMessageId }) => clientMessageId === action.messageId)
    return message ? { ...item, action: { ...action, messageId: message.id } } : item
  }

  #takeBack(item: OutboxItem): void {
    const all = [item, ...this.#items.filter((candidate) => isFor(candidate, item))]
    for (const each of all) {
      this.#remove(each)
      this.#report(each.id, { error: new ChatError('CLOSED', 'the item was taken back') })
    }
  }

  #remove(item: OutboxItem): void {
    this.#items = this.#items.filter(({ id }) => id !== item.id)
    this.#ended.add(item.id)
    if (this.#ended.size > maxItems) this.#ended.delete(this.#ended.values().next().value!)
    this.#options.queue.remove(item.id).catch(this.#options.onNotKept)
  }

  #replace(item: OutboxItem): Promise<void> {
    this.#items = this.#items.map((candidate) => (candidate.id === item.id ? item : candidate))
    return this.#options.queue.update(item).catch(this.#options.onNotKept)
  }

  #report(id: number, outcome: Outcome): void {
    const within = this.#within.get(id) ?? []
    this.#within.delete(id)
    for (const each of [id, ...within]) this.#options.onOutcome(each, outcome)
  }

  #isBusy({ channelId, id }: OutboxItem): boolean {
    return this.#busy.get(channelId) === id
  }

  #isWaiting(channelId: string): boolean {
    return (
      this.#busy.size >= maxChannels ||
      this.#items.some((item) => item.channelId === channelId && item.status !== 'failed')
    )
  }

  #show(others: readonly Change[] = []): void {
    const items = this.#items.map((item) => (this.#isBusy(item) ? { ...item, status: 'sending' as const } : item))
    this.#options.commit([...others, { kind: 'outbox', items }])
    this.#watchAge()
  }

  /** Ends what has waited for too long: also where nothing is sent, since somebody may wait for the outcome. */
  #watchAge(): void {
    const { clock } = this.#options.env
    this.#cancelExpiry?.()
    const waiting = this.#items.filter((item) => item.status !== 'failed' && !this.#isBusy(item))
    if (waiting.length === 0) return
    const wait = Math.min(...waiting.map(endOf)) - clock.now()
    this.#cancelExpiry = clock.after(Math.max(wait, 0), () => {
      const now = clock.now()
      for (const item of waiting) {
        if (endOf(item) <= now && this.#items.includes(item) && !this.#isBusy(item)) {
          this.#fail(item, expired())
        }
      }
      this.#work()
    })
  }
}

const isSameVersion = (one: Edit, other: Edit): boolean =>
  one.messageId === other.messageId &&
  one.expectedVersion !== undefined &&
  one.expectedVersion === other.expectedVersion

const expired = (): ChatError => new ChatError('EXPIRED', 'it waited in the outbox for more than 24 hours')

const asChatError = (error: unknown): ChatError =>
  error instanceof ChatError ? error : new ChatError('UNAVAILABLE', 'it could not be sent', { cause: error })
