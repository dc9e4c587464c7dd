import type { WebhookBodyFormat, WebhookEvent, WebhookMethod } from './webhook.ts'

export const webhookDeliveryStatuses = ['pending', 'delivered', 'dead'] as const

/** Whether it still has to arrive, has arrived, or is not tried any more. */
export type WebhookDeliveryStatus = (typeof webhookDeliveryStatuses)[number]

/** A post-event on its way to one endpoint. */
export interface WebhookDelivery {
  readonly id: string
  readonly serviceId: string
  /** Of what it tells: the SID of the channel or, for what belongs to none, of the user. */
  readonly subjectId: string
  readonly url: string
  readonly method: WebhookMethod
  readonly bodyFormat: WebhookBodyFormat
  readonly event: WebhookEvent
  /** JSON text of what the webhook is told. */
  readonly parameters: string
  readonly status: WebhookDeliveryStatus
  readonly attempts: number
  /** HTTP status of the last answer; null while there is none. */
  readonly answerStatus: number | null
  /** What was answered last, or why there was no answer. */
  readonly answer: string | null
  readonly createdAt: Date
  /** When it was put at the end of its queue: at first, or again to be replayed. */
  readonly queuedAt: Date
  readonly attemptedAt: Date | null
}
