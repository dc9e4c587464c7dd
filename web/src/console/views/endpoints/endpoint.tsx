import type { EndpointsQuery } from '../../generated/types.ts'
import { State } from '../../kit/state.tsx'
import { endpointsTexts as texts } from '../../texts/en/endpoints.ts'

export type Endpoint = NonNullable<EndpointsQuery['webhookEndpoints']>[number]

export function EndpointState({
  endpoint: { circuits, failingQueues, waiting, events },
}: {
  readonly endpoint: Endpoint
}) {
  if (circuits.some(({ state }) => state === 'OPEN')) return <State kind="bad" words={texts.states.open} />
  if (failingQueues > 0) return <State kind="bad" words={texts.states.failing} />
  if (waiting > 0) return <State kind="wait" words={texts.states.waits} />
  if (events.length === 0) return <State kind="off" words={texts.states.former} />
  return <State kind="good" words={texts.states.idle} />
}
