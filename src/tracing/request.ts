import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import type { Span } from '@opentelemetry/api'

/** What a caller or a proxy may name a request: it stands in the log and in an answer's header. */
const idPattern = /^[\w.:+/=-]{1,64}$/

/**
 * One request over HTTP, or one operation over WebSocket, while it is under way. Everything about it that is not the caller's is in this one
 * object, since each further one that follows the work through its promises costs kilobytes.
 */
export class Request {
  /** Milliseconds that it has waited for other servers, whose time has a limit of its own. */
  outside = 0
  /** When the call of another server under way began. A request makes one after the other. */
  outsideSince: number | undefined
  /** Of an operation over WebSocket that is traced; ended when it is answered, or its stream is open. */
  span: Span | undefined
  #id: string | undefined

  /** `given` is what the caller calls it. One that is too long or has other characters counts as none. */
  constructor(given?: unknown) {
    this.#id = typeof given === 'string' && idPattern.test(given) ? given : undefined
  }

  /** Made when it is first asked for: over WebSocket few ever are. */
  get id(): string {
    return (this.#id ??= randomUUID())
  }
}

const requests = new AsyncLocalStorage<Request>()

/** Runs the work of a request: what is logged meanwhile has its id. */
export function withRequest<Result>(request: Request, work: () => Result): Result {
  return requests.run(request, work)
}

/** The request that is under way, if any. */
export function currentRequest(): Request | undefined {
  return requests.getStore()
}
