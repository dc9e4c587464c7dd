import { backoff } from '../backoff.ts'
import type { Clock } from '../env/types.ts'
import type { ChatError } from '../errors.ts'
import type { Document } from '../graphql/document.ts'
import type { Link } from '../link/link.ts'
import type { Log } from '../log.ts'
import { isFinal } from './is-final.ts'

interface LiveSubscriptionsOptions {
  readonly link: Pick<Link, 'subscribe' | 'isOpen'>
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

/** What modules follow: each subscription begins anew at each connection and, with a back-off, where it failed for something that passes. */
export class LiveSubscriptions {
  readonly #options: LiveSubscriptionsOptions
  readonly #all = new Set<LiveSubscription>()

  constructor(options: LiveSubscriptionsOptions) {
    this.#options = options
  }

  add<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    next: (result: Result) => void,
    onFinal: (error: ChatError) => void,
  ): () => void {
    const subscription = new LiveSubscription(
      this.#options,
      (error) => this.#options.link.subscribe(document, variables, { next, error }),
      onFinal,
    )
    this.#all.add(subscription)
    if (this.#options.link.isOpen) subscription.start()
    return () => {
      this.#all.delete(subscription)
      subscription.stop()
    }
  }

  /** A connection is there. */
  startAll(): void {
    for (const subscription of this.#all) subscription.start()
  }

  /** The connection is gone. */
  stopAll(): void {
    for (const subscription of this.#all) subscription.stop()
  }
}

class LiveSubscription {
  readonly #options: LiveSubscriptionsOptions
  readonly #open: (onError: (error: ChatError) => void) => () => void
  readonly #onFinal: (error: ChatError) => void
  #end: (() => void) | undefined
  #cancel: (() => void) | undefined
  #failures = 0

  constructor(
    options: LiveSubscriptionsOptions,
    open: (onError: (error: ChatError) => void) => () => void,
    onFinal: (error: ChatError) => void,
  ) {
    this.#options = options
    this.#open = open
    this.#onFinal = onFinal
  }

  start(): void {
    this.stop()
    this.#failures = 0
    this.#begin()
  }

  stop(): void {
    this.#cancel?.()
    this.#end?.()
    this.#cancel = this.#end = undefined
  }

  #begin(): void {
    this.#end = this.#open((error) => this.#failed(error))
  }

  #failed(error: ChatError): void {
    this.#end = undefined
    // A lost connection says so itself, and the next one starts it again.
    if (error.code === 'OFFLINE') return
    const { clock, random, log } = this.#options
    if (isFinal(error)) return this.#onFinal(error)
    log.write('warn', 'a subscription ended, and begins again', error)
    const wait = Math.max(error.retryAfterMs ?? 0, backoff((this.#failures += 1), random()))
    this.#cancel = clock.after(wait, () => this.#begin())
  }
}
