import { useId, useState } from 'react'
import { TestWebhookDocument } from '../../generated/endpoints.ts'
import type { TestWebhookMutation, WebhookEvent } from '../../generated/types.ts'
import { FormDialog } from '../../kit/form-dialog.tsx'
import { PlainText } from '../../kit/plain-text.tsx'
import { State } from '../../kit/state.tsx'
import { useServiceId } from '../../kit/url.ts'
import { eventName } from '../../kit/webhook-events.ts'
import { endpointsTexts as texts } from '../../texts/en/endpoints.ts'

type Answer = NonNullable<TestWebhookMutation['sendTestWebhook']>

/** Sends a sample of an event, and shows the answer. It can be sent again, as often as one likes. */
export default function TestWebhook({
  events,
  onClose,
}: {
  readonly events: readonly WebhookEvent[]
  readonly onClose: () => void
}) {
  const id = useId()
  const serviceId = useServiceId()
  const [event, setEvent] = useState(events[0]!)
  const [answer, setAnswer] = useState<Answer>()
  return (
    <FormDialog
      title={texts.testTitle}
      says={texts.testSays}
      action={texts.testAction}
      document={TestWebhookDocument}
      variables={() => ({ input: { serviceId, event } })}
      onDone={({ sendTestWebhook }) => setAnswer(sendTestWebhook ?? undefined)}
      onClose={onClose}
      close={texts.close}
      staysOpen
      fields={[]}
    >
      {() => (
        <>
          <div className="field">
            <label htmlFor={id}>{texts.testEvent}</label>
            <select
              id={id}
              className="select"
              value={event}
              onChange={({ target }) => {
                setEvent(target.value as WebhookEvent)
                setAnswer(undefined)
              }}
            >
              {events.map((one) => (
                <option key={one} value={one}>
                  {eventName(one)}
                </option>
              ))}
            </select>
          </div>
          <div aria-live="polite">{answer && <TestAnswer answer={answer} />}</div>
        </>
      )}
    </FormDialog>
  )
}

function TestAnswer({ answer: { answerStatus, answer, milliseconds } }: { readonly answer: Answer }) {
  const isTaken = answerStatus != null && answerStatus >= 200 && answerStatus < 300
  return (
    <>
      <State
        kind={isTaken ? 'good' : 'bad'}
        words={answerStatus == null ? texts.testNone(milliseconds) : texts.testAnswer(answerStatus, milliseconds)}
      />
      {answer === '' ? <span className="none">{texts.emptyAnswer}</span> : <PlainText text={answer} />}
    </>
  )
}
