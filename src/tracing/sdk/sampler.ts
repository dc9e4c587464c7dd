import { TraceFlags, type Context, type Link, type SpanKind, type Attributes } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  type Sampler,
  type SamplingResult,
} from '@opentelemetry/sdk-trace'
import type { Config } from '../../config/config.ts'

/** The sampler that the settings name. */
export function createSampler({
  OTEL_TRACES_SAMPLER: name,
  OTEL_TRACES_SAMPLER_ARG: ratio,
}: Pick<Config, 'OTEL_TRACES_SAMPLER' | 'OTEL_TRACES_SAMPLER_ARG'>): Sampler {
  const root = name.endsWith('always_on')
    ? new AlwaysOnSampler()
    : name.endsWith('always_off')
      ? new AlwaysOffSampler()
      : new TraceIdRatioBasedSampler(ratio)
  return new CauseSampler(name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root)
}

/** A trace that is linked to what caused it is sampled if that was: else the two would seldom be there together. */
class CauseSampler implements Sampler {
  readonly #other: Sampler

  constructor(other: Sampler) {
    this.#other = other
  }

  shouldSample(
    context: Context,
    traceId: string,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult {
    const isCaused = links.some(({ context: { traceFlags } }) => (traceFlags & TraceFlags.SAMPLED) !== 0)
    if (isCaused) return { decision: SamplingDecision.RECORD_AND_SAMPLED }
    return this.#other.shouldSample(context, traceId, name, kind, attributes, links)
  }

  toString(): string {
    return `CauseSampler{${this.#other.toString()}}`
  }
}
