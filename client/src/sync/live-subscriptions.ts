import { backoffAfter } from '../backoff.ts'
import type { ChatError } from '../errors.ts'
import type { Document } from '../graphql/document.ts'
import type { SyncContext } from './context.ts'
import { isFinal } from './is-final.ts'

/** What modules follow: each subscription begins anew at each connection and, with a back-off, where it failed for something that passes. */
export class LiveSubscriptions {
  readonly #context: SyncContext
  readonly #all = new Set<{ start(): void; stop(): void }>()

  constructor(context: SyncContext) {
    this.#context = context
  }

  add<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    next: (result: Result) => void,
    onFinal: (error: ChatError) => void,
  ): () => void {
    const { link, env, log } = this.#context
    let end: (() => void) | undefined
    let cancel: (() => void) | undefined
    let failures = 0
    const error = (reason: ChatError): void => {
      end = undefined
      // A lost connection says so itself, and the next one starts it again.
      if (reason.code === 'OFFLINE') return
      if (isFinal(reason)) return onFinal(reason)
      log.write('warn', 'a subscription ended, and begins again', reason)
      cancel = env.clock.after(backoffAfter(reason, (failures += 1), env.random()), begin)
    }
    const begin = (): void => {
      end = link.subscribe(document, variables, { next, error })
    }
    const stop = (): void => {
      cancel?.()
      end?.()
      cancel = end = undefined
    }
    const start = (): void => {
      stop()
      failures = 0
      begin()
    }
    const subscription = { start, stop }
    this.#all.add(subscription)
    if (link.isOpen) start()
    return () => {
      this.#all.delete(subscription)
      stop()
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
