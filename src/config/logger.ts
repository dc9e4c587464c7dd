import { DrizzleQueryError } from 'drizzle-orm'
import { pino, stdTimeFunctions, type Logger, type LoggerOptions } from 'pino'

export type { Logger }

/** What must never reach a log, wherever it stands in what is logged. */
const secretPaths = ['token', 'authToken', 'secret', 'password', 'authorization', 'connectionParams'].flatMap((key) => [
  key,
  `*.${key}`,
  `*.*.${key}`,
])

/** What an outage is told as: no statement, and no stack of who has met it. */
export interface OutageReason {
  readonly code: string
  readonly reason: string
}

/** How often an outage that goes on is told of, in milliseconds. */
const outageMilliseconds = 30_000

/**
 * The database being away, which everything meets at once: told when it begins, then at most every 30 seconds, and when it has ended.
 */
export class Outage {
  readonly #now: () => number
  #beganAt: number | undefined
  #toldAt = 0
  #failures = 0

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** What is to be logged of one more failure; undefined where enough was said. */
  failed(reason: OutageReason): object | undefined {
    const now = this.#now()
    this.#failures++
    const isFirst = this.#beganAt === undefined
    this.#beganAt ??= now
    if (!isFirst && now - this.#toldAt < outageMilliseconds) return undefined
    this.#toldAt = now
    return isFirst ? reason : { ...reason, ...this.#extent(now) }
  }

  /** The database has answered: what is to be logged of that, if anything. */
  end(): object | undefined {
    if (this.#beganAt === undefined) return undefined
    const extent = this.#extent(this.#now())
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

/** To be called when the database has answered. */
export function endOutage(logger: Logger): void {
  const ended = outages.get(logger)?.end()
  if (ended) logger.info(ended, 'the database answers again')
}

/** `findOutage` says whether an error is an outage of the database, whoever logs it. */
export function createLogger(
  level: string,
  findOutage: (error: unknown) => OutageReason | undefined = () => undefined,
): Logger {
  const outage = new Outage()
  const options: LoggerOptions = {
    level,
    base: null,
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
  // pino's own way to it tries again for ever when the terminal has been closed, and so keeps the process from ending.
  const logger = pino(options, process.stdout)
  outages.set(logger, outage)
  return logger
}

/**
 * The name and password before the host of a URL, and parameters behind it that are named like a secret. Names have a limit: without one
 * a long text of a client's would take seconds.
 */
const credentials =
  /(?<=:\/\/)[^\s/?#"]+(?=@)|(?<=[?&][\w.-]{0,40}(?:pass|secret|token|key|sig)[\w.-]{0,40}=)[^\s&#"]+/gi

/** A text without the credentials of the URLs in it. */
export function hideCredentials(text: string): string {
  return text.replaceAll(credentials, '[secret]')
}

/** How deep causes are followed, which may go round in circles. */
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
 * What a log may hold of an error. Not the fields that libraries add: statements with their parameters, Redis commands with their
 * passwords, a URL that is wrong.
 */
function describeError(error: unknown, depth = causeDepth): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error), stack: '' }
  const { name, stack = '', cause } = error
  // This one's message ends with the parameters.
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

/** The same as a text of several lines. */
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
