import type { IncomingMessage, ServerResponse } from 'node:http'
import { tracing, type Tracing } from '../tracing/tracing.ts'

/** Answers a request, in a span of its own where requests are traced. `route` is the path without what differs from request to request. */
export function traceRequest(
  request: IncomingMessage,
  response: ServerResponse,
  route: string,
  work: () => void,
): void {
  if (tracing === undefined) work()
  else trace(tracing, request, response, route, work)
}

function trace(by: Tracing, request: IncomingMessage, response: ServerResponse, route: string, work: () => void): void {
  const method = request.method ?? 'GET'
  const span = by.openRequest(`${method} ${route}`, request.headers, {
    'http.request.method': method,
    'http.route': route,
    'url.scheme': 'http',
  })
  // Also of one whose client has gone, which is never finished.
  response.once('close', () => {
    if (!span.isRecording()) return
    const { statusCode, writableFinished } = response
    span.setAttribute('http.response.status_code', statusCode)
    if (statusCode >= 500) span.setStatus({ code: errorStatus })
    if (!writableFinished) span.setAttribute('error.type', 'closed')
    span.end()
  })
  by.within(span, work)
}

/** The request is answered by a stream, which is open now: what goes on while it lasts, for hours, is no part of the request. */
export function endStreamRequest(): void {
  tracing?.active()?.setAttribute('http.response.status_code', 200).end()
}

/** The path of a request whose route was found. */
export function nameRequest(method: string, route: string): void {
  tracing?.active()?.updateName(`${method} ${route}`).setAttribute('http.route', route)
}

/** As `SpanStatusCode.ERROR`, whose module is loaded only where traces are on. */
const errorStatus = 2
