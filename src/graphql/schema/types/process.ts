import { listProcesses, maxMinutes, type OperatedProcess } from '../../../domain/deployment/process.ts'
import { refusalKinds, type RefusalKind as RefusalKindModel } from '../../../model/rate-limit.ts'
import type { ProcessMinute as ProcessMinuteRow } from '../../../store/process.ts'
import { builder } from '../builder.ts'
import { RefusalKind } from './refusal-kind.ts'

const ProcessState = builder.enumType('ProcessState', {
  description: 'The states of a process of the server.',
  values: {
    RUNNING: {
      value: 'running',
      description: 'The process has written its figures within the last two and a half minutes.',
    },
    STOPPED: { value: 'stopped', description: 'The process was stopped and has ended in order.' },
    SILENT: {
      value: 'silent',
      description:
        'The process has written no figures for two and a half minutes although the database was there: it has died, hangs, or does not reach the database.',
    },
  } as const,
})

const RefusalCount = builder
  .objectRef<{ readonly kind: RefusalKindModel; readonly count: number }>('RefusalCount')
  .implement({
    description: 'The refusals by one kind of limit.',
    fields: (t) => ({
      kind: t.field({ type: RefusalKind, description: 'The kind of the limit.', resolve: ({ kind }) => kind }),
      count: t.exposeInt('count', { description: 'The number of refusals.' }),
    }),
  })

const ProcessMinute = builder.objectRef<ProcessMinuteRow>('ProcessMinute').implement({
  description: 'The figures of one process for one minute. A minute in which the database was away is missing.',
  fields: (t) => ({
    minute: t.expose('minute', {
      type: 'DateTime',
      description: 'The beginning of the minute, by the clock of the database.',
    }),
    seconds: t.exposeFloat('seconds', {
      description:
        'The seconds that were counted: less than 60 where the process began or stopped in this minute, and while the minute is under way.',
    }),
    connections: t.exposeInt('connections', { description: 'The number of open WebSockets and event streams.' }),
    subscriptions: t.exposeInt('subscriptions', { description: 'The number of open subscriptions.' }),
    sends: t.exposeInt('sends', { description: 'Messages that were written within the minute.' }),
    deliveries: t.exposeInt('deliveries', {
      description:
        'Events that were written to readers within the minute, those that were read from the store included.',
    }),
    deliveryP50Ms: t.exposeFloat('deliveryP50Ms', {
      nullable: true,
      description:
        'Milliseconds from storing a message to writing it to a connected reader, which half of the deliveries of the minute did not exceed. An ' +
        'estimate within the bounds of `fonechat_delivery_seconds`; null when nothing was delivered.',
    }),
    deliveryP99Ms: t.exposeFloat('deliveryP99Ms', {
      nullable: true,
      description:
        'Milliseconds from storing a message to writing it to a connected reader, which 99 % of the deliveries of the minute did not exceed. An estimate ' +
        'within the bounds of `fonechat_delivery_seconds`; null when nothing was delivered.',
    }),
    eventLoopLagP99Ms: t.exposeFloat('eventLoopLagP99Ms', {
      description:
        'Milliseconds by which the event loop was late, which 99 % of the samples of the minute did not exceed.',
    }),
    poolSize: t.exposeInt('poolSize', {
      description: 'Connections to the database that the process may open for callers.',
    }),
    poolInUse: t.exposeInt('poolInUse', {
      description: 'Connections to the database that were in use for callers at the end of the minute.',
    }),
    poolWaiting: t.exposeInt('poolWaiting', {
      description: 'Callers that waited for a connection to the database at the end of the minute.',
    }),
    poolLongestWaitMs: t.exposeFloat('poolLongestWaitMs', {
      description:
        'The longest wait for a connection to the database within the minute, in milliseconds, rounded up to a bound of `fonechat_database_wait_seconds`.',
    }),
    memoryBytes: t.exposeFloat('memoryBytes', { description: 'Resident memory of the process in bytes.' }),
    refusals: t.field({
      type: [RefusalCount],
      description: 'The refusals within the minute, by the kind of the limit. Kinds without a refusal are left out.',
      // A newer version may know more kinds, and must not fail the list of processes of an older one that runs beside it.
      resolve: ({ refusals }) =>
        refusalKinds.flatMap((kind) => (refusals[kind] === undefined ? [] : [{ kind, count: refusals[kind] }])),
    }),
    sweepAgeMs: t.exposeFloat('sweepAgeMs', {
      description:
        'Milliseconds since the last sweep for lost hints, which runs every two seconds, at the end of the minute.',
    }),
    webhooksWaiting: t.exposeInt('webhooksWaiting', {
      description: 'Webhook deliveries that waited in the database at the end of the minute, of all processes.',
    }),
    scheduledOverdue: t.exposeInt('scheduledOverdue', {
      description:
        'Scheduled messages whose time had come at the end of the minute, of all processes, counted up to 10,000.',
    }),
  }),
})

/** The cost of a history: that of its minutes. */
function historyCost({ since }: { readonly since?: Date | null | undefined }) {
  const minutes = since ? Math.ceil((Date.now() - since.getTime()) / 60_000) : 60
  return { field: 1, multiplier: Math.min(Math.max(1, minutes), maxMinutes) }
}

/** What a list of processes counts as. Most deployments have fewer, and only their operator may ask. */
const countedProcesses = 16

const Process = builder.objectRef<OperatedProcess>('Process').implement({
  description:
    'A process that serves clients: a worker, or the only process of its machine. The primary of workers serves nobody and is not listed.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'A UUID, new with each start.' }),
    host: t.exposeString('host', { description: 'The name of its machine or container.' }),
    pid: t.exposeInt('pid', { description: 'The number of the process on its machine.' }),
    worker: t.exposeInt('worker', {
      nullable: true,
      description: 'The number of the worker among those of its machine, from 1; null without `PROCESSES`.',
    }),
    version: t.exposeString('version', { description: 'The version of the server that the process runs.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      description: 'The time at which the process started, by its own clock.',
    }),
    lastSeenAt: t.expose('seenAt', {
      type: 'DateTime',
      description: 'The time at which the process last wrote its figures, by the clock of the database.',
    }),
    state: t.field({ type: ProcessState, description: 'The state of the process.', resolve: ({ state }) => state }),
    isAnswering: t.exposeBoolean('isAnswering', { description: 'Whether this is the process that gives the answer.' }),
    latest: t.field({
      type: ProcessMinute,
      nullable: true,
      description: 'The last minute that the process has written, which may be under way; null while there is none.',
      resolve: ({ latest }) => latest,
    }),
    history: t.field({
      type: [ProcessMinute],
      description: 'The minutes of the process, oldest first. The last one may be under way.',
      args: {
        since: t.arg({
          type: 'DateTime',
          required: false,
          description:
            'The time from which minutes are returned, with the minute that it falls in; an hour ago by default. Minutes are kept for 25 hours.',
        }),
      },
      complexity: historyCost,
      resolve: async (process, { since }) => [...(await process.history(since))],
    }),
  }),
})

builder.queryFields((t) => ({
  processes: t.field({
    type: [Process],
    description:
      'Backend of the account that the server was started for only: the processes that were there within the last hour, at most 100, those first that were ' +
      'seen last. The process that answers is always among them.',
    complexity: { field: 1, multiplier: countedProcesses },
    resolve: (_root, _args, { app, actor }) => listProcesses(app, actor),
  }),
}))
