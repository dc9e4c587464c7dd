import type { Clock } from '../env/types.ts'
import type { ChatError } from '../errors.ts'
import { fromPlain, type Message } from './protocol.ts'
import type { Connected } from './types.ts'

interface Subscription {
  readonly document: string
  readonly variables: unknown
  readonly next: (result: never) => void
  readonly onError: (error: ChatError) => void
  stop: () => void
}

/** Where a subscription is followed: here when this tab leads, by the leader otherwise. */
export type Source = Pick<Connected, 'subscribe'> | ((message: Message) => void) | undefined

/** A leader takes a tab that does not repeat what it follows for gone after three minutes. */
const repeatMilliseconds = 60_000

/** What this tab follows, whichever tab leads. */
export class Subscriptions {
  readonly #clock: Clock
  readonly #all = new Map<string, Subscription>()
  #source: Source
  #cancel: (() => void) | undefined
  #lastId = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(
    document: string,
    variables: unknown,
    next: (result: never) => void,
    onError: (error: ChatError) => void,
  ): () => void {
    const id = String((this.#lastId += 1))
    this.#all.set(id, { document, variables, next, onError, stop: () => {} })
    this.#start(id)
    return () => {
      this.#all.get(id)?.stop()
      this.#all.delete(id)
    }
  }

  /** Another tab leads now, or this one, or none. */
  follow(source: Source): void {
    for (const subscription of this.#all.values()) {
      subscription.stop()
      // Where it ran may be closed by the time somebody has enough of it.
      subscription.stop = () => {}
    }
    this.#source = source
    this.#startAll()
  }

  receive({ id, result }: Extract<Message, { kind: 'result' }>): void {
    this.#all.get(id)?.next(result as never)
  }

  ended({ id, outcome }: Extract<Message, { kind: 'unfollowed' }>): void {
    const heard = fromPlain(outcome)
    if ('error' in heard) this.#all.get(id)?.onError(heard.error)
  }

  #startAll(): void {
    this.#cancel?.()
    for (const id of this.#all.keys()) this.#start(id)
    if (typeof this.#source === 'function') this.#cancel = this.#clock.after(repeatMilliseconds, () => this.#startAll())
  }

  #start(id: string): void {
    const source = this.#source
    const subscription = this.#all.get(id)!
    const { document, variables, next, onError } = subscription
    if (typeof source === 'function') {
      source({ kind: 'follow', id, document, variables })
      subscription.stop = () => source({ kind: 'unfollow', id })
    } else if (source) {
      subscription.stop = source.subscribe(document, variables, next, onError)
    }
  }
}
