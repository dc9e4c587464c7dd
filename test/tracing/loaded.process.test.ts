import { expect, test } from 'vitest'
import { openCollector } from '../support/collector.ts'
import { spawnServer } from '../support/server-binary.ts'

/** Prints the packages of which a module is loaded. The interface of OpenTelemetry is loaded by the metrics. */
const printPackages = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module'
  import { writeSync } from 'node:fs'
  registerHooks({ load(url, context, next) {
    const [name] = url.match(/node_modules\\/(@opentelemetry\\/(?!api)[^/]+|pino-pretty)/) ?? []
    if (name) writeSync(2, 'loaded ' + name + '\\n')
    return next(url, context)
  } })`)}`

/** What it says until it has stopped. */
async function runWith(settings: Record<string, string>) {
  const common = { NODE_OPTIONS: `--import=${printPackages}`, LOG_LEVEL: 'info', DRAIN_SECONDS: '0' }
  await using server = await spawnServer({ ...common, ...settings })
  await server.ready()
  server.kill('SIGTERM')
  await server.exited()
  return { log: server.output(), loaded: server.complaints() }
}

test('what sends traces, and what makes the log readable, is loaded only where it is used', async () => {
  await using collector = await openCollector()
  const [off, on] = await Promise.all([
    runWith({}),
    runWith({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, LOG_FORMAT: 'pretty' }),
  ])
  expect(off.loaded).not.toContain('loaded')
  expect(on.loaded).toContain('loaded node_modules/@opentelemetry/sdk-trace')
  expect(on.loaded).toContain('loaded node_modules/pino-pretty')
  expect(off.log).toMatch(/^\{"level":30,"time":"[\dT:.Z-]+","signal":"SIGTERM","msg":"stopping"\}$/m)
  expect(on.log).toMatch(/^\[[\d:.]+\] INFO: stopping\n {4}signal: "SIGTERM"$/m)
}, 120_000)
