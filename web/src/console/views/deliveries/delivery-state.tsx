import type { WebhookDeliveryStatus } from '../../generated/types.ts'
import { State } from '../../kit/state.tsx'
import { deliveriesTexts as texts } from '../../texts/en/deliveries.ts'

interface Delivery {
  readonly status: WebhookDeliveryStatus
  readonly attempts: number
  readonly answerStatus?: number | null
  readonly ahead?: number | null
}

/** What has become of a delivery. One that waits fails, or is held back by others. */
export function DeliveryState({ delivery: { status, attempts, ahead } }: { readonly delivery: Delivery }) {
  if (status === 'DELIVERED') return <State kind="good" words={texts.statuses.DELIVERED} />
  if (status === 'DEAD') return <State kind="bad" words={texts.statuses.DEAD} />
  if (ahead != null && ahead > 0) return <State kind="wait" words={texts.heldBack(ahead)} />
  return attempts > 0 ? (
    <State kind="bad" words={texts.failing} />
  ) : (
    <State kind="wait" words={texts.statuses.PENDING} />
  )
}

/** `3 · HTTP 503`. */
export function Attempts({ delivery: { attempts, answerStatus } }: { readonly delivery: Delivery }) {
  if (attempts === 0) return <span className="none">0</span>
  return `${attempts} · ${answerStatus == null ? texts.noAnswer : texts.answerStatus(answerStatus)}`
}

export const withoutScheme = (url: string): string => url.replace(/^https?:\/\//u, '')
