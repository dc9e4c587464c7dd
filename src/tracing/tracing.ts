import type { Attributes, Span } from '@opentelemetry/api'

/** Who a span talks to: `server` answers a request, `client` makes one, `producer` and `consumer` are the ends of a queue. */
export type SpanRole = 'internal' | 'server' | 'client' | 'producer' | 'consumer'

export interface SpanOptions {
  readonly role?: SpanRole
  readonly attributes?: Attributes
}

/** The W3C headers of a trace, wherever they travel. */
export interface TraceHeaders {
  readonly traceparent?: string
  readonly tracestate?: string
}

/** What the parts of the server say to a trace. A function that takes `work` ends its span with it, whatever comes of it. */
export interface Tracing {
  /** Begins the span of a request, in the trace that the caller's headers name. Who begins it ends it. */
  openRequest(name: string, headers: Readonly<Record<string, unknown>>, attributes: Attributes): Span
  /** Runs work within a span that another part ends. */
  within<Result>(span: Span, work: () => Result): Result
  /** Runs work in a span below the one under way. Without one, or where that is not sampled, it only runs it. */
  child<Result>(name: string, options: SpanOptions, work: (span: Span | undefined) => Result): Result
  /** The same at the beginning of a trace. */
  root<Result>(name: string, options: SpanOptions, work: () => Result): Result
  /** The same below a span of another process. Without its `traceparent` the work runs outside of any trace. */
  below<Result>(
    traceparent: unknown,
    name: string,
    options: SpanOptions,
    work: (span: Span | undefined) => Result,
  ): Result
  /** The same in a trace of its own, linked to what caused it, for what happens later or again and again. */
  linked<Result>(traceparent: string | null, name: string, options: SpanOptions, work: () => Result): Result
  /**
   * The same for work that is done for several callers at once: below the first caller's span, linked with those of the others. The work is in no
   * trace of whoever happened to begin it.
   */
  batch<Result>(name: string, callers: readonly (Span | undefined)[], work: () => Result): Result
  /** The span under way, if it is sampled. */
  active(): Span | undefined
  /** The headers of what is under way, for a request to somebody else. */
  headers(): TraceHeaders
}

/**
 * Undefined while traces are off: asking this is all that they cost then. It is the process's own, as a log is, since statements and
 * requests to others are made far below what knows an app.
 */
export let tracing: Tracing | undefined

export function setTracing(next: Tracing | undefined): void {
  tracing = next
}
