import { refusalKinds } from '../../model/rate-limit.ts'
import { counter, gauge, type Metric } from './metric.ts'
import type { MetricSources } from './sources.ts'

export const processMetrics = ({ app, responses, background, isReady, isStopping }: MetricSources): Metric[] => [
  gauge({
    name: 'fonechat_build_info',
    help: 'The version of the server; the value is always 1.',
    by: { version: [app.process.version] },
    merge: 'max',
    read: () => [{ labels: { version: app.process.version }, item: 1 }],
  }),
  gauge({
    name: 'fonechat_schema_version',
    help: 'The version of the database schema that this server is made for.',
    merge: 'max',
    read: () => background.schema.own,
  }),
  gauge({
    name: 'fonechat_schema_lowest_version',
    help: 'The lowest version of the schema that a server must know to work with the database as it is.',
    merge: 'max',
    read: background.schema.lowest,
  }),
  gauge({
    name: 'fonechat_processes_ready',
    help: 'Processes that should get new connections, as /readyz says.',
    read: () => Number(isReady()),
  }),
  gauge({
    name: 'fonechat_processes_stopping',
    help: 'Processes that were asked to stop and are draining.',
    read: () => Number(isStopping()),
  }),
  counter({
    name: 'fonechat_http_responses_total',
    help: 'Responses over HTTP by what they answer and the class of their status.',
    by: responses.words,
    read: () => responses.items,
  }),
  counter({
    name: 'fonechat_wrong_passwords_total',
    help: 'Wrong passwords of backends.',
    read: () => app.passwords.wrong,
  }),
  counter({
    name: 'fonechat_unchecked_passwords_total',
    help: 'Passwords that were refused unchecked, after too many wrong ones from the same address.',
    read: () => app.passwords.unchecked,
  }),
  counter({
    name: 'fonechat_rate_limited_total',
    help: 'What was refused with RATE_LIMITED or 4412, or dropped where a user types too often, by the limit that it met; texts that stream and wrong passwords are not in it.',
    by: { kind: refusalKinds },
    read: () => refusalKinds.map((kind) => ({ labels: { kind }, item: app.rateCounters.refusals.counts[kind] })),
  }),
]
