import postgres from 'postgres'
import { Counts } from '../../instruments/by-words.ts'
import { Histogram, secondBounds } from '../../instruments/histogram.ts'
import { DatabaseFault, type FaultCode } from './fault.ts'

/** How a statement ended. From `connect_failed` on there was no answer: these are the codes of `DatabaseFault`. */
const outcomes = [
  'ok',
  'constraint',
  'lock_timeout',
  'statement_timeout',
  'conflict',
  'read_only',
  'resources',
  'shutdown',
  'other',
  'connect_failed',
  'pool_timeout',
  'connection_lost',
  'deadline',
  'not_replicated',
  'no_answer',
  'closed',
] as const

/** By the beginnings of Postgres's states. */
const states: readonly (readonly [RegExp, (typeof outcomes)[number]])[] = [
  [/^2[23]/, 'constraint'],
  [/^55P03/, 'lock_timeout'],
  [/^57014/, 'statement_timeout'],
  [/^40/, 'conflict'],
  [/^25006/, 'read_only'],
  [/^5[38]/, 'resources'],
  [/^(57|08)/, 'shutdown'],
]

/** What a pool and its connections count for operators. */
export class StatementFigures {
  readonly outcomes = new Counts({ outcome: outcomes }).fill('outcome', {})
  readonly seconds = new Histogram(secondBounds)
  /** How long callers have waited for a connection. */
  readonly waitSeconds = new Histogram(secondBounds)
  readonly #ok = this.outcomes.of({ outcome: 'ok' })

  onAnswer(milliseconds: number): void {
    this.#ok.value++
    this.seconds.observe(milliseconds / 1000)
  }

  onError(error: unknown): void {
    this.outcomes.add({ outcome: outcomeOf(error) })
  }
}

function outcomeOf(error: unknown): (typeof outcomes)[number] {
  if (error instanceof DatabaseFault && error.code === 'CONNECT_FAILED')
    return isFull(error) ? 'resources' : 'connect_failed'
  if (error instanceof DatabaseFault) return error.code.toLowerCase() as Lowercase<FaultCode>
  if (!(error instanceof postgres.PostgresError)) return 'other'
  return states.find(([pattern]) => pattern.test(error.code))?.[1] ?? 'other'
}

/** Whether a connection was refused for want of room: too many connections, most often. */
function isFull({ cause }: Error): boolean {
  if (cause instanceof postgres.PostgresError) return cause.code.startsWith('53')
  return cause instanceof Error && isFull(cause)
}
