import { randomUUID } from 'node:crypto'
import type { App } from '../app.ts'
import { withinMilliseconds } from '../domain/retry.ts'
import { findSigningKeys } from '../domain/webhook.ts'
import type { WebhookParameters } from '../model/webhook.ts'
import { WebhookFailure, type WebhookAnswer } from '../outbound/webhook-request.ts'
import { isConnectionLost } from '../store/db.ts'
import {
  leaseLane,
  readDueNotices,
  releaseLane,
  settleNotice,
  type Attempt,
  type DueNotice,
  type Lease,
} from '../store/notice-lane.ts'

/** How long one attempt may take, and for how long a lane is held: longer, so that nobody else tells it meanwhile. */
const attemptMilliseconds = 10_000
const leaseMilliseconds = 30_000

/** Lanes told at once by this process, and of these to one endpoint: one that hangs leaves the others their turn. */
const mostLanes = 32
const mostLanesOfEndpoint = 8

/** How often it looks for what is due again, or was left behind by a process that died. */
const sweepMilliseconds = 2000

/** A lane that has nothing, though it should, is left alone for so long. */
const emptyMilliseconds = 60_000

const firstWait = 1000
const longestWait = 3_600_000
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
  readonly #lanes = new Map<Lease, Promise<void>>()
  #isLeasing = false
  #isRung = false
  #isClosed = false

  constructor(app: App) {
    this.#app = app
    this.#timer = setInterval(() => this.ring(), sweepMilliseconds)
    this.#timer.unref()
  }

  /** Looks for work. Any number of processes may do so at once. */
  ring(): void {
    this.#isRung = true
    if (!this.#isLeasing) void this.#leaseAll()
  }

  async #leaseAll(): Promise<void> {
    this.#isLeasing = true
    try {
      while (this.#isRung && !this.#isClosed) {
        this.#isRung = false
        while (!this.#isClosed && this.#lanes.size < mostLanes) {
          const lease = await leaseLane(this.#app.db, randomUUID(), leaseMilliseconds, this.#busyUrls())
          if (!lease) break
          this.#lanes.set(lease, this.#drain(lease))
        }
      }
    } catch (error) {
      this.#warn(error, 'webhooks cannot be looked for')
    } finally {
      this.#isLeasing = false
    }
  }

  #busyUrls(): string[] {
    const lanes = Map.groupBy(this.#lanes.keys(), ({ url }) => url)
    return [...lanes].filter(([, { length }]) => length >= mostLanesOfEndpoint).map(([url]) => url)
  }

  /** Never throws: whatever goes wrong, the lease ends by itself and another tries. */
  async #drain(lease: Lease): Promise<void> {
    try {
      const isEmpty = (await this.#tellAll(lease)) === 0
      // That cannot be; were it so, it would be found again and again.
      if (isEmpty && !this.#isClosed) this.#app.logger.error({ lane: lease.laneId }, 'a webhook lane lacks its notices')
      await releaseLane(this.#app.db, lease, isEmpty ? emptyMilliseconds : 0)
    } catch (error) {
      this.#warn(error, 'a webhook was not told')
    }
    this.#lanes.delete(lease)
    // What came for the lane while it was held, and lanes that were waiting for a place.
    this.ring()
  }

  /** How many it has found. */
  async #tellAll(lease: Lease): Promise<number> {
    for (let found = 0; ;) {
      const due = await readDueNotices(this.#app.db, lease, 20)
      if (due.length === 0) return found
      found += due.length
      for (const notice of due) {
        if (this.#isClosed) return found
        const attempt = await this.#attempt(lease, notice)
        const isHeld = await settleNotice(this.#app.db, lease, attempt)
        if (!isHeld || attempt.status === 'pending') return found
      }
    }
  }

  async #attempt(lease: Lease, notice: DueNotice): Promise<Attempt> {
    const { answer, failure } = await this.#send(lease, notice)
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
      status,
      answerStatus: answer?.status ?? null,
      answer: toText(failure?.message ?? answer?.body ?? ''),
      wait: status === 'pending' ? waitAfter(notice.attempts) : 0,
      leaseMilliseconds,
    }
  }

  async #send({ url }: Lease, notice: DueNotice): Promise<{ answer?: WebhookAnswer; failure?: WebhookFailure }> {
    const { id, method, serviceId, attempts } = notice
    const parameters: WebhookParameters = {
      ...(JSON.parse(notice.parameters) as WebhookParameters),
      RetryCount: String(attempts),
    }
    const keys = await findSigningKeys(this.#app, { id: serviceId, accountId: parameters['AccountSid']! })
    try {
      const timeout = attemptMilliseconds
      return { answer: await this.#app.webhooks.send({ url, method, parameters, id, ...keys, timeout }) }
    } catch (error) {
      if (error instanceof WebhookFailure) return { failure: error }
      throw error
    }
  }

  #warn(error: unknown, message: string): void {
    if (this.#isClosed && isConnectionLost(error)) return
    this.#app.logger.warn({ err: error }, message)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    await withinMilliseconds(Promise.all(this.#lanes.values()), closeMilliseconds)
  }
}

/** Twice as long after each attempt, and never the same for many that failed together. */
function waitAfter(attempts: number): number {
  return Math.round(Math.min(firstWait * 2 ** attempts, longestWait) * (0.5 + Math.random() / 2))
}

/** What Postgres can hold of an answer. */
function toText(answer: string): string {
  return answer.slice(0, answerLength).replaceAll('\0', '').toWellFormed()
}
