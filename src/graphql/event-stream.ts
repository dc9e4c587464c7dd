import type { ExecutionResult } from 'graphql'
import type { Sink } from '../domain/group.ts'
import { ChatError } from '../model/error.ts'
import type { Context } from './context.ts'
import { openSubscription, type Operation } from './fanout.ts'
import type { Frame } from './frame.ts'

/** Results that may wait for a slow reader of Server-Sent Events before its stream ends. */
const queueLimit = 1000

/** A queue of this length makes catching up wait for the reader. */
const queueHighWater = 100

/** A subscription as an async iterable, for transports that write results themselves. Its queue is bounded. */
export async function subscribeIterable(
  operation: Operation,
  context: Context,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const queue = new FrameQueue()
  const opened = await openSubscription(operation, context, queue, (reason) => queue.end(reason))
  if (!('close' in opened)) return { errors: opened }
  return queue.iterate(() => opened.close())
}

class FrameQueue implements Sink<Frame> {
  readonly #frames: Frame[] = []
  #wake = Promise.withResolvers<void>()
  #drain: { promise: Promise<void>; resolve: () => void } | undefined
  #reason: Error | undefined

  write(frame: Frame): void {
    if (this.#frames.length >= queueLimit) {
      this.end(new ChatError('UNAVAILABLE', 'the reader is too slow; subscribe again from the last cursor'))
      return
    }
    this.#frames.push(frame)
    this.#wake.resolve()
  }

  drained(): Promise<void> | undefined {
    if (this.#frames.length < queueHighWater) return undefined
    this.#drain ??= Promise.withResolvers<void>()
    return this.#drain.promise
  }

  end(reason: Error): void {
    this.#reason ??= reason
    this.#wake.resolve()
  }

  async *iterate(close: () => void): AsyncGenerator<ExecutionResult> {
    try {
      for (;;) {
        for (let frame = this.#frames.shift(); frame; frame = this.#frames.shift()) {
          yield frame.result as ExecutionResult
        }
        this.#drain?.resolve()
        this.#drain = undefined
        if (this.#reason) throw this.#reason
        await this.#wake.promise
        this.#wake = Promise.withResolvers()
      }
    } finally {
      close()
      this.#drain?.resolve()
    }
  }
}
