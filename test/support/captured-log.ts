import { symbols } from 'pino'
import type { Logger } from '../../src/config/logger.ts'

/** What was logged since, at every level. */
export interface CapturedLog {
  readonly text: string
  readonly lines: readonly string[]
  /** Of what is the server's own fault. */
  readonly faults: readonly string[]
  clear(): void
}

const faultLevel = 50

export function captureLog(logger: Logger): CapturedLog {
  const lines: string[] = []
  logger.level = 'trace'
  Object.assign(logger, { [symbols.streamSym]: { write: (line: string) => void lines.push(line) } })
  return {
    lines,
    clear: () => void lines.splice(0),
    get text() {
      return lines.join('')
    },
    get faults() {
      return lines.filter((line) => (JSON.parse(line) as { level: number }).level >= faultLevel)
    },
  }
}
