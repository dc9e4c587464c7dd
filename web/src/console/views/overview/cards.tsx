import type { ReactNode } from 'react'
import { formatSince } from '../../../lib/format.ts'
import type { DeploymentStateQuery } from '../../generated/types.ts'
import { Fact, Facts } from '../../kit/facts.tsx'
import { State } from '../../kit/state.tsx'
import { overviewTexts } from '../../texts/en/overview.ts'
import { formatBytes, formatCount, formatMs } from './figures.ts'

const { database: ofDatabase, redis: ofRedis, queues: ofQueues } = overviewTexts

type Deployment = NonNullable<DeploymentStateQuery['deployment']>
type Database = Deployment['database']
type Standby = NonNullable<Database['standbys']>[number]

/** The database, Redis and the queues. `away` is for how long nothing could be read, in milliseconds. */
export function Cards({ deployment, away }: { readonly deployment: Deployment; readonly away: number | undefined }) {
  return (
    <div className="cards">
      <DatabaseCard database={deployment.database} away={away} />
      <RedisCard redis={deployment.redis} />
      <QueuesCard queues={deployment.queues} />
    </div>
  )
}

function Card({
  title,
  state,
  children,
}: {
  readonly title: string
  readonly state?: ReactNode
  readonly children: ReactNode
}) {
  return (
    <section className="card" aria-label={title}>
      <div className="card-head">
        <h3>{title}</h3>
        {state}
      </div>
      {children}
    </section>
  )
}

function DatabaseCard({ database, away = 0 }: { readonly database: Database; readonly away: number | undefined }) {
  const { engine, isAnswering, answerAgeMs, roundTripMs, version, sizeBytes, isPrimary, standbys } = database
  const isAway = !isAnswering || away > 0
  const name = ofDatabase.engines[engine]
  return (
    <Card
      title={version === null ? name : `${name} ${version}`}
      state={
        isAway ? (
          <State kind="bad" words={ofDatabase.silent(formatSince(answerAgeMs + away))} />
        ) : (
          <State kind="good" words={ofDatabase.answers} />
        )
      }
    >
      <Facts>
        <Fact name={ofDatabase.roundTrip}>{formatMs(roundTripMs)} ms</Fact>
        <Fact name={ofDatabase.size}>{sizeBytes === null ? ofDatabase.unread : formatBytes(sizeBytes)}</Fact>
        {isPrimary !== null && (
          <Fact name={ofDatabase.role}>
            {isPrimary ? ofDatabase.primary : <State kind="bad" words={ofDatabase.standby} />}
          </Fact>
        )}
        {database.connections !== null && database.maxConnections !== null && (
          <Fact name={ofDatabase.connections}>
            {overviewTexts.processes.inUse(database.connections, database.maxConnections)}
          </Fact>
        )}
        {engine === 'POSTGRES' && standbys && (
          <Fact name={ofDatabase.standbys}>
            {standbys.length === 0
              ? ofDatabase.noStandbys
              : standbys.map((each) => <StandbyWords key={each.name} standby={each} />)}
          </Fact>
        )}
      </Facts>
    </Card>
  )
}

function StandbyWords({ standby: { name, syncState, lagBytes, lagMs } }: { readonly standby: Standby }) {
  const lag =
    lagBytes === null
      ? ofDatabase.hidden
      : lagBytes === 0
        ? ofDatabase.upToDate
        : ofDatabase.lag(formatBytes(lagBytes), lagMs === null ? null : formatSince(lagMs))
  return (
    <p>
      {name} {syncState !== null && `(${syncState})`} {lag}
    </p>
  )
}

function RedisCard({ redis }: { readonly redis: Deployment['redis'] }) {
  if (!redis) {
    return (
      <Card title={ofRedis.title} state={<State kind="off" words={ofRedis.none} />}>
        <p className="card-says">{ofRedis.noneSays}</p>
      </Card>
    )
  }
  const { isAnswering, mode, version, usedBytes, maxBytes, roundTripMs } = redis
  return (
    <Card
      title={version === null ? ofRedis.title : `${ofRedis.title} ${version}`}
      state={<State kind={isAnswering ? 'good' : 'bad'} words={isAnswering ? ofRedis.answers : ofRedis.away} />}
    >
      {!isAnswering && <p className="card-says">{ofRedis.awaySays}</p>}
      <Facts>
        {roundTripMs !== null && <Fact name={ofRedis.roundTrip}>{formatMs(roundTripMs)} ms</Fact>}
        {usedBytes !== null && (
          <Fact name={ofRedis.memory}>
            {maxBytes === null ? formatBytes(usedBytes) : ofRedis.of(formatBytes(usedBytes), formatBytes(maxBytes))}
          </Fact>
        )}
        {mode !== null && <Fact name={ofRedis.mode}>{ofRedis.modes[mode]}</Fact>}
      </Facts>
    </Card>
  )
}

function QueuesCard({ queues }: { readonly queues: Deployment['queues'] }) {
  if (!queues) {
    return (
      <Card title={ofQueues.title}>
        <p className="card-says">{ofDatabase.unread}</p>
      </Card>
    )
  }
  const { webhookDeliveries, deadWebhookDeliveries, scheduledMessages, scheduledOverdue, remindersOverdue } = queues
  const age = (seconds: number): string => formatSince(seconds * 1000)
  return (
    <Card title={ofQueues.title}>
      <Facts>
        <Fact name={ofQueues.webhooks}>
          {formatCount(webhookDeliveries)}
          {webhookDeliveries > 0 && `, ${ofQueues.oldest(age(queues.oldestWebhookDeliverySeconds))}`}
        </Fact>
        <Fact name={ofQueues.dead}>{formatCount(deadWebhookDeliveries)}</Fact>
        <Fact name={ofQueues.scheduled}>{formatCount(scheduledMessages)}</Fact>
        <Fact name={ofQueues.overdue}>
          {formatCount(scheduledOverdue)}
          {scheduledOverdue > 0 && ` ${ofQueues.since(age(queues.scheduledOverdueSeconds))}`}
        </Fact>
        <Fact name={ofQueues.reminders}>{formatCount(remindersOverdue)}</Fact>
      </Facts>
    </Card>
  )
}
