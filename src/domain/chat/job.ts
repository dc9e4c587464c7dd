import { loginOf, type Actor } from '../../model/actor.ts'
import { ChatError, notFound } from '../../model/error.ts'
import { jobLimits, type Job, type JobCheckpoint, type JobTask } from '../../model/job.ts'
import { byId, parsePage, readPage, sidCursor, type PageArgs, type PageOf } from '../../model/page.ts'
import { isSid, newSid, type ServiceId } from '../../model/sid.ts'
import { lockAccount } from '../../store/account.ts'
import { findJobThings, type JobScope } from '../../store/job-things.ts'
import { cancelJobRow, countOpenJobs, insertJob, readJob, readJobPage } from '../../store/job.ts'
import { isReachable, requireBackend, requireService } from '../access/authority.ts'
import type { App } from '../app.ts'
import { parseJobTask, type JobTaskInput } from './job-task.ts'

/** Work on many things of a service that goes on in the background. `job-run.ts` does it. */

/** How long a dry run looks for what a filter finds, in milliseconds. */
const dryRunMilliseconds = 2000

/** Things that are found at once. They are stored with the job before the first of them is changed. */
const maxFound = 50

export interface JobInput {
  readonly serviceId?: string | null | undefined
  readonly task: JobTaskInput
}

/** What a job would do. */
export interface JobDryRun {
  readonly count: number
  /** False where the time was not enough to find all. */
  readonly isComplete: boolean
  /** SIDs of the first ones. */
  readonly examples: readonly string[]
}

/** The next things of a job after a position. */
export function findNext(app: App, scope: JobScope, position: string | null): Promise<JobCheckpoint> | JobCheckpoint {
  const { ids } = scope.task
  if (!ids) return findJobThings(app.db, scope, position, maxFound)
  const start = Number(position ?? 0)
  const end = start + maxFound
  return { position: String(end), pending: ids.slice(start, end), isLast: end >= ids.length }
}

async function dryRun(app: App, serviceId: ServiceId, task: JobTask): Promise<JobDryRun> {
  const { ids } = task
  if (ids) return { count: ids.length, isComplete: true, examples: ids.slice(0, jobLimits.examples) }
  const scope = { serviceId, task, until: new Date(app.clock.now()) }
  const examples: string[] = []
  let count = 0
  let position: string | null = null
  const until = performance.now() + dryRunMilliseconds
  do {
    const found: JobCheckpoint = await findJobThings(app.db, scope, position, Number.POSITIVE_INFINITY)
    count += found.pending.length
    examples.push(...found.pending.slice(0, jobLimits.examples - examples.length))
    if (found.isLast) return { count, isComplete: true, examples }
    position = found.position
  } while (performance.now() < until)
  return { count, isComplete: false, examples }
}

/**
 * Says what a job would do, and changes nothing.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function dryRunJob(app: App, actor: Actor, input: JobInput): Promise<JobDryRun> {
  const backend = requireBackend(actor)
  const { id } = await requireService(app, actor, input.serviceId)
  return dryRun(app, id, await parseJobTask(app, backend, id, input.task))
}

/**
 * Starts a job, which goes on in the background.
 * Needs the backend. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function startJob(app: App, actor: Actor, input: JobInput): Promise<Job> {
  const backend = requireBackend(actor)
  const { accountId, consoleSessionId = null, webhookSwitch = null } = backend
  const { id: serviceId } = await requireService(app, actor, input.serviceId)
  const task = await parseJobTask(app, backend, serviceId, input.task)
  const { count, isComplete } = await dryRun(app, serviceId, task)
  const job = await app.db.transaction(async (tx) => {
    await lockAccount(tx, accountId)
    if ((await countOpenJobs(tx, accountId)) >= jobLimits.open) {
      throw new ChatError('CONFLICT', `at most ${jobLimits.open} jobs of an account can wait or run`)
    }
    return insertJob(tx, {
      accountId,
      serviceId,
      id: newSid('JB'),
      task,
      total: isComplete ? count : null,
      checkpoint: { position: null, pending: [], isLast: false },
      webhookSwitch,
      credentialId: loginOf(backend),
      consoleSessionId,
    })
  })
  app.wakeJobs()
  return job
}

/**
 * Has a job cancelled: what it has done stays done. One that was cancelled stays as it is.
 * Needs the backend. Throws CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function cancelJob(app: App, actor: Actor, id: string): Promise<Job> {
  const job = await findJob(app, actor, id)
  if (!job) throw notFound('the job')
  const cancelled = await cancelJobRow(app.db, job.id)
  if (cancelled) return cancelled
  const ended = await readJob(app.db, job.id)
  if (!ended) throw notFound('the job')
  if (ended.state !== 'cancelled') throw new ChatError('CONFLICT', 'the job has ended')
  return ended
}

/**
 * A job of a service of the caller's account.
 * Needs the backend. Throws FORBIDDEN.
 */
export async function findJob(app: App, actor: Actor, id: string): Promise<Job | undefined> {
  requireBackend(actor)
  const job = isSid('JB', id) ? await readJob(app.db, id) : undefined
  return job && (await isReachable(app, actor, job.serviceId)) ? job : undefined
}

/**
 * One page of a service's jobs, newest first.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function listJobs(
  app: App,
  actor: Actor,
  serviceId: string | null | undefined,
  args: PageArgs,
): Promise<PageOf<Job>> {
  requireBackend(actor)
  const page = parsePage(actor, args, sidCursor('JB'))
  const service = await requireService(app, actor, serviceId)
  return readPage(page, (part) => readJobPage(app.db, service.id, part), byId)
}
