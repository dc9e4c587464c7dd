import type { Deployment as DeploymentModel } from '../../../domain/deployment/deployment.ts'
import { findDeployment, timeOf } from '../../../domain/deployment/find-deployment.ts'
import type { RedisInfo } from '../../../live/redis-info.ts'
import type { Finding as FindingModel } from '../../../model/finding.ts'
import type { DatabaseStatus, StandbyStatus } from '../../../store/database-status.ts'
import type { QueueStatus } from '../../../store/queue-status.ts'
import { builder } from '../builder.ts'

const Standby = builder.objectRef<StandbyStatus>('DatabaseStandby').implement({
  description: 'A standby of the database, as its primary sees it.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The `application_name` of the standby.' }),
    state: t.exposeString('state', {
      nullable: true,
      description:
        'The state of the standby, as `pg_stat_replication` says it: `streaming`, `catchup`, `startup`, `backup` or `stopping`. Null when the role of the server may not see it.',
    }),
    syncState: t.exposeString('syncState', {
      nullable: true,
      description:
        'Whether commits wait for the standby: `async`, `potential`, `sync` or `quorum`. Null when the role of the server may not see it.',
    }),
    lagBytes: t.exposeFloat('lagBytes', {
      nullable: true,
      description:
        'Bytes of the write-ahead log that the standby has not applied yet. Null when the role of the server may not see it.',
    }),
    lagMs: t.exposeFloat('lagMs', {
      nullable: true,
      description:
        'Milliseconds by which the standby is behind the primary. Null when nothing was written lately, and when the role of the server may not see it.',
    }),
  }),
})

const DatabaseEngine = builder.enumType('DatabaseEngine', {
  description: 'The kinds of databases.',
  values: {
    POSTGRES: { description: 'A Postgres of its own.' },
    EMBEDDED: { description: 'The engine within the process, which has no connections and no standbys.' },
  },
})

const Database = builder
  .objectRef<{ readonly deployment: DeploymentModel; readonly status: DatabaseStatus | undefined }>('DatabaseStatus')
  .implement({
    description: 'The database, as the answering process sees it. What could not be read within two seconds is null.',
    fields: (t) => ({
      engine: t.field({
        type: DatabaseEngine,
        description: 'The kind of the database.',
        resolve: ({ deployment }) => (deployment.isEmbedded ? 'EMBEDDED' : 'POSTGRES'),
      }),
      isAnswering: t.boolean({
        description: 'Whether the database answered the last heartbeat, which asks every 3 seconds.',
        resolve: ({ deployment }) => deployment.pulse.isAnswering,
      }),
      answerAgeMs: t.float({
        description: 'Milliseconds since the last answer of the database to the heartbeat.',
        resolve: ({ deployment }) => deployment.pulse.age,
      }),
      roundTripMs: t.float({
        description: 'Milliseconds that the last answer of the database to the heartbeat took.',
        resolve: ({ deployment }) => deployment.pulse.roundTrip,
      }),
      version: t.string({
        nullable: true,
        description: 'The version of Postgres.',
        resolve: ({ status }) => status?.version ?? null,
      }),
      sizeBytes: t.float({
        nullable: true,
        description: 'The size of the database in bytes, its indexes included.',
        resolve: ({ status }) => status?.bytes ?? null,
      }),
      isPrimary: t.boolean({
        nullable: true,
        description: 'Whether the database takes writes: a primary does, a standby does not.',
        resolve: ({ status }) => status?.isPrimary ?? null,
      }),
      connections: t.int({
        nullable: true,
        description:
          'Connections that are open to all databases of the server, of all programs. Null for the embedded engine.',
        resolve: ({ status }) => status?.connections ?? null,
      }),
      maxConnections: t.int({
        nullable: true,
        description: 'The most connections that may be open (`max_connections`). Null for the embedded engine.',
        resolve: ({ status }) => status?.maxConnections ?? null,
      }),
      standbys: t.field({
        type: [Standby],
        nullable: true,
        description: 'Standbys that are connected to the database, at most 20.',
        resolve: ({ status }) => (status ? [...status.standbys] : null),
      }),
    }),
  })

const RedisMode = builder.enumType('RedisMode', {
  description: 'The kinds of Redis that REDIS_URL can lead to.',
  values: {
    SINGLE: { description: 'One server alone.' },
    SENTINEL: { description: 'The primary that sentinels name.' },
    CLUSTER: { description: 'A Redis Cluster.' },
  },
})

const modes = { server: 'SINGLE', sentinel: 'SENTINEL', cluster: 'CLUSTER' } as const

const RedisStatus = builder
  .objectRef<{ readonly isAway: boolean; readonly info: RedisInfo | undefined }>('RedisStatus')
  .implement({
    description: 'Redis, as the answering process sees it. What could not be read within two seconds is null.',
    fields: (t) => ({
      isAnswering: t.boolean({
        description:
          'Whether Redis answers. While it does not, events come late to other processes, and presence is not known.',
        resolve: ({ isAway }) => !isAway,
      }),
      mode: t.field({
        type: RedisMode,
        nullable: true,
        description: 'The kind of Redis.',
        resolve: ({ info }) => (info ? modes[info.mode] : null),
      }),
      version: t.string({
        nullable: true,
        description: 'The version of Redis.',
        resolve: ({ info }) => info?.version ?? null,
      }),
      usedBytes: t.float({
        nullable: true,
        description: 'The memory that Redis uses, in bytes; of a cluster, that of all primaries.',
        resolve: ({ info }) => info?.bytes ?? null,
      }),
      maxBytes: t.float({
        nullable: true,
        description: 'The most memory that Redis may use, in bytes (`maxmemory`); null when there is no limit.',
        resolve: ({ info }) => info?.maxBytes ?? null,
      }),
      roundTripMs: t.float({
        nullable: true,
        description: 'Milliseconds that an answer of Redis takes: the shortest of five.',
        resolve: ({ info }) => info?.milliseconds ?? null,
      }),
    }),
  })

const Queues = builder.objectRef<QueueStatus>('QueueStatus').implement({
  description: 'The work that waits in the database, of all processes and services.',
  fields: (t) => ({
    webhookDeliveries: t.exposeInt('webhookDeliveries', {
      description: 'Webhook deliveries that have not arrived yet.',
    }),
    webhookQueues: t.exposeInt('webhookQueues', {
      description:
        'The ordered queues in which webhook deliveries wait, one for each subject and endpoint, counted up to 10,000.',
    }),
    oldestWebhookDeliverySeconds: t.exposeFloat('oldestWebhookDeliverySeconds', {
      description: 'Seconds that the oldest webhook delivery has waited, of a thousand queues; 0 when none waits.',
    }),
    deadWebhookDeliveries: t.exposeInt('deadWebhookDeliveries', {
      description: 'Webhook deliveries of the last day that were given up, counted up to 10,000.',
    }),
    scheduledMessages: t.exposeInt('scheduledMessages', {
      description: 'Scheduled messages that are not sent yet, counted up to 10,000.',
    }),
    scheduledOverdue: t.exposeInt('scheduledOverdue', {
      description: 'Scheduled messages that are not sent yet although their time has come, counted up to 10,000.',
    }),
    scheduledOverdueSeconds: t.exposeFloat('scheduledOverdueSeconds', {
      description: 'Seconds by which the oldest scheduled message that is due is late; 0 when none is due.',
    }),
    remindersOverdue: t.exposeInt('remindersOverdue', {
      description: 'Reminders whose time has come and that are not given yet, counted up to 10,000.',
    }),
  }),
})

const FindingSeverity = builder.enumType('FindingSeverity', {
  description: 'The severities of findings.',
  values: {
    ERROR: { value: 'error', description: 'Something breaks or is lost now.' },
    WARNING: { value: 'warning', description: 'Something will break or be lost unless somebody acts.' },
    NOTICE: { value: 'notice', description: 'Something is worth knowing; nothing has to be done.' },
  } as const,
})

const Finding = builder.objectRef<FindingModel>('Finding').implement({
  description: 'Something that was found to be other than it should be, as `fonechat doctor` prints it.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'A stable code, which docs/cli.md describes: `transaction.long`.' }),
    severity: t.field({
      type: FindingSeverity,
      description: 'The severity of the finding.',
      resolve: ({ severity }) => severity,
    }),
    subject: t.string({
      nullable: true,
      description:
        'The thing that the finding is about, such as a table or a setting, where there may be several; null otherwise.',
      resolve: ({ subject }) => subject ?? null,
    }),
    text: t.exposeString('text', { description: 'The finding itself, in a sentence.' }),
    remedy: t.exposeString('remedy', { description: 'The remedy, in a sentence.' }),
  }),
})

const Findings = builder
  .objectRef<{
    readonly items: readonly FindingModel[]
    readonly checkedAt: Date | null
    readonly isChecking: boolean
  }>('Findings')
  .implement({
    description: 'The findings about the deployment.',
    fields: (t) => ({
      items: t.field({
        type: [Finding],
        description: 'The findings of the last check, the most severe first.',
        resolve: ({ items }) => [...items],
      }),
      checkedAt: t.expose('checkedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'The time of the last check; null before the first one has ended.',
      }),
      isChecking: t.exposeBoolean('isChecking', { description: 'Whether a check is under way.' }),
    }),
  })

const Deployment = builder.objectRef<DeploymentModel>('Deployment').implement({
  description:
    'The parts that all processes of the server share: the database, Redis, the work that waits, and what is wrong.',
  fields: (t) => ({
    database: t.field({
      type: Database,
      description: 'The database. Read every two seconds at most, however many ask.',
      resolve: async (deployment) => ({ deployment, status: await deployment.database.fresh() }),
    }),
    redis: t.field({
      type: RedisStatus,
      nullable: true,
      description: 'Redis; null when the server has none. Read every two seconds at most, however many ask.',
      resolve: async (deployment) =>
        deployment.redis
          ? {
              isAway: deployment.isRedisAway,
              info: deployment.isRedisAway ? undefined : await deployment.redis.fresh(),
            }
          : null,
    }),
    queues: t.field({
      type: Queues,
      nullable: true,
      description:
        'The work that waits; null when it could not be read within two seconds. Read every two seconds at most, however many ask.',
      resolve: async (deployment) => (await deployment.queues.fresh()) ?? null,
    }),
    findings: t.field({
      type: Findings,
      description:
        'Everything that is wrong, as `fonechat doctor` finds it. Each process checks at most once a minute, only when it is asked, on a connection of its own. An answer ' +
        'waits for the check for at most 3 seconds, and otherwise has the findings of the check before.',
      resolve: async (deployment, _args, { app }) => {
        const latest = await deployment.findings.latest()
        return {
          items: latest?.value ?? [],
          checkedAt: latest ? timeOf(app, latest) : null,
          isChecking: deployment.findings.isReading,
        }
      },
    }),
  }),
})

builder.queryFields((t) => ({
  deployment: t.field({
    type: Deployment,
    description: 'Backend of the account that the server was started for only: what its processes share.',
    resolve: (_root, _args, { app, actor }) => findDeployment(app, actor),
  }),
}))
