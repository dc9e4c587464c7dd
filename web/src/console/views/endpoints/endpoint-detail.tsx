import { EndpointsDocument } from '../../generated/endpoints.ts'
import { Detail } from '../../kit/detail.tsx'
import { DialogButton } from '../../kit/dialog-button.tsx'
import { Fact, Facts } from '../../kit/facts.tsx'
import { State } from '../../kit/state.tsx'
import { To } from '../../kit/to.tsx'
import { useServiceId } from '../../kit/url.ts'
import { useData } from '../../kit/use-data.ts'
import { Loaded, Nothing } from '../../kit/waiting.tsx'
import { eventName } from '../../kit/webhook-events.ts'
import { When } from '../../kit/when.tsx'
import { endpointsTexts as texts } from '../../texts/en/endpoints.ts'
import { EndpointState, type Endpoint } from './endpoint.tsx'

/** One address. It reads what the list beside it reads. */
export function EndpointDetail({ url, onClose }: { readonly url: string; readonly onClose: () => void }) {
  const serviceId = useServiceId()
  const data = useData(EndpointsDocument, { serviceId })
  const endpoint = data.data?.webhookEndpoints?.find((one) => one.url === url)
  return (
    <Detail
      title={url}
      onClose={onClose}
      actions={
        endpoint &&
        endpoint.events.length > 0 && (
          <DialogButton
            label={texts.test}
            load={() => import('./test-webhook.tsx')}
            props={{ events: endpoint.events }}
          />
        )
      }
    >
      <Loaded from={data} height="16rem">
        {() => (endpoint ? <EndpointFacts endpoint={endpoint} /> : <Nothing>{texts.states.idle}</Nothing>)}
      </Loaded>
    </Detail>
  )
}

function EndpointFacts({ endpoint }: { readonly endpoint: Endpoint }) {
  const { events, waiting, queues, failingQueues, waitingSince, circuits, silentProcessIds } = endpoint
  return (
    <>
      <Facts>
        <Fact name={texts.columns.state}>
          <EndpointState endpoint={endpoint} />
        </Fact>
        <Fact name={texts.columns.waiting} says={waiting > 0 && texts.queuesSays}>
          {texts.waiting(waiting, queues)}{' '}
          {waiting > 0 && (
            <To path="/webhooks" params={{ status: 'PENDING' }}>
              {texts.showWaiting}
            </To>
          )}
        </Fact>
        <Fact name={texts.columns.failing} says={failingQueues > 0 && texts.failingSays}>
          {failingQueues.toLocaleString('en')}
        </Fact>
        <Fact name={texts.columns.since}>
          <When at={waitingSince} none={texts.nothing} />
        </Fact>
        <Fact name={texts.eventsTitle}>
          {events.length === 0 ? texts.noEvents : events.map((event) => eventName(event)).join(', ')}
        </Fact>
      </Facts>
      <h3>{texts.circuits}</h3>
      <p className="fact-says">{texts.circuitsSays}</p>
      {silentProcessIds.length > 0 && <p className="fact-says">{texts.silent(silentProcessIds)}</p>}
      {circuits.length === 0 && <p className="none">{texts.noCircuits}</p>}
      {circuits.map((circuit) => (
        <Circuit key={circuit.processId} circuit={circuit} />
      ))}
    </>
  )
}

function Circuit({
  circuit: { processId, state, openUntil, timeouts, running, waiting },
}: {
  readonly circuit: Endpoint['circuits'][number]
}) {
  return (
    <Facts>
      <Fact name={texts.process}>
        <code title={processId}>{processId.slice(-8)}</code>{' '}
        <State kind={state === 'CLOSED' ? 'good' : 'bad'} words={texts.circuitStates[state]} />
        {openUntil != null && (
          <>
            {' '}
            {texts.openUntil} <When at={openUntil} />
          </>
        )}
      </Fact>
      <Fact name={texts.timeouts}>{timeouts}</Fact>
      <Fact name={texts.running}>{running}</Fact>
      <Fact name={texts.waitTurn}>{waiting}</Fact>
    </Facts>
  )
}
