import { z } from 'zod'
import { DatabaseUrlError, parseDatabaseUrl } from '../model/database-url.ts'
import { parseNetworks } from '../model/network.ts'

interface Setting<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema
  /** As the table of the docs prints it. */
  readonly default: string
  readonly meaning: string
}

function setting<Schema extends z.ZodType>(schema: Schema, defaultText: string, meaning: string): Setting<Schema> {
  return { schema, default: defaultText, meaning }
}

const optionalUrl = (protocols: RegExp, expected: string) => z.url({ protocol: protocols, error: expected }).optional()

/** Links lead to it, or `fetch` is given it, which refuses one with credentials. */
const optionalWebUrl = (expected: string) =>
  optionalUrl(/^https?$/, expected).refine((url) => {
    const { username, password } = URL.parse(url ?? '') ?? {}
    return !username && !password
  }, `${expected}, without credentials`)

const wholeNumber = (min: number, max: number) => {
  const expected = `a whole number from ${min} to ${max}`
  return z.string().regex(/^\d+$/, expected).transform(Number).pipe(z.number().min(min, expected).max(max, expected))
}

const yesOrNo = (unset: 'true' | 'false') =>
  z
    .enum(['true', 'false'], { error: 'true or false' })
    .default(unset)
    .transform((word) => word === 'true')

const databaseUrl = z
  .string()
  .superRefine((url, context) => {
    try {
      parseDatabaseUrl(url)
    } catch (error) {
      if (!(error instanceof DatabaseUrlError)) throw error
      context.addIssue({ code: 'custom', message: error.message })
    }
  })
  .optional()

const milliseconds = (byDefault: number, meaning: string) =>
  setting(wholeNumber(100, 3_600_000).default(byDefault), String(byDefault), meaning)

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** Every setting, once: what reads the environment, refuses wrong values and prints the table of the docs. */
export const settings = {
  PORT: setting(wholeNumber(0, 65535).default(4000), '4000', 'TCP port; 0 takes a free one.'),
  HOST: setting(z.string().min(1, 'an address').default('127.0.0.1'), '127.0.0.1', 'Address to listen on.'),
  DATABASE_URL: setting(
    databaseUrl,
    'embedded',
    'Postgres 15 or newer, with several hosts where a standby may take over. Without it the embedded engine keeps everything in `DATA_DIR`.',
  ),
  DATABASE_POOL: setting(wholeNumber(1, 1000).default(10), '10', 'Postgres connections of this process.'),
  DATABASE_POOLER: setting(
    z.enum(['none', 'transaction'], { error: 'none or transaction' }).default('none'),
    'none',
    '`transaction` where PgBouncer or another pooler of transactions stands before Postgres.',
  ),
  DATABASE_DIRECT_URL: setting(
    databaseUrl,
    'as `DATABASE_URL`',
    'Postgres without its pooler, for migrations and what is cleaned up in the background.',
  ),
  DATABASE_PREPARE: setting(
    yesOrNo('true'),
    'true',
    'Whether statements are prepared. `false` costs twice the processor time; PgBouncer before 1.21 needs it.',
  ),
  DATABASE_CONNECT_TIMEOUT: milliseconds(3000, 'Milliseconds that opening a connection may take, all hosts together.'),
  DATABASE_POOL_TIMEOUT: milliseconds(2000, 'Milliseconds that a request may wait for a connection.'),
  DATABASE_LOCK_TIMEOUT: milliseconds(2000, 'Milliseconds that a statement may wait for a lock.'),
  DATABASE_STATEMENT_TIMEOUT: milliseconds(5000, 'Milliseconds that a statement may take.'),
  DATABASE_IDLE_TIMEOUT: milliseconds(
    5000,
    'Milliseconds after which Postgres ends a transaction whose process is silent.',
  ),
  DATABASE_TOTAL_TIMEOUT: milliseconds(
    10_000,
    'Milliseconds that a statement or transaction may take in all, waiting and retries included.',
  ),
  REDIS_URL: setting(
    optionalUrl(/^rediss?$/, 'a URL such as redis://host:6379'),
    'in process',
    'Redis 7 or newer, single or cluster; needed when several processes are one server.',
  ),
  DATA_DIR: setting(z.string().min(1, 'a directory').default('./data'), './data', 'Where the embedded engine lives.'),
  ACCOUNT_SID: setting(
    z
      .string()
      .regex(/^AC[0-9a-f]{32}$/, 'AC and 32 hex digits in lower case')
      .optional(),
    'made on first start',
    'The account that the backend signs in with.',
  ),
  AUTH_TOKEN: setting(
    z
      .string()
      .regex(/^[^,]{16,}(,[^,]{16,})*$/, 'at least 16 characters')
      .optional(),
    'made on first start',
    'Its password; a new value replaces the old one at the next start. Several, with commas between them: all open, the first signs.',
  ),
  SECRET_KEY: setting(
    z
      .string()
      .regex(/^[0-9a-f]{64}(,[0-9a-f]{64})*$/i, '64 hex digits, as `openssl rand -hex 32` makes them')
      .optional(),
    'kept in `DATA_DIR`',
    'Encrypts the secrets in the database. Several, with commas between them: the first encrypts, all decrypt. Required with `DATABASE_URL`.',
  ),
  PUBLIC_URL: setting(
    optionalWebUrl('a URL such as https://chat.example.com'),
    'where it is called',
    'The address that clients use, for links.',
  ),
  TRUST_PROXY: setting(
    yesOrNo('false'),
    'false',
    'Whether a proxy’s headers count: the last of `X-Forwarded-For` as the client’s address, `X-Forwarded-Proto` and `X-Forwarded-Host` for links without `PUBLIC_URL`.',
  ),
  JWKS_URL: setting(
    optionalWebUrl('a URL such as https://id.example.com/jwks.json'),
    'none',
    'Public keys of your own token issuer.',
  ),
  JWT_ISSUER: setting(z.string().min(1, 'a name').optional(), 'none', 'Required `iss` of its tokens.'),
  JWT_AUDIENCE: setting(z.string().min(1, 'a name').optional(), 'none', 'Required `aud` of its tokens.'),
  PERSISTED_DOCUMENTS: setting(
    z.string().min(1, 'a file').optional(),
    'none',
    'JSON file of documents by sha256, as the client preset of GraphQL Code Generator writes it.',
  ),
  PERSISTED_DOCUMENTS_ONLY: setting(yesOrNo('false'), 'false', 'Whether only those documents are answered.'),
  GRAPHIQL: setting(yesOrNo('true'), 'true', 'Whether a browser that opens `/graphql` gets GraphiQL.'),
  SOCKET_BUFFER_BYTES: setting(
    wholeNumber(64 * 1024, 2 ** 30).default(2 ** 20),
    '1048576',
    'What may wait for a slow reader before its socket is closed.',
  ),
  DEVICE_DAYS: setting(wholeNumber(1, 3650).default(30), '30', 'After how many days an unseen device is forgotten.'),
  WEBHOOK_NETWORKS: setting(
    z
      .string()
      .refine((text) => parseNetworks(text) !== undefined, 'networks such as 10.0.0.0/8,::1/128')
      .optional(),
    'none',
    'Networks that are not public and that webhooks may go to all the same, such as `10.0.0.0/8,::1/128`.',
  ),
  WEBHOOK_RETRY_HOURS: setting(
    wholeNumber(1, 720).default(24),
    '24',
    'For how long a webhook is told again what it did not take, before that is given up.',
  ),
  WEBHOOK_LOG_DAYS: setting(
    wholeNumber(1, 3650).default(7),
    '7',
    'For how long what webhooks were told can be listed and replayed.',
  ),
  LOG_LEVEL: setting(
    z.enum(logLevels, { error: logLevels.join(', ') }).default('info'),
    'info',
    `One of ${logLevels.join(', ')}.`,
  ),
} as const satisfies Record<string, Setting>

export type Config = { readonly [Name in keyof typeof settings]: z.output<(typeof settings)[Name]['schema']> }

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Reads all settings, or throws one error that names every wrong one and what it should be. Empty counts as unset. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const faults: string[] = []
  const entries = Object.entries(settings).map(([name, { schema }]) => {
    const result = schema.safeParse(environment[name] || undefined)
    if (!result.success) faults.push(`${name}: expected ${result.error.issues[0]!.message}`)
    return [name, result.data]
  })
  const config = Object.fromEntries(entries) as Config
  if (config.DATABASE_URL !== undefined && !environment['SECRET_KEY']) {
    faults.push('SECRET_KEY: expected 64 hex digits, since DATABASE_URL is set; `openssl rand -hex 32` makes them')
  }
  if (isBehindPooler(config) && config.DATABASE_DIRECT_URL === undefined) {
    faults.push('DATABASE_DIRECT_URL: expected the database without its pooler, for migrations')
  }
  if (config.PERSISTED_DOCUMENTS_ONLY && config.PERSISTED_DOCUMENTS === undefined) {
    faults.push('PERSISTED_DOCUMENTS: expected a file, since PERSISTED_DOCUMENTS_ONLY is set')
  }
  if (config.JWKS_URL !== undefined && (config.JWT_ISSUER === undefined || config.JWT_AUDIENCE === undefined)) {
    faults.push('JWT_ISSUER and JWT_AUDIENCE: expected both, since JWKS_URL is set')
  }
  if (faults.length > 0) throw new ConfigError(`wrong settings:\n  ${faults.join('\n  ')}`)
  return config
}

function isBehindPooler({ DATABASE_URL, DATABASE_POOLER }: Config): boolean {
  return DATABASE_POOLER === 'transaction' || (DATABASE_URL !== undefined && parseDatabaseUrl(DATABASE_URL).isPooled)
}
