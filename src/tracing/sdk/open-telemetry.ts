import { AsyncLocalStorage } from 'node:async_hooks'
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Link,
  type Span,
  type TextMapGetter,
  type Tracer,
} from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { ChatError } from '../../model/error.ts'
import type { SpanOptions, SpanRole, TraceHeaders, Tracing } from '../tracing.ts'

const kinds: Readonly<Record<SpanRole, SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
}

const propagator = new W3CTraceContextPropagator()

/** Headers as Node has them, or fields of what a client has sent: of those any may be of any type. */
const getter: TextMapGetter<Readonly<Record<string, unknown>>> = {
  keys: (headers) => Object.keys(headers),
  get: (headers, name) => {
    const value = headers[name]
    return typeof value === 'string' ? value : undefined
  },
}

/** Traces with the SDK of OpenTelemetry. It keeps its own context, so that nothing of it is global. */
export class OpenTelemetryTracing implements Tracing {
  readonly #tracer: Tracer
  readonly #contexts = new AsyncLocalStorage<Context>()

  constructor(tracer: Tracer) {
    this.#tracer = tracer
  }

  get #context(): Context {
    return this.#contexts.getStore() ?? ROOT_CONTEXT
  }

  openRequest(name: string, headers: Readonly<Record<string, unknown>>, attributes: Attributes): Span {
    const parent = propagator.extract(ROOT_CONTEXT, headers, getter)
    return this.#tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent)
  }

  within<Result>(span: Span, work: () => Result): Result {
    return this.#contexts.run(trace.setSpan(this.#context, span), work)
  }

  child<Result>(name: string, options: SpanOptions, work: (span: Span | undefined) => Result): Result {
    // One that has ended records no more: what goes on in the background of a request is not its any more.
    return this.active() ? this.#run(this.#context, name, options, work) : work(undefined)
  }

  root<Result>(name: string, options: SpanOptions, work: () => Result): Result {
    return this.#run(ROOT_CONTEXT, name, options, work)
  }

  below<Result>(
    traceparent: unknown,
    name: string,
    options: SpanOptions,
    work: (span: Span | undefined) => Result,
  ): Result {
    const parent = propagator.extract(ROOT_CONTEXT, { traceparent }, getter)
    if (!trace.getSpanContext(parent)) return this.#contexts.run(ROOT_CONTEXT, work, undefined)
    return this.#run(parent, name, options, work)
  }

  linked<Result>(traceparent: string | null, name: string, options: SpanOptions, work: () => Result): Result {
    const cause = trace.getSpanContext(propagator.extract(ROOT_CONTEXT, { traceparent }, getter))
    return cause ? this.#run(ROOT_CONTEXT, name, options, work, [{ context: cause }]) : work()
  }

  batch<Result>(name: string, callers: readonly (Span | undefined)[], work: () => Result): Result {
    const traced = callers.filter((span) => span?.isRecording()) as readonly Span[]
    const [first, ...others] = traced
    if (!first) return this.#contexts.run(ROOT_CONTEXT, work)
    const links = others.map((span) => ({ context: span.spanContext() }))
    const attributes = { 'fonechat.batch.size': callers.length }
    return this.#run(
      trace.setSpan(ROOT_CONTEXT, first),
      name,
      { attributes },
      (span) => {
        for (const other of others) other.addLink({ context: span.spanContext() })
        return work()
      },
      links,
    )
  }

  active(): Span | undefined {
    const span = trace.getSpan(this.#context)
    return span?.isRecording() ? span : undefined
  }

  headers(): TraceHeaders {
    const headers: { traceparent?: string; tracestate?: string } = {}
    propagator.inject(this.#context, headers, {
      set: (carrier: Record<string, string>, name, value) => void (carrier[name] = value),
    })
    return headers
  }

  #run<Result>(
    parent: Context,
    name: string,
    { role = 'internal', attributes = {} }: SpanOptions,
    work: (span: Span) => Result,
    links: Link[] = [],
  ): Result {
    const span = this.#tracer.startSpan(name, { kind: kinds[role], attributes, links }, parent)
    const context = trace.setSpan(parent, span)
    let result: Result
    try {
      result = this.#contexts.run(context, work, span)
    } catch (error) {
      end(span, error)
      throw error
    }
    if (!(result instanceof Promise)) {
      span.end()
      return result
    }
    return result.then(
      (value) => {
        span.end()
        return value as unknown
      },
      (error: unknown) => {
        end(span, error)
        throw error
      },
    ) as Result
  }
}

/** A refusal is an answer. Of a fault only its kind is said: messages may have values of the database, or addresses. */
function end(span: Span, error: unknown): void {
  const { name, code } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { name: typeof error, code: undefined }
  span.setAttribute('error.type', code ?? name)
  if (!(error instanceof ChatError) || error.code === 'UNAVAILABLE') span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}
