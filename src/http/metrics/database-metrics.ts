import { byWord, counter, gauge, histogram, type Metric } from './metric.ts'
import type { MetricSources } from './sources.ts'

/** The pool of connections and its statements. */
export const databaseMetrics = ({ app, background }: MetricSources): Metric[] => {
  const { statements } = app.db.figures
  return [
    gauge({
      name: 'fonechat_database_answer_age_seconds',
      help: 'Time since the database has last answered the heartbeat, which asks every 3 seconds; the longest of all processes.',
      merge: 'max',
      read: () => background.heartbeat.age / 1000,
    }),
    gauge({
      name: 'fonechat_database_pool_size',
      help: 'Connections to the database that the pool may open.',
      read: () => app.db.figures.size,
    }),
    gauge({
      name: 'fonechat_database_connections',
      help: 'Connections to the database that are open in the pool.',
      by: { state: ['busy', 'idle'] },
      read: () => byWord('state', { busy: app.db.figures.busy, idle: app.db.figures.idle }),
    }),
    gauge({
      name: 'fonechat_database_waiting',
      help: 'Callers that wait for a connection of the pool.',
      read: () => app.db.figures.waiting,
    }),
    histogram({
      name: 'fonechat_database_wait_seconds',
      help: 'Time that callers have waited until they had a connection of the pool.',
      read: () => statements.waitSeconds,
    }),
    histogram({
      name: 'fonechat_database_statement_seconds',
      help: 'Time that statements took that the database has carried out.',
      read: () => statements.seconds,
    }),
    counter({
      name: 'fonechat_database_statements_total',
      help: 'Statements by how they ended, and calls for which there was no connection.',
      by: statements.outcomes.words,
      read: () => statements.outcomes.items,
    }),
  ]
}
