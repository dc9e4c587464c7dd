import { DrizzleQueryError } from 'drizzle-orm'
import { pino, stdTimeFunctions, type DestinationStream, type Logger, type LoggerOptions } from 'pino'
import { currentRequest } from '../tracing/request.ts'
import { tracing } from '../tracing/tracing.ts'

export type { Logger }

/** Fields that must never reach a log, at any depth. */
const secretPaths = ['token', 'authToken', 'secret', 'password', 'authorization', 'connectionParams'].flatMap((key) => [
  key,
  `*.${key}`,
  `*.*.${key}`,
])

/** What the log says of an outage: no statement and no stack. */
export interface OutageReason {
  readonly code: string
  readonly reason: string
}

/** How often the log repeats an outage that goes on, in milliseconds. */
const outageMilliseconds = 30_000

/** For how long nothing must fail before an outage has ended: locks, and a full disk, fail some statements and let others through. */
const quietMilliseconds = 5_000

/**
 * Logs an outage of the database, which everything meets at once: when it begins, then at most every 30 seconds, and when it has ended.
 */
export class Outage {
  readonly #now: () => number
  #beganAt: number | undefined
  #loggedAt = 0
  #failedAt = 0
  #failures = 0

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** What to log of another failure; undefined for nothing. */
  failed(reason: OutageReason): object | undefined {
    const now = this.#now()
    this.#failures++
    this.#failedAt = now
    const isFirst = this.#beganAt === undefined
    this.#beganAt ??= now
    if (!isFirst && now - this.#loggedAt < outageMilliseconds) return undefined
    this.#loggedAt = now
    return isFirst ? reason : { ...reason, ...this.#extent(now) }
  }

  /** What to log when the database has answered; undefined for nothing. */
  end(): object | undefined {
    if (this.#beganAt === undefined || this.#now() - this.#failedAt < quietMilliseconds) return undefined
    const extent = this.#extent(this.#failedAt)
    this.#beganAt = undefined
    this.#failures = 0
    return extent
  }

  #extent(now: number) {
    const began = this.#beganAt!
    return { since: new Date(began).toISOString(), seconds: Math.round((now - began) / 1000), failures: this.#failures }
  }
}

const outages = new WeakMap<Logger, Outage>()

/** Must be called when the database has answered. */
export function endOutage(logger: Logger): void {
  const ended = outages.get(logger)?.end()
  if (ended) logger.info(ended, 'the database answers again')
}

/** Which request a line is about, and where it is in its trace. */
function readOrigin(): object {
  const requestId = currentRequest()?.id
  const span = tracing?.active()?.spanContext()
  return {
    ...(requestId !== undefined && { requestId }),
    ...(span && { trace_id: span.traceId, span_id: span.spanId }),
  }
}

export interface LoggerParts {
  /** Whether an error is an outage of the database. */
  readonly findOutage?: (error: unknown) => OutageReason | undefined
  /** What is in every line. */
  readonly base?: object
  readonly destination?: DestinationStream
}

export function createLogger(
  level: string,
  // pino's own destination retries for ever when the terminal was closed, and keeps the process from ending.
  { findOutage = () => undefined, base, destination = process.stdout }: LoggerParts = {},
): Logger {
  const outage = new Outage()
  const options: LoggerOptions = {
    level,
    base: base ?? null,
    mixin: readOrigin,
    timestamp: stdTimeFunctions.isoTime,
    redact: { paths: secretPaths, censor: '[secret]' },
    serializers: { err: (error: unknown) => describeError(error) },
    hooks: {
      streamWrite: hideCredentials,
      logMethod(given, log) {
        const [about] = given as unknown[]
        const reason = about instanceof Object && 'err' in about ? findOutage(about.err) : undefined
        if (!reason) return log.apply(this, given)
        const line = outage.failed(reason)
        if (line) this.warn(line, 'the database does not answer')
      },
    },
  }
  const logger = pino(options, destination)
  outages.set(logger, outage)
  return logger
}

/**
 * Matches the name and password of a URL, and its parameters that are named like a secret. Names are bounded, since long text from a client
 * would take seconds otherwise.
 */
const credentials =
  /(?<=:\/\/)[^\s/?#"]+(?=@)|(?<=[?&][\w.-]{0,40}(?:pass|secret|token|key|sig)[\w.-]{0,40}=)[^\s&#"]+/gi

/** Removes the credentials of URLs from a text. */
export function hideCredentials(text: string): string {
  return text.replaceAll(credentials, '[secret]')
}

/** How deep causes are followed: they may be circular. */
const causeDepth = 5

interface ErrorDescription {
  readonly type: string
  readonly message: string
  readonly code?: string | number
  readonly stack: string
  readonly cause?: ErrorDescription
  readonly aggregateErrors?: readonly ErrorDescription[]
}

/**
 * What a log may have of an error: not the fields that libraries add, such as statements with parameters, Redis commands with passwords, or
 * a malformed URL.
 */
function describeError(error: unknown, depth = causeDepth): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error), stack: '' }
  const { name, stack = '', cause } = error
  // The message of this error ends with the parameters.
  const message = error instanceof DrizzleQueryError ? `Failed query: ${error.query}` : error.message
  const frames = stack.indexOf('\n    at ')
  const { code } = error as NodeJS.ErrnoException
  return {
    type: name,
    message,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    stack: frames < 0 ? '' : stack.slice(frames + 1),
    ...(cause !== undefined && depth > 0 && { cause: describeError(cause, depth - 1) }),
    ...(error instanceof AggregateError &&
      depth > 0 && { aggregateErrors: error.errors.map((each: unknown) => describeError(each, depth - 1)) }),
  }
}

/** The same as text of several lines. */
export function printError(error: unknown): string {
  return hideCredentials(toLines(describeError(error)).join('\n'))
}

function toLines({ type, message, stack, cause, aggregateErrors = [] }: ErrorDescription): string[] {
  const inner = [...(cause ? [cause] : []), ...aggregateErrors]
  return [
    `${type}: ${message}`,
    ...(stack === '' ? [] : [stack]),
    ...inner.flatMap((each) => [`caused by ${toLines(each)[0]}`, ...toLines(each).slice(1)]),
  ]
}
