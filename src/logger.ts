import { pino, type Logger } from 'pino'

export type { Logger }

/** What must never reach a log, wherever it stands in what is logged. */
const secretPaths = ['token', 'authToken', 'secret', 'password', 'authorization', 'connectionParams'].flatMap((key) => [
  key,
  `*.${key}`,
  `*.*.${key}`,
])

export function createLogger(level: string): Logger {
  return pino({ level, base: null, redact: { paths: secretPaths, censor: '[secret]' } })
}
