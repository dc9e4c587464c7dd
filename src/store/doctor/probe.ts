import type { Finding } from '../../model/finding.ts'
import type { Db } from '../engine/db.ts'

export interface ProbeContext {
  readonly isEmbedded: boolean
  /** After how many seconds of silence a text is ended; `STREAM_SILENCE_SECONDS`. */
  readonly silenceSeconds: number
  /** Multiplies how long a transaction or a wait may last; specs have no minute. */
  readonly patience?: number
}

/** Looks at one thing. What it reads is bounded, and it changes nothing. */
export interface Probe {
  readonly name: string
  /** Whether it means something only on a Postgres of its own. */
  readonly isOfServer?: true
  run(db: Db, context: ProbeContext): Promise<Finding[]>
}

export function secondsText(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} seconds`
  if (seconds < 7200) return `${Math.round(seconds / 60)} minutes`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} hours` : `${Math.round(seconds / 86_400)} days`
}

/** `1 row`, `2 rows`, `1000 rows or more` where no more were counted. */
export function countText(count: number, noun: string, max?: number): string {
  const more = max !== undefined && count >= max ? ' or more' : ''
  return `${count} ${noun}${count === 1 ? '' : 's'}${more}`
}
