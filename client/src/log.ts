export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Receives what the client logs. Never a token, never the text of a message. */
export type Logger = (level: LogLevel, message: string, details?: unknown) => void

/** What the client has logged once. */
export interface LogEntry {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly level: LogLevel
  readonly message: string
  readonly details?: unknown
}

const capacity = 200

/** Keeps the last 200 entries, and passes each on to the application's logger; what that one throws is kept too. */
export class Log {
  readonly #entries: LogEntry[] = []
  readonly #now: () => number
  readonly #logger: Logger | undefined

  constructor(now: () => number, logger?: Logger) {
    this.#now = now
    this.#logger = logger
  }

  write(level: LogLevel, message: string, details?: unknown): void {
    this.#keep(level, message, details)
    try {
      this.#logger?.(level, message, details)
    } catch (error) {
      // The application's own fault: the client, which logs in the middle of its work, goes on.
      this.#keep('warn', 'the logger has thrown', error)
    }
  }

  #keep(level: LogLevel, message: string, details: unknown): void {
    this.#entries.push({ at: this.#now(), level, message, details })
    if (this.#entries.length > capacity) this.#entries.shift()
  }

  entries(): readonly LogEntry[] {
    return [...this.#entries]
  }
}
