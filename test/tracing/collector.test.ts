import { afterEach, beforeEach, expect, test } from 'vitest'
import { ViewerDocument } from '../../schema/generated/graphql.ts'
import { captureLog, type CapturedLog } from '../support/captured-log.ts'
import { openCollector, type Collector } from '../support/collector.ts'
import { openKit, type Kit } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'

let stack: AsyncDisposableStack
let collector: Collector
beforeEach(async () => {
  stack = new AsyncDisposableStack()
  collector = stack.use(await openCollector())
})
afterEach(() => stack.disposeAsync())

async function open(settings: Record<string, string> = {}): Promise<{ kit: Kit; log: CapturedLog }> {
  const kit = stack.use(await openKit({ OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`, ...settings }))
  return { kit, log: captureLog(kit.server.app.logger) }
}

const linesWith = ({ lines }: CapturedLog, message: string): string[] => lines.filter((line) => line.includes(message))

test('a stop sends what waits', async () => {
  const { kit } = await open()
  await kit.backend.request(ViewerDocument)
  await kit.server.close({ immediate: true })
  expect(collector.spans.map(({ name }) => name)).toContain('POST /graphql')
})

test('a collector that hangs holds up no request, and a stop no longer than it may take', async () => {
  collector.answer = 'hang'
  const { kit, log } = await open()
  await kit.backend.request(ViewerDocument)
  await waitFor(() => collector.requests.length > 0)
  // More than the queue takes.
  for (let at = 0; at < 30; at++)
    await Promise.all(Array.from({ length: 30 }, () => kit.backend.request(ViewerDocument)))
  expect(collector.requests).toHaveLength(1)
  const began = performance.now()
  await kit.server.close({ immediate: true })
  expect(performance.now() - began).toBeLessThan(4500)
  expect(linesWith(log, 'a step of the stop was not done in time')).toEqual([expect.stringContaining('"traces"')])
})

test('a collector that refuses is in the log once, and once more when it takes traces again', async () => {
  collector.answer = 400
  const { kit, log } = await open()
  for (let batch = 1; batch <= 3; batch++) {
    await kit.backend.request(ViewerDocument)
    await waitFor(() => collector.requests.length >= batch)
  }
  collector.answer = 200
  await kit.backend.request(ViewerDocument)
  await waitFor(() => linesWith(log, 'the collector takes traces again').length > 0)
  expect(linesWith(log, 'the collector does not take traces')).toHaveLength(1)
  expect(linesWith(log, 'the collector takes traces again')[0]).toMatch(/"dropped":[1-9]/)
})

test('a sampler that samples nothing sends nothing', async () => {
  const { kit } = await open({ OTEL_TRACES_SAMPLER: 'always_off' })
  await kit.backend.with({ traceparent: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01` }).request(ViewerDocument)
  await kit.server.close({ immediate: true })
  expect(collector.requests).toEqual([])
})

test('a line of the log names its request and where it is in its trace', async () => {
  const { kit, log } = await open()
  const traceId = 'ab'.repeat(16)
  const { orm } = kit.store.db
  await orm.execute('ALTER TABLE channels RENAME TO hidden')
  const caller = kit.backend.with({ 'x-request-id': 'asked-1', traceparent: `00-${traceId}-${'cd'.repeat(8)}-01` })
  await caller.ask('{ channels(first: 1) { edges { node { id } } } }')
  await orm.execute('ALTER TABLE hidden RENAME TO channels')
  const [line] = linesWith(log, 'internal error')
  expect(JSON.parse(line!)).toMatchObject({ requestId: 'asked-1', trace_id: traceId })
  const { span_id: spanId } = JSON.parse(line!) as { span_id: string }
  await collector.find((span) => span.spanId === spanId && span.traceId === traceId)
})
