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

/** Times are in seconds. */
const columns: readonly (readonly [string, (row: Row) => string])[] = [
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

/** As Markdown, so that the page can take it as it is. */
export function printTable(rows: readonly Row[]): void {
  const cells = [
    columns.map(([title]) => title),
    columns.map(() => '---'),
    ...rows.map((row) => columns.map(([, show]) => show(row))),
  ]
  const table = cells.map((line) => `| ${line.join(' | ')} |`).join('\n')
  process.stdout.write(`\nSEED=${seed}\n\n${table}\n\n`)
}
