import { DrizzleQueryError } from 'drizzle-orm'
import { pino, type Logger, type LoggerOptions } from 'pino'

export type { Logger }

/** What must never reach a log, wherever it stands in what is logged. */
const secretPaths = ['token', 'authToken', 'secret', 'password', 'authorization', 'connectionParams'].flatMap((key) => [
  key,
  `*.${key}`,
  `*.*.${key}`,
])

export function createLogger(level: string): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    redact: { paths: secretPaths, censor: '[secret]' },
    serializers: { err: (error: unknown) => describeError(error) },
    hooks: { streamWrite: hideCredentials },
  }
  // pino's own way to it tries again for ever when the terminal has been closed, and so keeps the process from ending.
  return pino(options, process.stdout)
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
