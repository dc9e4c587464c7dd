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
  if (circuits.some(({ state }) => state === 'OPEN')) return <State kind="bad">{texts.states.open}</State>
  if (failingQueues > 0) return <State kind="bad">{texts.states.failing}</State>
  if (waiting > 0) return <State kind="wait">{texts.states.waits}</State>
  if (events.length === 0) return <State kind="off">{texts.states.former}</State>
  return <State kind="good">{texts.states.idle}</State>
}
