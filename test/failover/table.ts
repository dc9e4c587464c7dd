import type { Outcome } from '../faults/trial.ts'
import { seed } from '../support/seed.ts'
import type { Observed } from './observation.ts'
import type { Stage } from './stages.ts'

interface Row {
  readonly stage: Stage
  readonly observed: Observed
  readonly outcome: Outcome
}

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(1)

type RedisRow = Omit<Row, 'stage'> & { readonly name: string }

type Columns<Of> = readonly (readonly [title: string, show: (row: Of) => string])[]

/** Times are in seconds. */
const columns: Columns<Row> = [
  ['What breaks', ({ stage }) => stage.name],
  ['Found by', ({ stage }) => stage.way],
  ['Writable after', ({ observed }) => seconds(observed.promotion)],
  ['Nothing acknowledged for', ({ observed }) => seconds(observed.silence)],
  ['In one channel', ({ observed }) => seconds(observed.channelSilence)],
  ['Sends after writable', ({ observed }) => seconds(observed.beyond)],
  ['Readers after writable', ({ observed }) => seconds(observed.readers)],
  ['Not ready for', ({ observed }) => seconds(observed.notReady)],
  ['Calls', ({ outcome }) => String(outcome.operations)],
  ['Unknown', ({ outcome }) => String(outcome.unavailable + outcome.lost)],
  ['Lost', ({ outcome }) => String(outcome.forgotten)],
]

/** Without Redis the database takes writes all the same. */
const redisColumns: Columns<RedisRow> = [
  ['What breaks', ({ name }) => name],
  ['Nothing acknowledged for', ({ observed }) => seconds(observed.silence)],
  ['In one channel', ({ observed }) => seconds(observed.channelSilence)],
  ['Readers after it', ({ observed }) => seconds(observed.readers)],
  ['Not ready for', ({ observed }) => seconds(observed.notReady)],
  ['Calls', ({ outcome }) => String(outcome.operations)],
  ['Unknown', ({ outcome }) => String(outcome.unavailable + outcome.lost)],
  ['Lost', ({ outcome }) => String(outcome.forgotten)],
]

export function printTable(rows: readonly Row[]): void {
  print(columns, rows)
}

export function printRedisTable(rows: readonly RedisRow[]): void {
  print(redisColumns, rows)
}

/** As Markdown, so that the page can take it as it is. */
function print<Of>(shown: Columns<Of>, rows: readonly Of[]): void {
  const cells = [
    shown.map(([title]) => title),
    shown.map(() => '---'),
    ...rows.map((row) => shown.map(([, show]) => show(row))),
  ]
  const table = cells.map((line) => `| ${line.join(' | ')} |`).join('\n')
  process.stdout.write(`\nSEED=${seed}\n\n${table}\n\n`)
}
