import type { Clock } from '../env/types.ts'
import type { Outcome } from '../outbox/types.ts'
import type { Change } from '../store/change.ts'
import type { OutboxItem } from '../store/state.ts'
import type { Store } from '../store/store.ts'
import { Followed } from './followed.ts'
import { silenceMilliseconds } from './probe.ts'
import { toFailure, toPlain, type Message, type Method, type ToLeader } from './protocol.ts'
import { liveChanges } from './reload.ts'
import { SeenElsewhere } from './seen.ts'
import type { Connected } from './types.ts'

export interface LeaderOptions {
  readonly term: number
  readonly engine: Connected
  readonly store: Store
  readonly clock: Clock
  readonly isWanted: () => boolean
  readonly post: (message: Message, to?: string) => void
}

/** Calls of followers that are under way, or were a moment ago. */
const maxServed = 1000
/** Time between two readings of the outbox, in milliseconds. */
const pollMilliseconds = 30_000

/** What the tab that leads does for the others. */
export class Leader {
  readonly engine: Connected
  readonly seen: SeenElsewhere
  readonly #options: LeaderOptions
  readonly #followed: Followed
  readonly #served = new Map<string, AbortController>()
  #number = 0
  /** What is said waits for what was said before it, and for the copy. */
  #said: Promise<void> = Promise.resolve()
  /** The outbox of the last batch. */
  #shared: ReadonlyMap<number, OutboxItem> = new Map()
  /** Whether there are others. */
  #isHeard = false
  #cancelPoll: (() => void) | undefined
  #isReady = false
  #isEnded = false

  constructor(options: LeaderOptions) {
    this.#options = options
    this.engine = options.engine
    this.seen = new SeenElsewhere(options.clock)
    this.#followed = new Followed(options)
  }

  get isReady(): boolean {
    return this.#isReady
  }

  /** The state has what the copy has, and the engine runs. */
  ready(): void {
    this.#isReady = true
    this.#lead()
  }

  /** Followers hear of changes once these are kept: what they miss is in the copy then. */
  share(changes: readonly Change[], kept: Promise<unknown>): void {
    const said = changes.map((change) => (change.kind === 'outbox' ? this.#newIn(change.items) : change))
    this.#say(kept, () => ({ kind: 'batch', term: this.#options.term, number: (this.#number += 1), changes: said }))
  }

  /** What each batch says of an outbox grows with what happens, not with what waits. */
  #newIn(items: readonly OutboxItem[]): Change {
    const known = this.#shared
    this.#shared = new Map(items.map((item) => [item.id, item]))
    const gone = [...known.keys()].filter((id) => !this.#shared.has(id))
    return { kind: 'outbox', items: items.filter((item) => known.get(item.id) !== item), gone }
  }

  shareOutcome(id: number, outcome: Outcome): void {
    this.#say(undefined, () => ({ kind: 'outcome', id, outcome: toPlain(outcome) }))
  }

  receive(message: ToLeader, from: string): void {
    if (!this.#isHeard) this.#pollOutbox()
    this.#isHeard = true
    switch (message.kind) {
      case 'probe':
        return this.#lead(from)
      case 'hello':
        return this.#say(undefined, () => this.#welcome(), from)
      case 'call':
        return void this.#serve(message, from)
      case 'abort':
        return this.#served.get(from + message.id)?.abort()
      case 'follow':
        return this.#followed.add(message, from)
      case 'unfollow':
        return this.#followed.remove(from + message.id)
      case 'apply':
        return this.engine.apply(message.changes)
      case 'seen':
        return this.seen.add(message.channelIds, from)
      case 'added':
        return void this.#findAdded(message.ids, from)
    }
  }

  perform(method: Method, args: readonly unknown[], signal?: AbortSignal): Promise<unknown> {
    if (method === 'request') return this.engine.request(args[0] as string, args[1], { signal })
    return this.engine[method](args[0] as number)
  }

  /** Something may be in the outbox that another tab has put there. */
  async refreshOutbox(): Promise<void> {
    // Where the device fails the next write says so.
    await this.engine.refreshOutbox().catch(() => {})
  }

  stop(): void {
    this.#isEnded = true
    this.#cancelPoll?.()
    for (const controller of this.#served.values()) controller.abort()
    this.#followed.close()
    this.engine.stop()
  }

  async #findAdded(ids: readonly number[], from: string): Promise<void> {
    await this.refreshOutbox()
    const listed = new Set(this.#options.store.getSnapshot().outbox.map(({ id }) => id))
    const gone = ids.filter((id) => !listed.has(id))
    if (gone.length > 0) this.#say(undefined, () => ({ kind: 'gone', ids: gone }), from)
  }

  /** A tab may end between putting something into the outbox and saying so. */
  #pollOutbox(): void {
    this.#cancelPoll = this.#options.clock.after(pollMilliseconds, () => {
      void this.refreshOutbox()
      this.#pollOutbox()
    })
  }

  #lead(to?: string): void {
    const { term, post, isWanted } = this.#options
    post({ kind: 'leads', term: this.#isReady ? term : 0, number: this.#number, isWanted: isWanted() }, to)
  }

  #welcome(): Message | undefined {
    if (!this.#isReady) return undefined
    const { term, store } = this.#options
    const state = store.getSnapshot()
    const channelIds = [...state.channels.keys()]
    return { kind: 'welcome', term, number: this.#number, live: liveChanges(state), channelIds }
  }

  #say(kept: Promise<unknown> | undefined, message: () => Message | undefined, to?: string): void {
    const say = (): void => {
      const said = this.#isEnded || !this.#isHeard ? undefined : message()
      if (said) this.#options.post(said, to)
    }
    const previous = this.#said
    // What is not kept is not said: then this tab no longer leads, or no longer shares.
    this.#said = Promise.all([kept, previous]).then(say, () => previous)
  }

  async #serve({ id, at, method, args }: Extract<Message, { kind: 'call' }>, from: string): Promise<void> {
    const { clock, post } = this.#options
    const key = from + id
    // Followers make their calls again when a leader appears.
    if (!this.#isReady || this.#served.has(key)) return
    // One that slept finds calls that another tab does by now.
    if (clock.now() - at >= silenceMilliseconds / 2) return post({ kind: 'late', id }, from)
    const controller = new AbortController()
    this.#served.set(key, controller)
    post({ kind: 'accepted', id }, from)
    const answer = (outcome: Outcome): void => {
      if (!this.#isEnded) post({ kind: 'answer', id, outcome: toPlain(outcome) }, from)
    }
    try {
      answer({ payload: await this.perform(method, args, controller.signal) })
    } catch (error) {
      answer(toFailure(error))
    }
    for (const [oldest] of this.#served) if (this.#served.size > maxServed) this.#served.delete(oldest)
  }
}
