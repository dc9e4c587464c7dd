import { DeliveryDocument, ReplayDeliveryDocument } from '../../generated/deliveries.ts'
import type { DeliveryQuery } from '../../generated/types.ts'
import { ChangeButton } from '../../kit/change-button.tsx'
import { Detail } from '../../kit/detail.tsx'
import { Fact, Facts } from '../../kit/facts.tsx'
import { PlainText } from '../../kit/plain-text.tsx'
import { shortSid, Sid } from '../../kit/sid.tsx'
import { Thing } from '../../kit/thing.tsx'
import { To } from '../../kit/to.tsx'
import { useData } from '../../kit/use-data.ts'
import { Loaded, Nothing } from '../../kit/waiting.tsx'
import { eventName } from '../../kit/webhook-events.ts'
import { Moment, When } from '../../kit/when.tsx'
import { deliveriesTexts as texts } from '../../texts/en/deliveries.ts'
import { DeliveryState } from './delivery-state.tsx'

type Delivery = NonNullable<DeliveryQuery['webhookDelivery']>

/** How often a delivery that waits is read again, in milliseconds: its attempts have seconds between them. */
const refetchMs = 5000

/** One that is settled changes only when somebody sends it again. */
const isFinal = ({ webhookDelivery }: DeliveryQuery): boolean => webhookDelivery?.status !== 'PENDING'

/** One delivery: where it stands, what it says and what was answered. */
export function DeliveryDetail({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const data = useData(DeliveryDocument, { id }, { refetchMs, isFinal })
  const delivery = data.data?.webhookDelivery
  return (
    <Detail
      title={delivery ? eventName(delivery.event) : texts.title}
      above={<Sid id={id} />}
      onClose={onClose}
      actions={delivery && delivery.status !== 'PENDING' && <Replay id={id} />}
    >
      <Loaded from={data} height="24rem">
        {({ webhookDelivery }) =>
          webhookDelivery ? (
            <>
              <DeliveryFacts delivery={webhookDelivery} />
              <Parameters parameters={webhookDelivery.parameters} />
            </>
          ) : (
            <Nothing>{texts.gone}</Nothing>
          )
        }
      </Loaded>
    </Detail>
  )
}

function DeliveryFacts({ delivery }: { readonly delivery: Delivery }) {
  const { subjectId, url, method, bodyFormat, attempts, answerStatus, answer, createdAt, attemptedAt } = delivery
  return (
    <Facts>
      <Fact name={texts.columns.status}>
        <DeliveryState delivery={delivery} />
      </Fact>
      {delivery.status === 'PENDING' && <Order delivery={delivery} />}
      <Fact name={texts.columns.attempts}>{attempts}</Fact>
      <Fact name={texts.attempted}>
        <When at={attemptedAt} none={texts.notYet} />
      </Fact>
      {attemptedAt != null && (
        <Fact name={texts.answer}>
          {answerStatus == null ? texts.noAnswer : texts.answerStatus(answerStatus)}
          {answer != null && answer !== '' && <PlainText text={answer} />}
        </Fact>
      )}
      <Fact name={texts.columns.at}>
        <Moment at={createdAt} />
      </Fact>
      <Fact name={texts.columns.subject}>
        <Thing id={subjectId} />
      </Fact>
      <Fact name={texts.request}>
        <code>{method}</code> {url}
        {method === 'POST' && ` (${bodyFormat === 'JSON' ? texts.json : texts.form})`}
      </Fact>
      <Fact name={texts.signature}>{texts.signatureSays}</Fact>
    </Facts>
  )
}

/** What is sent before it and after it, and when. */
function Order({ delivery: { ahead, behind, subjectId, heldBackBy, nextAttemptAt } }: { readonly delivery: Delivery }) {
  return (
    <>
      <Fact name={texts.order}>
        <p>{ahead === 0 ? texts.isNext : texts.ahead(ahead ?? 0)}</p>
        <p>
          {texts.behind(behind ?? 0)}{' '}
          {(behind ?? 0) > 0 && (
            <To path="/webhooks" params={{ subject: subjectId, status: 'PENDING' }}>
              {texts.showBehind}
            </To>
          )}
        </p>
      </Fact>
      {heldBackBy && (
        <Fact name={texts.heldBackBy} says={texts.heldBackBySays(heldBackBy.attempts)}>
          <To path="/webhooks" params={{ open: heldBackBy.id }}>
            {eventName(heldBackBy.event)} {shortSid(heldBackBy.id)}
          </To>
        </Fact>
      )}
      <Fact name={texts.next} says={texts.nextSays}>
        <When at={nextAttemptAt} none={texts.nextNow} />
      </Fact>
    </>
  )
}

/** An object of texts; anything else is shown as it is. */
function Parameters({ parameters }: { readonly parameters: unknown }) {
  const entries = Object.entries((parameters ?? {}) as Record<string, unknown>)
  return (
    <>
      <h3>{texts.parameters}</h3>
      <Facts>
        {entries.map(([name, value]) => (
          <Fact key={name} name={name}>
            <span dir="auto">{typeof value === 'string' ? value : JSON.stringify(value)}</span>
          </Fact>
        ))}
      </Facts>
    </>
  )
}

function Replay({ id: webhookDeliveryId }: { readonly id: string }) {
  return (
    <ChangeButton
      label={texts.replay}
      document={ReplayDeliveryDocument}
      variables={{ input: { webhookDeliveryId } }}
      ask={{ title: texts.replayTitle, says: texts.replaySays }}
      done={texts.replayed}
    />
  )
}
