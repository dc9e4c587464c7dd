import type { OutgoingHttpHeaders, RequestListener } from 'node:http'
import { Registry, collectDefaultMetrics } from 'prom-client'
import { mergeMetrics, processCounts, register, type OtherMetrics } from './gather.ts'
import type { ProcessMetric } from './metric.ts'
import { MetricsAccess } from './metrics-access.ts'
import { ownMetrics } from './own-metrics.ts'
import type { MetricSources } from './sources.ts'
import { waitingMetrics } from './waiting-metrics.ts'

/** Metrics of the process itself, by the names that dashboards know. */
const nodeMetrics = new Registry()
collectDefaultMetrics({ register: nodeMetrics })

/** The response to a request that was refused or has failed. */
interface Refusal {
  readonly status: number
  readonly body: object
  readonly headers: OutgoingHttpHeaders
}

/** `GET /metrics`: what this process and those beside it on its machine do, in the text format of Prometheus, for the backend. */
export function createMetrics(
  sources: MetricSources,
  toRefusal: (error: unknown) => Refusal,
  others?: OtherMetrics,
): RequestListener {
  const own = register(new Registry(), ownMetrics(sources))
  const ofProcess = Registry.merge([nodeMetrics, own])
  const readProcess = () => ofProcess.getMetricsAsJSON() as unknown as Promise<readonly ProcessMetric[]>
  const waiting = waitingMetrics(sources.app)
  const access = new MetricsAccess(sources.app, () => sources.background.heartbeat.age)
  others?.onAsked(readProcess)
  const read = async (): Promise<string> => {
    const alone = Promise.resolve({ metrics: [], silent: 0 })
    const [mine, { metrics, silent }] = await Promise.all([readProcess(), others?.collect() ?? alone])
    const merged = mergeMetrics([mine, ...metrics])
    return register(merged, [...processCounts(metrics.length + 1, silent), ...waiting]).metrics()
  }
  return (request, response) => {
    const answer = (status: number, headers: OutgoingHttpHeaders, text: string): void => {
      response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text)
    }
    const respond = async (): Promise<void> => {
      await access.check(request)
      answer(200, { 'content-type': Registry.PROMETHEUS_CONTENT_TYPE }, await read())
    }
    respond().catch((error: unknown) => {
      const { status, body, headers } = toRefusal(error)
      answer(status, { ...headers, 'content-type': 'application/json; charset=utf-8' }, JSON.stringify(body))
    })
  }
}
