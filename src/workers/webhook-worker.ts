import { LRUCache } from 'lru-cache'
import type { App } from '../domain/app.ts'
import { withinMilliseconds } from '../domain/retry.ts'
import { findSigningKeys } from '../domain/webhooks/webhook.ts'
import { topics, type Unsubscribe } from '../live/bus.ts'
import { parseJson } from '../model/json-text.ts'
import type { AccountId } from '../model/sid.ts'
import type { WebhookParameters } from '../model/webhook.ts'
import { WebhookFailure, type WebhookAnswer } from '../outbound/webhook-request.ts'
import { isUnavailable } from '../store/engine/fault.ts'
import { jobSeconds, type WebhookJob } from '../store/webhooks/webhook-job.ts'
import {
  finishQueue,
  hasWaitingQueues,
  readDueDeliveries,
  settleDelivery,
  type Attempt,
  type DueDelivery,
} from '../store/webhooks/webhook-queue.ts'
import { tracing, type Tracing } from '../tracing/tracing.ts'

/** How long one attempt may take. */
const attemptMilliseconds = 10_000

/** How long attempts are begun for a job, so that the last one ends while the job is still ours. */
const turnMilliseconds = jobSeconds * 1000 - attemptMilliseconds - 2000

/** How many queues this process works on at once. */
const maxQueues = 128

/** How often it fetches jobs that are due again, or that other processes leave, while any delivery waits. */
const pollMilliseconds = 2000

/** Every fifth poll also reclaims the jobs of dead processes, where this process leads. */
const pollsToSupervise = 5

/** When the last poll found nothing, only every tenth one runs. */
const pollsWhenIdle = 10

const hour = 3_600_000

/** How long closing waits for attempts that are under way, in milliseconds. Those that are cut off are made again by another process. */
const closeMilliseconds = 700

const answerLength = 1000

/** From which attempt on a receiver counts as away: one that is restarted misses one or two. */
const attemptsToWarn = 3

/** How often the log says so of one address, in milliseconds, and of how many addresses. */
const warnMilliseconds = 600_000
const maxWarned = 1000

/**
 * Sends webhook deliveries: queue by queue, each in order, one attempt at a time. A delivery that does not arrive holds back those behind it
 * until it arrives or is given up.
 */
export class WebhookWorker {
  readonly #app: App
  readonly #leads: () => boolean
  readonly #timer: NodeJS.Timeout
  readonly #queues = new Map<string, Promise<void>>()
  #polls = 0
  #isIdle = false
  #taking: Promise<void> | undefined
  #isWoken = false
  #isClosed = false
  /** Ends attempts that take longer than the stop can wait. */
  readonly #cutOff = new AbortController()
  #unsubscribe: Unsubscribe | undefined
  /** Addresses that the log has named a while ago. */
  readonly #warned = new LRUCache<string, true>({ max: maxWarned, ttl: warnMilliseconds })

  /** `leads` says whether this process reclaims jobs for all of its machine. */
  constructor(app: App, leads = () => true) {
    this.#app = app
    this.#leads = leads
    this.#timer = setInterval(() => void this.#poll(), pollMilliseconds)
    this.#timer.unref()
    void this.#poll()
    // While the bus is away the poll finds what others leave.
    void app.bus.subscribe(topics.webhooks, () => this.wake()).then((unsubscribe) => (this.#unsubscribe = unsubscribe))
  }

  /** Fetches jobs and works on them. Any number of processes may do so at once. */
  wake(): void {
    this.#isWoken = true
    this.#isIdle = false
    this.#taking ??= this.#takeAll()
  }

  /** Never throws. */
  async #takeAll(): Promise<void> {
    try {
      while (this.#isWoken && !this.#isClosed) {
        this.#isWoken = false
        while (!this.#isClosed && this.#queues.size < maxQueues) {
          const jobs = await this.#app.webhookJobs.fetch(maxQueues - this.#queues.size)
          if (jobs.length === 0) break
          for (const job of jobs) this.#queues.set(job.id, this.#drain(job))
        }
      }
    } catch (error) {
      this.#warn(error, 'webhook jobs cannot be fetched')
    } finally {
      this.#taking = undefined
    }
  }

  async #poll(): Promise<void> {
    const poll = this.#polls++
    if (this.#isIdle && poll % pollsWhenIdle !== 0) return
    // A call of `wake` during this poll makes it busy again, whatever the poll finds.
    this.#isIdle = true
    try {
      if (!(await hasWaitingQueues(this.#app.db))) return
      if (poll % pollsToSupervise === 0 && this.#leads()) await this.#app.webhookJobs.supervise()
      if (!this.#isClosed) this.wake()
    } catch (error) {
      this.#isIdle = false
      this.#warn(error, 'webhook jobs cannot be fetched')
    }
  }

  /** Never throws. A job that cannot even be given back expires, and another worker takes it. */
  async #drain(job: WebhookJob): Promise<void> {
    try {
      await this.#sendAll(job)
    } catch (error) {
      this.#warn(error, 'a webhook delivery was interrupted')
      await this.#app.webhookJobs.fail(job).catch(() => {})
    }
    this.#queues.delete(job.id)
    // The job may have been renewed, and other queues may have waited for this place.
    this.wake()
  }

  async #sendAll(job: WebhookJob): Promise<void> {
    const { db, webhookJobs } = this.#app
    const started = performance.now()
    for (let isMore = false; ; isMore = true) {
      const due = await readDueDeliveries(db, job.queueId, 20)
      if (isMore && due.length === 0) throw new Error('a webhook queue lacks its deliveries')
      for (const delivery of due) {
        if (this.#isClosed || performance.now() - started > turnMilliseconds) return webhookJobs.renew(db, job)
        const attempt = await (tracing ? this.#trace(tracing, job, delivery) : this.#attempt(job, delivery))
        if (attempt.status !== 'delivered' && this.#cutOff.signal.aborted) return webhookJobs.renew(db, job)
        if (!(await settleDelivery(db, job.queueId, attempt))) return
        if (attempt.status === 'pending') return webhookJobs.fail(job)
        // After progress the back-off starts anew.
        if (job.retryCount > 0) return webhookJobs.renew(db, job)
      }
      if (await finishQueue(db, webhookJobs, job)) return
    }
  }

  #trace(by: Tracing, job: WebhookJob, delivery: DueDelivery): Promise<Attempt> {
    const attributes = {
      'fonechat.event': delivery.event,
      'fonechat.delivery': delivery.id,
      'fonechat.attempt': delivery.attempts + 1,
    }
    const options = { role: 'consumer', attributes } as const
    return by.linked(delivery.traceparent, 'deliver webhook', options, () => this.#attempt(job, delivery))
  }

  async #attempt(job: WebhookJob, delivery: DueDelivery): Promise<Attempt> {
    const { answer, failure } = await this.#send(job, delivery)
    const isDelivered = answer !== undefined && answer.status >= 200 && answer.status < 300
    const isOver = Date.now() - delivery.queuedAt.getTime() >= this.#app.config.WEBHOOK_RETRY_HOURS * hour
    const status = isDelivered ? 'delivered' : isOver ? 'dead' : 'pending'
    const about = {
      deliveryId: delivery.id,
      serviceId: delivery.serviceId,
      event: delivery.event,
      attempts: delivery.attempts + 1,
    }
    const reason = failure?.message ?? `answered ${answer?.status}`
    if (status === 'dead') {
      this.#app.instruments.deadDeliveries.value++
      this.#app.logger.error({ ...about, reason }, 'a webhook delivery did not arrive and is given up')
    }
    if (status === 'pending') this.#onPending(job, { ...about, reason })
    return {
      number: delivery.number,
      attempts: delivery.attempts,
      status,
      answerStatus: answer?.status ?? null,
      answer: toText(failure?.message ?? answer?.body ?? ''),
    }
  }

  /** A receiver that is away fails for every channel: the log names it at `warn` now and then, and each attempt at `debug`. */
  #onPending({ url }: WebhookJob, about: { readonly attempts: number; readonly reason: string }): void {
    const { origin } = new URL(url)
    const isWarning = about.attempts >= attemptsToWarn && !this.#warned.has(origin)
    if (isWarning) this.#warned.set(origin, true)
    this.#app.logger[isWarning ? 'warn' : 'debug'](
      { ...about, origin },
      'a webhook delivery did not arrive and will be tried again',
    )
  }

  async #send(
    { url }: WebhookJob,
    delivery: DueDelivery,
  ): Promise<{ answer?: WebhookAnswer; failure?: WebhookFailure }> {
    const { id, method, bodyFormat, serviceId, attempts } = delivery
    const stored = parseJson(delivery.parameters) as WebhookParameters | null | undefined
    const accountId = stored?.['AccountSid'] as AccountId | undefined
    // Counted as an attempt, so that it is given up at last instead of holding back its queue for ever.
    if (accountId === undefined) return { failure: new WebhookFailure('its parameters cannot be read') }
    const parameters: WebhookParameters = { ...stored, RetryCount: String(attempts) }
    const keys = await findSigningKeys(this.#app, { id: serviceId, accountId })
    try {
      const [timeout, { signal }] = [attemptMilliseconds, this.#cutOff]
      const request = { url, method, bodyFormat, parameters, id, ...keys, timeout, signal }
      return { answer: await this.#app.webhooks.send(request) }
    } catch (error) {
      if (error instanceof WebhookFailure) return { failure: error }
      throw error
    }
  }

  #warn(error: unknown, message: string): void {
    if (this.#isClosed && isUnavailable(error)) return
    this.#app.logger.warn({ err: error }, message)
  }

  /** Begins no more attempts: other processes make them. */
  stop(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
  }

  /** Gives the jobs back whose attempts do not end soon, and tells the other processes. */
  async close(): Promise<void> {
    this.stop()
    this.#unsubscribe?.()
    await this.#taking
    const ended = Promise.all(this.#queues.values())
    await withinMilliseconds(ended, closeMilliseconds)
    this.#cutOff.abort()
    await ended
    this.#app.bus.publish(topics.webhooks, {})
  }
}

/** The start of an answer, as text that Postgres can store. */
function toText(answer: string): string {
  return answer.slice(0, answerLength).replaceAll('\0', '').toWellFormed()
}
