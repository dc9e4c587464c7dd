import type { App } from '../../domain/app.ts'
import { SharedReading } from '../../domain/shared-reading.ts'
import { isUnavailable } from '../../store/engine/fault.ts'
import { readWaitingWork, type WaitingWork } from '../../store/waiting-work.ts'
import { gauge, type Metric } from './metric.ts'

/** How long a reading counts, in milliseconds: whoever asks more often gets the same again. */
const freshMilliseconds = 1000

/** How long `/metrics` waits for the database, in milliseconds. What is not known by then is left out. */
const waitMilliseconds = 500

/** What waits in the database, of all processes of all machines: read by the process that is asked, and by no other. */
export function waitingMetrics(app: Pick<App, 'db' | 'logger'>): Metric[] {
  const reading = new SharedReading(() => readWaitingWork(app.db), {
    fresh: freshMilliseconds,
    wait: waitMilliseconds,
    onError: (error) => {
      // The log has it from whoever else asks the database.
      if (!isUnavailable(error)) app.logger.error({ err: error }, 'what waits in the database cannot be read')
    },
  })
  const read = (name: string, help: string, pick: (work: WaitingWork) => number): Metric =>
    gauge({
      name,
      help,
      read: async () => {
        const work = await reading.fresh()
        return work && pick(work)
      },
    })
  return [
    read(
      'fonechat_webhook_deliveries_waiting',
      'Post-events of all processes that have not arrived yet; left out while the database does not answer.',
      ({ webhookDeliveries }) => webhookDeliveries,
    ),
    read(
      'fonechat_webhook_oldest_delivery_seconds',
      'How long the oldest post-event has waited, of a thousand queues; 0 when none waits.',
      ({ oldestWebhookDeliverySeconds }) => oldestWebhookDeliverySeconds,
    ),
    read(
      'fonechat_scheduled_overdue',
      'Scheduled messages whose time has come and that are not sent yet, counted up to 10,000.',
      ({ scheduledOverdue }) => scheduledOverdue,
    ),
    read(
      'fonechat_scheduled_overdue_seconds',
      'How long the oldest of the scheduled messages that are due has waited; 0 when none is due.',
      ({ scheduledOverdueSeconds }) => scheduledOverdueSeconds,
    ),
    read(
      'fonechat_reminders_overdue',
      'Reminders whose time has come and that are not given yet, counted up to 10,000.',
      ({ remindersOverdue }) => remindersOverdue,
    ),
    read(
      'fonechat_reminders_overdue_seconds',
      'How long the oldest of the reminders that are due has waited; 0 when none is due.',
      ({ remindersOverdueSeconds }) => remindersOverdueSeconds,
    ),
  ]
}
