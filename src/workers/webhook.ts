import type { App } from '../domain/app.ts'
import { withinMilliseconds } from '../domain/retry.ts'
import { findSigningKeys } from '../domain/webhooks/webhook.ts'
import { parseJson } from '../model/json-text.ts'
import type { WebhookParameters } from '../model/webhook.ts'
import { WebhookFailure, type WebhookAnswer } from '../outbound/webhook-request.ts'
import { isUnavailable } from '../store/engine/fault.ts'
import { jobSeconds, type NoticeJob } from '../store/webhooks/notice-job.ts'
import {
  finishLane,
  hasWaitingLanes,
  readDueNotices,
  settleNotice,
  type Attempt,
  type DueNotice,
} from '../store/webhooks/notice-lane.ts'

/** How long one attempt may take. */
const attemptMilliseconds = 10_000

/** After that no more attempts are begun with a job, so that it ends while it is still ours. */
const turnMilliseconds = jobSeconds * 1000 - attemptMilliseconds - 2000

/** Lanes told at once by this process. */
const mostLanes = 128

/** How often it looks for jobs that are due again, or that other processes leave, while there is anything to tell. */
const pollMilliseconds = 2000

/** At every which of these times also for what processes that died were telling. */
const pollsToSupervise = 5

/** And at which at all, where the last time there was nothing. */
const pollsWhenIdle = 10

const hour = 3_600_000

/** How long a stopping server waits for attempts that are on their way; what is cut off is tried again by another. */
const closeMilliseconds = 1000

const answerLength = 1000

/**
 * Tells webhooks what has happened: lane by lane, each in order, one attempt at a time. A notice that does not arrive holds back
 * those behind it until it does, or until it is given up.
 */
export class WebhookWorker {
  readonly #app: App
  readonly #timer: NodeJS.Timeout
  readonly #lanes = new Map<string, Promise<void>>()
  #polls = 0
  #isIdle = false
  #isTaking = false
  #isRung = false
  #isClosed = false

  constructor(app: App) {
    this.#app = app
    this.#timer = setInterval(() => void this.#poll(), pollMilliseconds)
    this.#timer.unref()
    void this.#poll()
  }

  /** Looks for work. Any number of processes may do so at once. */
  ring(): void {
    this.#isRung = true
    this.#isIdle = false
    if (!this.#isTaking) void this.#takeAll()
  }

  async #takeAll(): Promise<void> {
    this.#isTaking = true
    try {
      while (this.#isRung && !this.#isClosed) {
        this.#isRung = false
        while (!this.#isClosed && this.#lanes.size < mostLanes) {
          const jobs = await this.#app.noticeJobs.take(mostLanes - this.#lanes.size)
          if (jobs.length === 0) break
          for (const job of jobs) this.#lanes.set(job.id, this.#drain(job))
        }
      }
    } catch (error) {
      this.#warn(error, 'webhooks cannot be looked for')
    } finally {
      this.#isTaking = false
    }
  }

  async #poll(): Promise<void> {
    const poll = this.#polls++
    if (this.#isIdle && poll % pollsWhenIdle !== 0) return
    // Whoever rings meanwhile makes it busy again, whatever was seen.
    this.#isIdle = true
    try {
      if (!(await hasWaitingLanes(this.#app.db))) return
      if (poll % pollsToSupervise === 0) await this.#app.noticeJobs.supervise()
      if (!this.#isClosed) this.ring()
    } catch (error) {
      this.#isIdle = false
      this.#warn(error, 'webhooks cannot be looked for')
    }
  }

  /** Never throws: where even the job cannot be given back, its time ends and another tries. */
  async #drain(job: NoticeJob): Promise<void> {
    try {
      await this.#tellAll(job)
    } catch (error) {
      this.#warn(error, 'a webhook was not told')
      await this.#app.noticeJobs.fail(job).catch(() => {})
    }
    this.#lanes.delete(job.id)
    // What the job was renewed for, and lanes that were waiting for a place.
    this.ring()
  }

  async #tellAll(job: NoticeJob): Promise<void> {
    const { db, noticeJobs } = this.#app
    const started = performance.now()
    for (let isMore = false; ; isMore = true) {
      const due = await readDueNotices(db, job.laneId, 20)
      if (isMore && due.length === 0) throw new Error('a webhook lane lacks its notices')
      for (const notice of due) {
        if (this.#isClosed || performance.now() - started > turnMilliseconds) return noticeJobs.renew(db, job)
        const attempt = await this.#attempt(job, notice)
        if (!(await settleNotice(db, job.laneId, attempt))) return
        if (attempt.status === 'pending') return noticeJobs.fail(job)
        // The next one to fail is to wait no longer than a first one does.
        if (job.retryCount > 0) return noticeJobs.renew(db, job)
      }
      if (await finishLane(db, noticeJobs, job)) return
    }
  }

  async #attempt(job: NoticeJob, notice: DueNotice): Promise<Attempt> {
    const { answer, failure } = await this.#send(job, notice)
    const isDelivered = answer !== undefined && answer.status >= 200 && answer.status < 300
    const isOver = Date.now() - notice.queuedAt.getTime() >= this.#app.config.WEBHOOK_RETRY_HOURS * hour
    const status = isDelivered ? 'delivered' : isOver ? 'dead' : 'pending'
    const about = {
      noticeId: notice.id,
      serviceId: notice.serviceId,
      event: notice.event,
      attempts: notice.attempts + 1,
    }
    const reason = failure?.message ?? `answered ${answer?.status}`
    if (status === 'dead') this.#app.logger.error({ ...about, reason }, 'a webhook could not be told and is given up')
    if (status === 'pending') this.#app.logger.debug({ ...about, reason }, 'a webhook could not be told yet')
    return {
      number: notice.number,
      attempts: notice.attempts,
      status,
      answerStatus: answer?.status ?? null,
      answer: toText(failure?.message ?? answer?.body ?? ''),
    }
  }

  async #send({ url }: NoticeJob, notice: DueNotice): Promise<{ answer?: WebhookAnswer; failure?: WebhookFailure }> {
    const { id, method, bodyFormat, serviceId, attempts } = notice
    const told = parseJson(notice.parameters) as WebhookParameters | null | undefined
    const accountId = told?.['AccountSid']
    // It would hold back its lane for ever, were it not given up like others that do not arrive.
    if (accountId === undefined) return { failure: new WebhookFailure('its parameters cannot be read') }
    const parameters: WebhookParameters = { ...told, RetryCount: String(attempts) }
    const keys = await findSigningKeys(this.#app, { id: serviceId, accountId })
    try {
      const timeout = attemptMilliseconds
      return { answer: await this.#app.webhooks.send({ url, method, bodyFormat, parameters, id, ...keys, timeout }) }
    } catch (error) {
      if (error instanceof WebhookFailure) return { failure: error }
      throw error
    }
  }

  #warn(error: unknown, message: string): void {
    if (this.#isClosed && isUnavailable(error)) return
    this.#app.logger.warn({ err: error }, message)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    await withinMilliseconds(Promise.all(this.#lanes.values()), closeMilliseconds)
  }
}

/** What Postgres can hold of an answer. */
function toText(answer: string): string {
  return answer.slice(0, answerLength).replaceAll('\0', '').toWellFormed()
}
