import { setTimeout as delay } from 'node:timers/promises'
import type { Backend } from '../../model/actor.ts'
import { ChatError } from '../../model/error.ts'
import { jobLimits, type Job, type JobCheckpoint, type JobError } from '../../model/job.ts'
import { claimJob, isOtherAccountWaiting, passTurn, saveJob, type JobProgress } from '../../store/job.ts'
import { requireMembership, requireService } from '../access/authority.ts'
import type { App } from '../app.ts'
import { isPassing } from '../retry.ts'
import { applyJobTask, NoLongerWanted } from './job-task.ts'
import { findNext } from './job.ts'

/** How long a claim holds without a word of its process, in seconds. Much longer than a step, and as long as a job stands still when its process dies. */
const leaseSeconds = 30

/** A step ends with so many things or after this time in milliseconds, and then its progress is stored. */
const stepThings = 20
const stepMilliseconds = 2000

/** How long a job pauses after each thing while this process has sends: so many times as long as the thing took. */
const pauseBesideSends = 3

/** For how long after a send more are expected, in milliseconds. */
const sendsMilliseconds = 1000

/** After this time in milliseconds a job makes room for those of other accounts. */
const turnMilliseconds = 5000

/** The longest pause of a job for which the server has no time at present, in seconds. */
const maxPauseSeconds = 60

/** In characters, of what is kept of a refusal. */
const maxReason = 300

/**
 * Claims the next job and works on it until it is over, is cancelled, has had its turn while other accounts wait, or `isStopping`. Answers whether there
 * was one.
 */
export async function runNextJob(app: App, isStopping: () => boolean, turn = turnMilliseconds): Promise<boolean> {
  const job = await claimJob(app.db, leaseSeconds)
  if (!job) return false
  await new JobRun(app, job, isStopping, turn).run()
  await passTurn(app.db, job.accountId)
  return true
}

/**
 * Works on one claimed job. What was found is stored before the first of it is changed, and what is left of it after each step: a process that takes over
 * does the things of one step again, which finds them gone.
 */
class JobRun {
  readonly #app: App
  readonly #job: Job
  readonly #isStopping: () => boolean
  readonly #actor: Backend
  #checkpoint: JobCheckpoint
  #done: number
  #failed: number
  #skipped: number
  readonly #errors: JobError[]
  #isForward = false
  /** Things of the checkpoint that another claim may have changed already. */
  readonly #repeated: ReadonlySet<string>
  readonly #turnEnd: number
  #hasStepped = false
  #written: number
  #sendsUntil = 0

  constructor(app: App, job: Job, isStopping: () => boolean, turn: number) {
    const { accountId, serviceId, webhookSwitch, done, failed, skipped, errors } = job
    const { isLeft = false, ...checkpoint } = job.checkpoint
    this.#app = app
    this.#job = job
    this.#isStopping = isStopping
    this.#actor = { kind: 'backend', accountId, serviceId, ...(webhookSwitch !== null && { webhookSwitch }) }
    this.#checkpoint = checkpoint
    this.#done = done
    this.#failed = failed
    this.#skipped = skipped
    this.#errors = [...errors]
    this.#repeated = new Set(isLeft ? [] : checkpoint.pending)
    this.#turnEnd = performance.now() + turn
    this.#written = app.messages.written
  }

  async run(): Promise<void> {
    try {
      if (this.#job.stalls > jobLimits.stalls)
        throw new ChatError('UNAVAILABLE', 'the job came no further; start it again')
      await this.#requireScope()
      while (!(await this.#isOver())) await this.#step()
    } catch (error) {
      await this.#interrupt(error)
    }
  }

  /** What the job is in may be gone by now. */
  async #requireScope(): Promise<void> {
    const { serviceId, task } = this.#job
    await requireService(this.#app, this.#actor, serviceId)
    if ('channelId' in task) await requireMembership(this.#app, this.#actor, task.channelId)
  }

  /** Finds what is next and stores it. Answers whether there is nothing more to be done here. */
  async #isOver(): Promise<boolean> {
    const { isLast, pending, position } = this.#checkpoint
    if (pending.length === 0 && !isLast) {
      const { serviceId, task, createdAt } = this.#job
      this.#checkpoint = await findNext(this.#app, { serviceId, task, until: createdAt }, position)
      this.#isForward = true
    }
    const isFinished = this.#checkpoint.isLast && this.#checkpoint.pending.length === 0
    const isLeft = !isFinished && (this.#isStopping() || (await this.#isTurnOver()))
    if (isLeft) this.#checkpoint = { ...this.#checkpoint, isLeft }
    const state = await this.#save({
      state: isFinished ? 'done' : isLeft ? 'queued' : 'running',
      dueSeconds: isLeft ? 0 : leaseSeconds,
    })
    return state !== 'running'
  }

  async #isTurnOver(): Promise<boolean> {
    if (!this.#hasStepped || performance.now() < this.#turnEnd) return false
    return isOtherAccountWaiting(this.#app.db, this.#job.accountId)
  }

  async #step(): Promise<void> {
    this.#hasStepped = true
    const until = performance.now() + stepMilliseconds
    const { pending } = this.#checkpoint
    for (const id of pending.slice(0, stepThings)) {
      const begunAt = performance.now()
      await this.#apply(id)
      this.#checkpoint = { ...this.#checkpoint, pending: this.#checkpoint.pending.slice(1) }
      this.#isForward = true
      if (performance.now() > until || this.#isStopping()) return
      await delay((performance.now() - begunAt) * this.#pauseFactor())
    }
  }

  /** The longer a thing takes, the longer the database is left to others; and to sends for most of the time, since a job must not hold them up. */
  #pauseFactor(): number {
    const { written } = this.#app.messages
    if (written !== this.#written) this.#sendsUntil = performance.now() + sendsMilliseconds
    this.#written = written
    return performance.now() < this.#sendsUntil ? pauseBesideSends : 1
  }

  async #apply(id: string): Promise<void> {
    const { task } = this.#job
    try {
      await applyJobTask(this.#app, this.#actor, task, id)
    } catch (error) {
      if (isPassing(error)) throw error
      if (error instanceof NoLongerWanted) {
        this.#skipped++
        return
      }
      const isGone = error instanceof ChatError && error.code === 'NOT_FOUND'
      // What a filter has found, or a step before has changed, may be gone: that is what was wanted.
      if (!isGone || !(task.filter || this.#repeated.has(id))) return this.#fail(id, error)
    }
    this.#done++
  }

  #fail(subjectId: string, error: unknown): void {
    this.#failed++
    const isRefusal = error instanceof ChatError
    if (!isRefusal)
      this.#app.logger.error({ err: error, jobId: this.#job.id, subjectId }, 'a job met an internal error')
    if (this.#errors.length >= jobLimits.errors) return
    const code = isRefusal ? error.code : 'INTERNAL_SERVER_ERROR'
    const message = isRefusal ? error.message.slice(0, maxReason).toWellFormed() : 'internal error'
    this.#errors.push({ subjectId, code, message })
  }

  /** A refusal ends the job. Anything else is tried again later, by any process: if not even that can be written, when the claim has ended. */
  async #interrupt(error: unknown): Promise<void> {
    const { id, stalls } = this.#job
    if (error instanceof ChatError && (error.code !== 'UNAVAILABLE' || stalls > jobLimits.stalls)) {
      const failure = { failureCode: error.code, failureReason: error.message }
      await this.#save({ state: 'failed', dueSeconds: 0, ...failure })
      return
    }
    this.#app.logger.warn({ err: error, jobId: id }, 'a job was interrupted and goes on later')
    const pause = Math.min(maxPauseSeconds, 2 ** (this.#isForward ? 0 : stalls))
    await this.#save({ state: 'queued', dueSeconds: pause })
  }

  async #save(progress: Pick<JobProgress, 'state' | 'dueSeconds' | 'failureCode' | 'failureReason'>) {
    const state = await saveJob(this.#app.db, this.#job, {
      checkpoint: this.#checkpoint,
      done: this.#done,
      failed: this.#failed,
      skipped: this.#skipped,
      errors: this.#errors,
      isForward: this.#isForward,
      ...progress,
    })
    return state
  }
}
