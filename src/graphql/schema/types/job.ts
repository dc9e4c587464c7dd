import { nullIfHidden } from '../../../domain/access/authority.ts'
import {
  cancelJob,
  findJob,
  listJobs,
  dryRunJob,
  startJob,
  type JobDryRun as JobDryRunModel,
} from '../../../domain/chat/job.ts'
import { findNodes } from '../../../domain/chat/node.ts'
import { jobKinds, jobLimits, type JobError as JobErrorModel } from '../../../model/job.ts'
import { known } from '../../../model/known.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { pageCost, toConnection } from '../pagination.ts'
import { payloadOf } from '../payload.ts'
import { Job, Node } from '../refs.ts'
import { JobTask } from './job-input.ts'

const JobKind = builder.enumType('JobKind', {
  description: 'The kinds of jobs, by what is done to each of their things.',
  values: {
    DELETE_MESSAGES: { value: 'deleteMessages', description: 'The job deletes messages of a channel.' },
    REMOVE_MEMBERS: { value: 'removeMembers', description: 'The job removes members from a channel.' },
    DELETE_USERS: { value: 'deleteUsers', description: 'The job deletes users of the service.' },
    DELETE_CHANNELS: { value: 'deleteChannels', description: 'The job deletes channels of the service.' },
  } as const,
})

const JobState = builder.enumType('JobState', {
  description: 'The state of a job.',
  values: {
    QUEUED: {
      value: 'queued',
      description: 'The job waits for its turn, or for a part of the server that does not answer.',
    },
    RUNNING: { value: 'running', description: 'A process works on the job.' },
    DONE: {
      value: 'done',
      description:
        'The job has gone through all of its things. `failed` says how many of them were refused, `skipped` how many no longer matched.',
    },
    FAILED: { value: 'failed', description: 'The job ended early; `failureCode` and `failureReason` say why.' },
    CANCELLED: { value: 'cancelled', description: 'The job was cancelled. What it had done stays done.' },
  } as const,
})

const JobError = builder.objectRef<JobErrorModel>('JobError').implement({
  description: 'Why a job could not change one thing.',
  fields: (t) => ({
    subjectId: t.exposeID('subjectId', { description: 'SID of the thing.' }),
    code: t.exposeString('code', { description: 'The error code that the change of this thing alone would have.' }),
    message: t.exposeString('message', { description: 'The reason, in one sentence.' }),
  }),
})

Job.implement({
  description:
    'Work on many things of a service that goes on in the background, whatever becomes of the caller or of the process. Each thing is changed as ' +
    'the mutation for one would do it, with its events and webhooks, and one that is refused does not stop the others. Jobs are listed until 30 days after their end.',
  interfaces: [Node],
  fields: (t) => ({
    serviceId: t.exposeID('serviceId', { description: 'SID of the service.' }),
    kind: t.field({
      type: JobKind,
      nullable: true,
      description:
        'The kind of the job; null for one that only a newer version of the server knows, which leaves the job to its own processes.',
      resolve: ({ task }) => known(jobKinds, task.kind),
    }),
    task: t.field({
      type: 'JSON',
      description: 'The task as it was given, with `ids` for SIDs that were listed.',
      complexity: points.channelAttributes,
      resolve: ({ task: { kind: _kind, ...task } }) => task,
    }),
    state: t.field({ type: JobState, description: 'The state of the job.', resolve: ({ state }) => state }),
    isCancelling: t.exposeBoolean('isCancelling', {
      description: 'Whether the job was cancelled. It ends after the step that is under way, within seconds.',
    }),
    total: t.exposeInt('total', {
      nullable: true,
      description:
        'The number of things when the job was started; null when they were too many to be counted within two seconds.',
    }),
    done: t.exposeInt('done', { description: 'The number of things that have been changed, or were gone already.' }),
    failed: t.exposeInt('failed', { description: 'The number of things whose change was refused.' }),
    skipped: t.exposeInt('skipped', {
      description:
        'The number of things that no longer matched: a filter had found them, and they did not fulfil its conditions any more when they were to be ' +
        'changed. They stay as they are.',
    }),
    errors: t.field({
      type: [JobError],
      description: `The first ${jobLimits.errors} refusals.`,
      complexity: { field: points.channel, multiplier: 1 },
      resolve: ({ errors }) => errors,
    }),
    failureCode: t.exposeString('failureCode', {
      nullable: true,
      description: 'The error code of a job that FAILED; null otherwise.',
    }),
    failureReason: t.exposeString('failureReason', {
      nullable: true,
      description: 'Why the job FAILED, in one sentence; null otherwise.',
    }),
    credentialId: t.exposeID('credentialId', {
      description: 'SID with which the backend that started the job had signed in: of the account, or of an API key.',
    }),
    consoleSessionId: t.exposeID('consoleSessionId', {
      nullable: true,
      description: 'SID of the console session in which the job was started; null for jobs of other backends.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'The time at which the job was started.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time at which a process first began to work on it; null before.',
    }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time at which the job ended; null before.',
    }),
  }),
})

const JobConnection = builder.connectionObject(
  { type: Job, name: 'JobConnection', description: 'A page of jobs.' },
  { name: 'JobEdge', description: 'A job and its position in the list.' },
)

const JobDryRun = builder.objectRef<JobDryRunModel>('JobDryRun').implement({
  description: 'The things that a job would change if it were started now.',
  fields: (t) => ({
    count: t.exposeInt('count', { description: 'The number of things that it would change.' }),
    isComplete: t.exposeBoolean('isComplete', {
      description: 'Whether `count` is all of them. False when they were too many to be counted within two seconds.',
    }),
    examples: t.field({
      type: [Node],
      nullable: { list: false, items: true },
      description: `The first ${jobLimits.examples} of them. An item is null when it does not exist any more.`,
      complexity: pageCost(points.message)({ first: jobLimits.examples }),
      resolve: ({ examples }, _args, { app, actor }) => findNodes(app, actor, examples),
    }),
  }),
})

const serviceId = {
  required: false,
  description: 'SID of the service; the account’s default service when left out.',
} as const

builder.queryFields((t) => ({
  job: t.field({
    type: Job,
    nullable: true,
    description: 'Backend only: the job with this SID; null when there is none.',
    args: { id: t.arg.id({ required: true, description: 'SID of the job.' }) },
    resolve: (_root, { id }, { app, actor }) => nullIfHidden(() => findJob(app, actor, id)),
  }),
  jobs: t.connection(
    {
      type: Job,
      description:
        'Backend only: the jobs of a service, newest first. `first` or `last` is from 1 to 1,000, by default 25.',
      complexity: pageCost(points.channel),
      args: { serviceId: t.arg.id(serviceId) },
      resolve: async (_root, { serviceId: given, ...page }, { app, actor }) =>
        toConnection(await listJobs(app, actor, given, page), ({ id }) => id),
    },
    JobConnection,
  ),
  dryRunJob: t.field({
    type: JobDryRun,
    description: 'Backend only: what a job would do. Nothing is changed. It takes at most about two seconds.',
    args: {
      serviceId: t.arg.id(serviceId),
      task: t.arg({ type: JobTask, required: true, description: 'The task of the job.' }),
    },
    resolve: (_root, args, { app, actor }) => dryRunJob(app, actor, args),
  }),
}))

const StartJobInput = builder.inputType('StartJobInput', {
  description: 'Input of `startJob`.',
  fields: (t) => ({
    serviceId: t.id(serviceId),
    task: t.field({ type: JobTask, required: true, description: 'The task of the job.' }),
  }),
})

const CancelJobInput = builder.inputType('CancelJobInput', {
  description: 'Input of `cancelJob`.',
  fields: (t) => ({ jobId: t.id({ required: true, description: 'SID of the job to cancel.' }) }),
})

const payload = payloadOf('job', Job)

builder.mutationFields((t) => ({
  startJob: t.field({
    type: payload('startJob', 'The job, which waits for a process.'),
    description:
      `Backend only: starts a job, which goes on in the background. CONFLICT while ${jobLimits.open} jobs of the account wait or run. The header ` +
      '`X-Twilio-Webhook-Enabled` holds for all that the job does.',
    args: { input: t.arg({ type: StartJobInput, required: true, description: 'The service and the task.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ job: await startJob(app, actor, input) }),
  }),
  cancelJob: t.field({
    type: payload('cancelJob', 'The job, cancelled or about to be.'),
    description:
      'Backend only: cancels a job. One that runs ends after the step that is under way, within seconds; what it has done stays done. CONFLICT when it ' +
      'has ended otherwise.',
    args: { input: t.arg({ type: CancelJobInput, required: true, description: 'The job to cancel.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ job: await cancelJob(app, actor, input.jobId) }),
  }),
}))
