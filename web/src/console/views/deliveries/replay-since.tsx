import { useId, useState } from 'react'
import { Field } from '../../../ui/field.tsx'
import { ReplayDeliveriesDocument, ReplayDryRunDocument } from '../../generated/deliveries.ts'
import type { ReplayDryRunQuery, WebhookDeliveryStatus } from '../../generated/types.ts'
import { FormDialog } from '../../kit/form-dialog.tsx'
import { useNotify } from '../../kit/notices.tsx'
import { toIso, toLocal } from '../../kit/time-filter.tsx'
import { useServiceId } from '../../kit/url.ts'
import { useData } from '../../kit/use-data.ts'
import { Loaded } from '../../kit/waiting.tsx'
import { deliveriesTexts as texts } from '../../texts/en/deliveries.ts'
import { withoutScheme } from './delivery-state.tsx'
import './replay-since.css'

const hourMs = 3_600_000

type Which = WebhookDeliveryStatus | ''

/** Has all deliveries since a time sent again, and says before how many those are and where they go. */
export default function ReplaySince({ onClose }: { readonly onClose: () => void }) {
  const id = useId()
  const notify = useNotify()
  const serviceId = useServiceId()
  const [time, setTime] = useState(() => toLocal(new Date(Date.now() - hourMs).toISOString()))
  const [which, setWhich] = useState<Which>('DEAD')
  const since = toIso(time)
  const input = { serviceId, since: since ?? '', status: which === '' ? null : which }
  const dryRun = useData(ReplayDryRunDocument, { input }, { enabled: since !== null })
  const found = since === null ? undefined : dryRun.data?.dryRunReplay
  return (
    <FormDialog
      title={texts.manyTitle}
      says={texts.manySays}
      action={texts.manyAction}
      document={ReplayDeliveriesDocument}
      variables={() => ({ input })}
      isReady={found != null && found.count > 0}
      onDone={({ replayWebhookDeliveries }) => notify(texts.manyDone(replayWebhookDeliveries?.count ?? 0))}
      onClose={onClose}
      fields={['since']}
    >
      {(problemOf) => (
        <>
          <Field
            label={texts.since}
            type="datetime-local"
            value={time}
            problem={since === null ? texts.noTime : problemOf('since')}
            onChange={({ target }) => setTime(target.value)}
          />
          <div className="field">
            <label htmlFor={id}>{texts.which}</label>
            <select id={id} className="select" value={which} onChange={({ target }) => setWhich(target.value as Which)}>
              <option value="DEAD">{texts.onlyDead}</option>
              <option value="DELIVERED">{texts.onlyDelivered}</option>
              <option value="">{texts.both}</option>
            </select>
          </div>
          <div className="replay-says" aria-live="polite">
            {since !== null && <Loaded from={dryRun}>{() => found && <WhatHappens found={found} />}</Loaded>}
          </div>
        </>
      )}
    </FormDialog>
  )
}

function WhatHappens({
  found: { count, isComplete, targets },
}: {
  readonly found: NonNullable<ReplayDryRunQuery['dryRunReplay']>
}) {
  if (count === 0) return <p>{texts.willSendNone}</p>
  return (
    <>
      <p>{texts.willSend(count, isComplete)}</p>
      <ul>
        {targets.map(({ url, count: some }) => (
          <li key={url}>{texts.targetCount(withoutScheme(url), some)}</li>
        ))}
      </ul>
    </>
  )
}
