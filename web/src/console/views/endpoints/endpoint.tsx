import type { Document } from '../../document.ts'
import { EndpointsDocument } from '../../generated/endpoints.ts'
import type { EndpointsQuery, EndpointsQueryVariables } from '../../generated/types.ts'
import type { PageVariables } from '../../kit/list.tsx'
import { State } from '../../kit/state.tsx'
import { endpointsTexts as texts } from '../../texts/en/endpoints.ts'

export type Endpoint = NonNullable<EndpointsQuery['webhookEndpoints']>[number]

/** All of them are one page, which the list and what is open beside it share. */
export const endpointsDocument = EndpointsDocument as Document<EndpointsQuery, EndpointsQueryVariables & PageVariables>
export const pageSize = 100

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
