import { ROOT_CONTEXT, SpanKind, TraceFlags, trace, type Context } from '@opentelemetry/api'
import { SamplingDecision } from '@opentelemetry/sdk-trace'
import { expect, test } from 'vitest'
import { readConfig } from '../../src/config/read-config.ts'
import { createSampler } from '../../src/tracing/sdk/sampler.ts'

const spanId = 'ab'.repeat(8)

const callerOf = (traceFlags: number): Context =>
  trace.setSpanContext(ROOT_CONTEXT, { traceId: 'cd'.repeat(16), spanId, traceFlags, isRemote: true })

/** How many of a thousand traces are sampled. */
function countSampled(name: string, ratio: string, parent: Context = ROOT_CONTEXT, links: number[] = []): number {
  const sampler = createSampler(readConfig({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: ratio }))
  // Spread over all numbers, as random ones are.
  const ids = Array.from({ length: 1000 }, (_, at) =>
    Math.floor((at / 1000) * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  )
  const linked = links.map((traceFlags) => ({ context: { traceId: 'ef'.repeat(16), spanId, traceFlags } }))
  return ids.filter((id) => {
    const traceId = `${id}${'0'.repeat(23)}1`
    const { decision } = sampler.shouldSample(parent, traceId, 'name', SpanKind.SERVER, {}, linked)
    return decision === SamplingDecision.RECORD_AND_SAMPLED
  }).length
}

test.each([
  ['always_on', '1', 1000, 1000, 1000],
  ['always_off', '1', 0, 0, 0],
  ['traceidratio', '0.25', 250, 250, 250],
  ['parentbased_always_on', '1', 1000, 1000, 0],
  ['parentbased_always_off', '1', 0, 1000, 0],
  ['parentbased_traceidratio', '0.25', 250, 1000, 0],
  ['parentbased_traceidratio', '0', 0, 1000, 0],
])(
  '%s of %s samples %i of a thousand; %i of callers that sample, %i of those that do not',
  (name, ratio, ...expected) => {
    const counted = [
      countSampled(name, ratio),
      countSampled(name, ratio, callerOf(TraceFlags.SAMPLED)),
      countSampled(name, ratio, callerOf(TraceFlags.NONE)),
    ]
    counted.forEach((count, at) => expect(Math.abs(count - expected[at]!)).toBeLessThanOrEqual(2))
  },
)

test('what is linked to a sampled cause is sampled too', () => {
  expect(countSampled('traceidratio', '0', ROOT_CONTEXT, [TraceFlags.SAMPLED])).toBe(1000)
  expect(countSampled('traceidratio', '0', ROOT_CONTEXT, [TraceFlags.NONE])).toBe(0)
})
