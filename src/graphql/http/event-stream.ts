import type { ExecutionResult } from 'graphql'
import { unauthenticated, userDeleted } from '../../domain/access/authority.ts'
import type { App } from '../../domain/app.ts'
import { CallerSession, type SessionEnd } from '../../domain/realtime/caller-session.ts'
import type { ConnectionSource, ConnectionState, OpenConnection } from '../../domain/realtime/connections.ts'
import type { Sink } from '../../domain/realtime/group.ts'
import { spread } from '../../domain/spread.ts'
import { endStreamRequest } from '../../http/trace-request.ts'
import { ChatError } from '../../model/error.ts'
import type { Context } from '../schema/context.ts'
import type { Operation } from '../subscriptions/event-execution.ts'
import type { Frame } from '../subscriptions/frame.ts'
import { openSubscription, type OpenStream } from '../subscriptions/open-subscription.ts'

/** Results that may wait for a slow reader before its stream ends. */
const queueLimit = 1000

/** From this queue length on, catching up waits for the reader. */
const queueHighWater = 100

/** The error that a stream ends with when its caller's session does. */
const reasons: Readonly<Record<SessionEnd, () => ChatError>> = {
  expired: () => unauthenticated('the token has expired', 20104),
  userDeleted,
  revoked: () => unauthenticated('the credentials were revoked'),
}

/** What event streams count for operators. */
interface EventStreamFigures {
  opened: number
  /** Events that were written. */
  delivered: number
  /** Streams that were ended, since their readers were too slow. */
  slow: number
}

/** Subscriptions over Server-Sent Events, one per connection, for as long as their callers may stay. */
export class EventStreams implements ConnectionSource {
  readonly figures: EventStreamFigures = { opened: 0, delivered: 0, slow: 0 }
  readonly #sessions = new Set<EventStreamSession>()
  #isStopping = false

  /** Opens a subscription as an async iterable with a bounded queue. `gone` aborts when the client disconnects, perhaps while it opens. */
  async subscribe(
    operation: Operation,
    context: Context,
    gone: AbortSignal,
    address: string,
  ): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    const queue = new FrameQueue(this.figures)
    const opened = await openSubscription(operation, context, queue, (reason) => queue.end(reason), gone)
    if (!('close' in opened)) return { errors: opened }
    endStreamRequest()
    const session = new EventStreamSession(context.app, opened, queue, address)
    const close = (): void => {
      this.#sessions.delete(session)
      session.close()
    }
    this.#sessions.add(session)
    this.figures.opened++
    session.begin(context.actor)
    // If the client is gone before the response began, nobody calls `return` on the iterator.
    if (gone.aborted) close()
    else gone.addEventListener('abort', close, { once: true })
    if (this.#isStopping) session.drain()
    return queue.iterate(close)
  }

  connections(): Iterable<OpenConnection> {
    return this.#sessions
  }

  connectionCount(): number {
    return this.#sessions.size
  }

  /** Each connection has one. */
  subscriptionCount(): number {
    return this.#sessions.size
  }

  /** Ends all streams, spread over the given time or at once when the signal aborts, so that clients subscribe again elsewhere. */
  async close(spreadMilliseconds: number, hurried: AbortSignal): Promise<void> {
    this.#isStopping = true
    await spread([...this.#sessions], spreadMilliseconds, hurried, (session) => session.drain())
  }
}

class EventStreamSession extends CallerSession implements OpenConnection {
  readonly #stream: OpenStream
  readonly #queue: FrameQueue
  readonly #address: string

  constructor(app: App, stream: OpenStream, queue: FrameQueue, address: string) {
    super(app)
    this.#address = address
    this.#stream = stream
    this.#queue = queue
  }

  protected override onOver(end: SessionEnd): void {
    this.#end(reasons[end]())
  }

  drain(): void {
    this.#end(new ChatError('UNAVAILABLE', 'the server stops; subscribe again from the last cursor'))
  }

  describe(): ConnectionState {
    return {
      protocol: 'sse',
      address: this.#address,
      subscriptionCount: 1,
      bufferedBytes: null,
      queuedEvents: this.#queue.length,
      unansweredMs: null,
    }
  }

  closeByOperator(): void {
    this.#end(new ChatError('UNAVAILABLE', 'closed by the operator; subscribe again from the last cursor'))
  }

  #end(reason: ChatError): void {
    this.#queue.end(reason)
    this.close()
  }

  close(): void {
    if (this.isClosed) return
    this.release()
    this.#stream.close()
  }
}

class FrameQueue implements Sink<Frame> {
  readonly #figures: EventStreamFigures
  readonly #frames: Frame[] = []
  #wake = Promise.withResolvers<void>()
  #drain: { promise: Promise<void>; resolve: () => void } | undefined
  #reason: Error | undefined

  constructor(figures: EventStreamFigures) {
    this.#figures = figures
  }

  get length(): number {
    return this.#frames.length
  }

  write(frame: Frame): void {
    if (this.#reason) return
    if (this.#frames.length >= queueLimit) {
      this.#figures.slow++
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
          this.#figures.delivered++
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
