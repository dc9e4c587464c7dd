import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { parseKeyPairsIntoRecord } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import packageJson from '../../../package.json' with { type: 'json' }
import type { Config } from '../../config/config.ts'
import type { Logger } from '../../config/logger.ts'
import { setTracing, tracing } from '../tracing.ts'
import { OpenTelemetryTracing } from './open-telemetry.ts'
import { createSampler } from './sampler.ts'
import { WatchedExporter } from './watched-exporter.ts'

/** Spans that wait to be sent. Further ones are dropped: what is traced never waits for the collector. */
const maxQueue = 2048

/** How long one batch may take, its repetitions included, in milliseconds. */
const exportMilliseconds = 5000

/** How often spans are sent, in milliseconds; sooner once there are 512. */
const delayMilliseconds = 1000

/** Of what a span says, so that a long statement does not fill the queue's memory. */
const maxValueCharacters = 4096

/** Begins to trace, and answers how to end it, which sends what waits. */
export function openTracing(config: Config, logger: Logger): () => Promise<void> {
  const exporter = new WatchedExporter(
    new OTLPTraceExporter({
      url: `${config.OTEL_EXPORTER_OTLP_ENDPOINT!.replace(/\/$/, '')}/v1/traces`,
      headers: parseKeyPairsIntoRecord(config.OTEL_EXPORTER_OTLP_HEADERS),
      timeoutMillis: exportMilliseconds,
    }),
    {
      away: (error) => logger.warn({ err: error }, 'the collector does not take traces: they are dropped'),
      back: (dropped) => logger.info({ dropped }, 'the collector takes traces again'),
    },
  )
  const provider = new TracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        'host.name': hostname(),
        'process.pid': process.pid,
        'service.version': packageJson.version,
        ...parseKeyPairsIntoRecord(config.OTEL_RESOURCE_ATTRIBUTES),
        'service.name': config.OTEL_SERVICE_NAME,
        'service.instance.id': randomUUID(),
      }),
    ),
    sampler: createSampler(config),
    spanLimits: { attributeValueLengthLimit: maxValueCharacters },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        maxQueueSize: maxQueue,
        scheduledDelayMillis: delayMilliseconds,
        exportTimeoutMillis: 2 * exportMilliseconds,
      }),
    ],
  })
  const opened = new OpenTelemetryTracing(provider.getTracer('fonechat', packageJson.version))
  setTracing(opened)
  return async () => {
    if (tracing === opened) setTracing(undefined)
    exporter.isClosing = true
    // Its failure was logged.
    await provider.shutdown().catch(() => {})
  }
}
