import type { ServiceId, WebhookDeliveryId } from './sid.ts'
import type { WebhookBodyFormat, WebhookEvent, WebhookMethod } from './webhook.ts'

export const webhookDeliveryStatuses = ['pending', 'delivered', 'dead'] as const

/** Whether a delivery waits, has arrived, or was given up. */
export type WebhookDeliveryStatus = (typeof webhookDeliveryStatuses)[number]

/** A post-event on its way to one endpoint. */
export interface WebhookDelivery {
  readonly id: WebhookDeliveryId
  /** Its ordered queue, its number in it, the number up to which that is done, and the last one. */
  readonly queueId: string
  readonly number: number
  readonly doneNumber: number
  readonly lastNumber: number
  readonly serviceId: ServiceId
  /** SID of the channel of the event; of the user for events of users. */
  readonly subjectId: string
  readonly url: string
  readonly method: WebhookMethod
  readonly bodyFormat: WebhookBodyFormat
  readonly event: WebhookEvent
  /** JSON text of the parameters, without `RetryCount`. */
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

/** What is sent next of an ordered queue, and when. */
export interface WebhookQueueHead {
  readonly delivery: WebhookDelivery
  /** Null while an attempt is under way. */
  readonly nextAttemptAt: Date | null
}
