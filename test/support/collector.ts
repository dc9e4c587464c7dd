import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import protobuf from 'protobufjs'
import { waitFor } from './wait.ts'

/** What OTLP's `ExportTraceServiceRequest` has of a trace, by the field numbers of opentelemetry-proto 1.x. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Request { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span {
    bytes trace_id = 1;
    bytes span_id = 2;
    string trace_state = 3;
    bytes parent_span_id = 4;
    string name = 5;
    int32 kind = 6;
    fixed64 start_time_unix_nano = 7;
    fixed64 end_time_unix_nano = 8;
    repeated KeyValue attributes = 9;
    repeated Link links = 13;
    Status status = 15;
  }
  message Link { bytes trace_id = 1; bytes span_id = 2; }
  message Status { string message = 2; int32 code = 3; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue {
    oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; }
  }
`)
const Request = root.lookupType('Request')

type Attributes = Readonly<Record<string, string | number | boolean>>

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const

/** A span as a collector gets it. */
export interface CollectedSpan {
  readonly traceId: string
  readonly spanId: string
  /** Empty at the beginning of a trace. */
  readonly parentId: string
  readonly traceState: string
  readonly name: string
  readonly kind: (typeof kinds)[number]
  readonly milliseconds: number
  readonly attributes: Attributes
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly isError: boolean
  /** Of the process that has sent it. */
  readonly resource: Attributes
}

interface Bytes {
  readonly traceId: string
  readonly spanId: string
}

interface Decoded {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] }
    readonly scopeSpans?: readonly { readonly spans?: readonly DecodedSpan[] }[]
  }[]
}

interface KeyValue {
  readonly key: string
  readonly value?: Readonly<Record<string, unknown>>
}

interface DecodedSpan extends Bytes {
  readonly parentSpanId?: string
  readonly traceState?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes?: readonly KeyValue[]
  readonly links?: readonly Bytes[]
  readonly status?: { readonly code?: number }
}

const toHex = (base64: string | undefined): string => Buffer.from(base64 ?? '', 'base64').toString('hex')

function toAttributes(pairs: readonly KeyValue[] = []): Attributes {
  const toValue = ({ stringValue, boolValue, intValue, doubleValue }: Readonly<Record<string, unknown>>) =>
    (stringValue ?? boolValue ?? doubleValue ?? Number(intValue)) as string
  return Object.fromEntries(pairs.map(({ key, value }) => [key, toValue(value ?? {})]))
}

function decode(bytes: Uint8Array): CollectedSpan[] {
  const decoded = Request.toObject(Request.decode(bytes), { longs: String, bytes: String }) as Decoded
  return (decoded.resourceSpans ?? []).flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) =>
      spans.map((span) => ({
        traceId: toHex(span.traceId),
        spanId: toHex(span.spanId),
        parentId: toHex(span.parentSpanId),
        traceState: span.traceState ?? '',
        name: span.name,
        kind: kinds[span.kind]!,
        milliseconds: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6,
        attributes: toAttributes(span.attributes),
        links: (span.links ?? []).map(({ traceId, spanId }) => ({ traceId: toHex(traceId), spanId: toHex(spanId) })),
        isError: span.status?.code === 2,
        resource: toAttributes(resource?.attributes),
      })),
    ),
  )
}

export interface Collector extends AsyncDisposable {
  readonly url: string
  readonly spans: readonly CollectedSpan[]
  readonly requests: readonly { readonly path: string; readonly headers: IncomingMessage['headers'] }[]
  /** What is answered from now on: 200 at first. `hang` answers nothing. */
  answer: number | 'hang'
  /** Waits for spans like this one, and answers them. */
  find(wanted: (span: CollectedSpan) => boolean, count?: number): Promise<readonly CollectedSpan[]>
}

/** Takes OTLP over HTTP as protobuf. */
export async function openCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = []
  const requests: Collector['requests'][number][] = []
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request)
    requests.push({ path: request.url!, headers: request.headers })
    const { answer } = collector
    if (answer === 'hang') return
    if (answer === 200) spans.push(...decode(body))
    response.writeHead(answer, { 'content-type': 'application/x-protobuf' }).end()
  }
  const server = createServer((request, response) => void take(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const collector: Collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests,
    answer: 200,
    find: async (wanted, count = 1) => {
      await waitFor(() => spans.filter(wanted).length >= count).catch((error: unknown) => {
        throw new Error(`not found among ${spans.map(({ name }) => name).join(', ')}`, { cause: error })
      })
      return spans.filter(wanted)
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return collector
}
