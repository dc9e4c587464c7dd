import type { Change } from '../store/change.ts'
import type { OutboxItem } from '../store/state.ts'
import type { Store } from '../store/store.ts'
import type { Outcomes } from './outcomes.ts'
import type { Message, ToFollowers } from './protocol.ts'
import { goneChanges, reload } from './reload.ts'
import type { Kept } from './types.ts'

export interface FollowerOptions {
  readonly store: Store
  readonly kept: Kept
  readonly outcomes: Outcomes
  readonly post: (message: Message) => void
  /** A leader that this tab did not know can serve. */
  readonly onLeader: () => void
  /** This tab has all that the leader has. */
  readonly onLevel: () => void
  /** The copy cannot be read. */
  readonly onFailed: (error: unknown) => void
}

type MessageOf<Kind> = Extract<ToFollowers, { readonly kind: Kind }>

/** Batches that may wait while the copy is read; beyond, it is read again. */
const maxHeld = 1000
/** Batches before the answer to `hello`; beyond, it or the question is taken for lost. */
const maxUnanswered = 10

/** What a tab does that does not lead: it shows what the leader says. */
export class Follower {
  readonly #options: FollowerOptions
  /** What this tab added and the leader has not listed yet. */
  readonly #own = new Map<number, OutboxItem>()
  #listed: readonly OutboxItem[] = []
  #term = 0
  #number = 0
  /** What arrived while the copy is read; undefined when nothing is missing. */
  #held: MessageOf<'batch'>[] | undefined = []
  #isReading = false
  #isEnded = false

  constructor(options: FollowerOptions) {
    this.#options = options
  }

  get term(): number {
    return this.#term
  }

  /** Shows what is kept, before anybody has answered. */
  async start(): Promise<void> {
    const { kept, store, post } = this.#options
    post({ kind: 'hello' })
    const changes = await this.#read()
    const items = changes && (await kept.queue.items().catch(() => undefined))
    if (!items || this.#isEnded || !this.#held) return
    store.apply([...reload(store.getSnapshot(), changes), this.#list({ items })])
  }

  stop(): void {
    this.#isEnded = true
  }

  receive(message: ToFollowers): void {
    if (message.kind === 'leads') this.#leads(message)
    else if (message.kind === 'welcome') void this.#welcome(message)
    else if (message.kind === 'batch') this.#batch(message)
    else if (message.kind === 'gone') this.#gone(message.ids)
  }

  /** This tab has put something into the outbox. */
  added(item: OutboxItem): void {
    const { store, post, outcomes } = this.#options
    post({ kind: 'added', ids: [item.id] })
    if (outcomes.isSettled(item.id)) return
    this.#own.set(item.id, item)
    store.apply([this.#outbox()])
  }

  /** It is known what became of an item. */
  settled(id: number): void {
    if (this.#own.delete(id)) this.#options.store.apply([this.#outbox()])
  }

  #gone(ids: readonly number[]): void {
    for (const id of ids) this.settled(id)
    this.#options.onLevel()
  }

  #hello(): void {
    this.#held = []
    this.#options.post({ kind: 'hello' })
  }

  #leads({ term, number }: MessageOf<'leads'>): void {
    if (term <= 0 || term < this.#term) return
    const isNew = term > this.#term
    this.#term = term
    // Batches come in order: one that was sent before this and has not come is lost. A welcome that did not come is asked for again.
    if (isNew || (this.#held ? !this.#isReading : number !== this.#number)) this.#hello()
    else if (!this.#held) this.#checkOwn()
    if (isNew) this.#options.onLeader()
  }

  /** That something was added, or what became of it, may be lost too. */
  #checkOwn(): void {
    if (this.#own.size > 0) this.#options.post({ kind: 'added', ids: [...this.#own.keys()] })
    this.#options.onLevel()
  }

  #batch(batch: MessageOf<'batch'>): void {
    if (batch.term < this.#term) return
    if (this.#held) {
      if (this.#held.push(batch) > (this.#isReading ? maxHeld : maxUnanswered)) this.#hello()
    } else if (batch.term > this.#term || batch.number > this.#number + 1) {
      this.#hello()
      this.#held!.push(batch)
    } else if (batch.number === this.#number + 1) {
      this.#number = batch.number
      this.#apply(batch.changes)
    }
  }

  async #welcome({ term, number, live, channelIds }: MessageOf<'welcome'>): Promise<void> {
    const held = this.#held
    if (!held || term < this.#term) return
    const { store, onLeader, onLevel } = this.#options
    const isNew = term > this.#term
    this.#term = term
    if (isNew) onLeader()
    this.#isReading = true
    const changes = await this.#read()
    this.#isReading = false
    // Asked for again meanwhile.
    if (!changes || this.#isEnded || this.#held !== held || this.#term !== term) return
    this.#held = undefined
    this.#number = number
    const state = store.getSnapshot()
    this.#apply([...reload(state, changes), ...goneChanges(state, channelIds), ...live])
    for (const batch of held) this.#batch(batch)
    onLevel()
  }

  async #read(): Promise<readonly Change[] | undefined> {
    try {
      return await this.#options.kept.copy.load()
    } catch (error) {
      if (!this.#isEnded) this.#options.onFailed(error)
      return undefined
    }
  }

  #apply(changes: readonly Change[]): void {
    this.#options.store.apply(changes.map((change) => (change.kind === 'outbox' ? this.#list(change) : change)))
  }

  #list({ items, gone }: Pick<Extract<Change, { kind: 'outbox' }>, 'items' | 'gone'>): Change {
    const listed = new Map((gone ? [...this.#listed, ...items] : items).map((item) => [item.id, item]))
    for (const id of gone ?? []) listed.delete(id)
    this.#listed = [...listed.values()].toSorted((one, other) => one.id - other.id)
    for (const { id } of items) this.#own.delete(id)
    return this.#outbox()
  }

  /** The leader’s list, and what it has not yet heard of. */
  #outbox(): Change {
    return { kind: 'outbox', items: [...this.#listed, ...this.#own.values()] }
  }
}
