import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { DatabaseUrlError, parseDatabaseUrl } from '../model/database-url.ts'
import { parseNetworks } from '../model/network.ts'
import { parseRedisUrl, RedisUrlError } from '../model/redis-url.ts'
import { isSid } from '../model/sid.ts'
import { parseTrustedProxies, trustedProxiesExpected } from '../model/trusted-proxies.ts'

export interface Setting {
  /** Reads the text of the environment, or gives the default when there is none. */
  readonly schema: z.ZodType
  /** What happens without a value, for a setting that has no default. */
  readonly unset?: string
  /** Whether it may also come in a file, which its name with `_FILE` names. */
  readonly isSecret?: true
  readonly meaning: string
}

const optionalUrl = (protocols: RegExp, expected: string) => z.url({ protocol: protocols, error: expected }).optional()

/** For links, or for `fetch`, which refuses a URL with credentials. */
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

/** A URL whose parser says what is wrong with it. */
const parsedUrl = (parse: (url: string) => unknown, Fault: typeof DatabaseUrlError | typeof RedisUrlError) =>
  z
    .string()
    .superRefine((url, context) => {
      try {
        parse(url)
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        context.addIssue({ code: 'custom', message: error.message })
      }
    })
    .optional()

const databaseUrl = parsedUrl(parseDatabaseUrl, DatabaseUrlError)

const milliseconds = (byDefault: number) => wholeNumber(100, 3_600_000).default(byDefault)

const maxProcesses = 64
const processesExpected = `auto or a whole number from 1 to ${maxProcesses}`

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

/** As OpenTelemetry writes headers and attributes: `name=value` with commas between. */
const keyPairs = (expected: string) =>
  z
    .string()
    .regex(/^\s*[^\s=,;]+\s*=[^,;]*(,\s*[^\s=,;]+\s*=[^,;]*)*$/, expected)
    .optional()

/** Every setting, once. The environment is read by it, wrong values are refused by it, and the table of the docs is printed from it. */
export const settings = {
  PORT: { schema: wholeNumber(0, 65535).default(4000), meaning: 'TCP port. 0 takes a free one.' },
  HOST: { schema: z.string().min(1, 'an address').default('127.0.0.1'), meaning: 'Address to listen on.' },
  DATABASE_URL: {
    schema: databaseUrl,
    unset: 'embedded',
    isSecret: true,
    meaning:
      'Postgres 15 or newer. Name several hosts when a standby may take over. Without it, an embedded engine stores everything in `DATA_DIR`.',
  },
  PROCESSES: {
    schema: z
      .string()
      .regex(/^(auto|\d+)$/, processesExpected)
      .transform((text) => (text === 'auto' ? text : Number(text)))
      .refine((count) => count === 'auto' || (count >= 1 && count <= maxProcesses), processesExpected)
      .default(1),
    meaning:
      'Processes that do the work, behind one port. `auto` starts one for each processor that this server may use: by its affinity and, in a container, by its quota of processor time, rounded down. More than 1 needs `DATABASE_URL`.',
  },
  DATABASE_POOL: {
    schema: wholeNumber(1, 1000).default(10),
    meaning: 'Postgres connections of this server, divided among its `PROCESSES`: at least 3 for each.',
  },
  DATABASE_POOLER: {
    schema: z.enum(['none', 'transaction'], { error: 'none or transaction' }).default('none'),
    meaning: '`transaction` when PgBouncer or another pooler of transactions stands before Postgres.',
  },
  DATABASE_DIRECT_URL: {
    schema: databaseUrl,
    unset: 'as `DATABASE_URL`',
    isSecret: true,
    meaning: 'Postgres without its pooler, for migrations and background cleanup.',
  },
  DATABASE_PREPARE: {
    schema: yesOrNo('true'),
    meaning: 'Whether to use prepared statements. `false` doubles the processor time; PgBouncer before 1.21 needs it.',
  },
  DATABASE_CONNECT_TIMEOUT: {
    schema: milliseconds(3000),
    meaning: 'Milliseconds until opening a connection fails, all hosts together.',
  },
  DATABASE_POOL_TIMEOUT: {
    schema: milliseconds(2000),
    meaning: 'Milliseconds that a request waits for a free connection.',
  },
  DATABASE_LOCK_TIMEOUT: { schema: milliseconds(2000), meaning: 'Milliseconds that a statement waits for a lock.' },
  DATABASE_STATEMENT_TIMEOUT: { schema: milliseconds(5000), meaning: 'Milliseconds until a statement is cancelled.' },
  DATABASE_IDLE_TIMEOUT: {
    schema: milliseconds(5000),
    meaning: 'Milliseconds until Postgres ends a transaction whose process is silent.',
  },
  DATABASE_TOTAL_TIMEOUT: {
    schema: milliseconds(10_000),
    meaning: 'Milliseconds until a statement or transaction fails, including waits and retries.',
  },
  REDIS_URL: {
    schema: parsedUrl(parseRedisUrl, RedisUrlError),
    unset: 'in process',
    isSecret: true,
    meaning:
      'Redis 7 or newer: a server, a cluster (name several of its nodes, `redis://one:6379,two:6379`, so that a start needs any one of them), or sentinels (`redis+sentinel://host:26379,host2:26379/name`). Required when several machines form one server.',
  },
  DATA_DIR: { schema: z.string().min(1, 'a directory').default('./data'), meaning: 'Folder of the embedded engine.' },
  ACCOUNT_SID: {
    schema: z
      .string()
      .refine((text) => isSid('AC', text), 'AC and 32 hex digits in lower case')
      .optional(),
    unset: 'made on first start',
    meaning: 'Account that the backend signs in with.',
  },
  AUTH_TOKEN: {
    schema: z
      .string()
      .regex(/^[^,]{16,}(,[^,]{16,})*$/, 'at least 16 characters')
      .optional(),
    unset: 'made on first start',
    isSecret: true,
    meaning:
      'Password of the account. A new value replaces the old one at the next start. Separate several with commas: all are accepted, the first signs.',
  },
  SECRET_KEY: {
    schema: z
      .string()
      .regex(/^[0-9a-f]{64}(,[0-9a-f]{64})*$/i, '64 hex digits, as `openssl rand -hex 32` makes them')
      .optional(),
    unset: 'kept in `DATA_DIR`',
    isSecret: true,
    meaning:
      'Encrypts the secrets in the database. Separate several with commas: the first encrypts, all decrypt. Required with `DATABASE_URL`.',
  },
  PUBLIC_URL: {
    schema: optionalWebUrl('a URL such as https://chat.example.com'),
    unset: 'the address of each request',
    meaning: 'Address that links to this server begin with.',
  },
  TRUST_PROXY: {
    schema: z
      .string()
      .refine((text) => parseTrustedProxies(text) !== undefined, trustedProxiesExpected)
      .default('0')
      .transform((text) => parseTrustedProxies(text)!),
    meaning:
      'Proxies whose `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host` are believed: how many stand before this server, or their networks, such as `10.0.0.0/8,::1/128` or `loopback`, `linklocal`, `uniquelocal`.',
  },
  JWKS_URL: {
    schema: optionalWebUrl('a URL such as https://id.example.com/jwks.json'),
    unset: 'none',
    meaning: 'Public keys of your own token issuer.',
  },
  JWT_ISSUER: {
    schema: z.string().min(1, 'a name').optional(),
    unset: 'none',
    meaning: 'Required `iss` of that issuer’s tokens.',
  },
  JWT_AUDIENCE: {
    schema: z.string().min(1, 'a name').optional(),
    unset: 'none',
    meaning: 'Required `aud` of that issuer’s tokens.',
  },
  PERSISTED_DOCUMENTS: {
    schema: z.string().min(1, 'a file').optional(),
    unset: 'none',
    meaning: 'JSON file of documents by sha256, as the client preset of GraphQL Code Generator writes it.',
  },
  PERSISTED_DOCUMENTS_ONLY: {
    schema: yesOrNo('false'),
    meaning: 'Whether to refuse all documents but these and those of `@fonechat/client`.',
  },
  GRAPHIQL: { schema: yesOrNo('true'), meaning: 'Whether browsers that open `/graphql` get GraphiQL.' },
  PAGE: {
    schema: z
      .enum(['true', 'false'], { error: 'true or false' })
      .transform((word) => word === 'true')
      .optional(),
    unset: '`true` without `DATABASE_URL`',
    meaning:
      'Whether `/` is a page to chat on, and `/console` the console. Without `DATABASE_URL`, and on a loopback `HOST`, it is signed in as alice and bob.',
  },
  SOCKET_BUFFER_BYTES: {
    schema: wholeNumber(64 * 1024, 2 ** 30).default(2 ** 20),
    meaning: 'Bytes that may wait for a slow reader before its socket is closed.',
  },
  STREAM_SILENCE_SECONDS: {
    schema: wholeNumber(1, 86_400).default(60),
    meaning: 'Seconds of silence after which a text that streams ends as interrupted.',
  },
  DRAIN_DELAY: {
    schema: wholeNumber(0, 3600).default(2),
    meaning: 'Seconds for which a process that was asked to stop is not ready but still accepts everything.',
  },
  DRAIN_SECONDS: {
    schema: wholeNumber(0, 3600).default(3),
    meaning: 'Seconds after that over which it sends its connections elsewhere. Closing then takes 4 more at most.',
  },
  DEVICE_DAYS: {
    schema: wholeNumber(1, 3650).default(30),
    meaning: 'Days without a connection after which a device is forgotten.',
  },
  WEBHOOK_NETWORKS: {
    schema: z
      .string()
      .refine((text) => parseNetworks(text) !== undefined, 'networks such as 10.0.0.0/8,::1/128')
      .optional(),
    unset: 'none',
    meaning: 'Networks that are not public but that webhooks may be sent to, such as `10.0.0.0/8,::1/128`.',
  },
  WEBHOOK_RETRY_HOURS: {
    schema: wholeNumber(1, 720).default(24),
    meaning: 'Hours during which a failed delivery is retried.',
  },
  WEBHOOK_LOG_DAYS: {
    schema: wholeNumber(1, 3650).default(7),
    meaning: 'Days during which deliveries can be listed and replayed.',
  },
  AUDIT_DAYS: {
    schema: wholeNumber(1, 3650).default(365),
    meaning: 'Days during which changes that operators made in the console can be listed.',
  },
  LOG_LEVEL: {
    schema: z.enum(logLevels, { error: logLevels.join(', ') }).default('info'),
    meaning: `One of ${logLevels.join(', ')}.`,
  },
  LOG_FORMAT: {
    schema: z.enum(['auto', 'json', 'pretty'], { error: 'auto, json or pretty' }).default('auto'),
    meaning:
      '`json` is one object a line, `pretty` is for people. `auto` is `pretty` on a terminal and `json` elsewhere.',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: optionalWebUrl('a URL such as http://localhost:4318'),
    unset: 'nothing is traced',
    meaning: 'Collector of OpenTelemetry that traces are sent to, as OTLP over HTTP.',
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    schema: keyPairs('names and values such as api-key=secret,tenant=7'),
    isSecret: true,
    unset: 'none',
    meaning:
      'Headers for the collector, such as `api-key=secret`, separated with commas. Values may be percent-encoded.',
  },
  OTEL_SERVICE_NAME: {
    schema: z.string().min(1, 'a name').default('fonechat'),
    meaning: 'Name of this server in traces.',
  },
  OTEL_RESOURCE_ATTRIBUTES: {
    schema: keyPairs('names and values such as deployment.environment.name=production'),
    unset: 'none',
    meaning: 'What else all traces say of this server, in the same form: `deployment.environment.name=production`.',
  },
  OTEL_TRACES_SAMPLER: {
    schema: z.enum(samplers, { error: samplers.join(', ') }).default('parentbased_always_on'),
    meaning: `Which requests are traced: ${samplers.map((name) => `\`${name}\``).join(', ')}. \`parentbased_\` leaves the choice to a caller that has made it.`,
  },
  OTEL_TRACES_SAMPLER_ARG: {
    schema: z
      .string()
      .regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'a number from 0 to 1')
      .transform(Number)
      .default(1),
    meaning: 'The part of the requests that the samplers with `traceidratio` trace: 0.01 is one in a hundred.',
  },
} as const satisfies Record<string, Setting>

export type Config = { readonly [Name in keyof typeof settings]: z.output<(typeof settings)[Name]['schema']> }

/** How many processes do the work. */
export function countProcesses({ PROCESSES, DATABASE_URL }: Pick<Config, 'PROCESSES' | 'DATABASE_URL'>): number {
  if (DATABASE_URL === undefined) return 1
  return PROCESSES === 'auto' ? Math.min(availableParallelism(), maxProcesses) : PROCESSES
}

/** Whether a pooler of transactions stands before the database. */
export function isBehindPooler({
  DATABASE_URL,
  DATABASE_POOLER,
}: Pick<Config, 'DATABASE_URL' | 'DATABASE_POOLER'>): boolean {
  return DATABASE_POOLER === 'transaction' || (DATABASE_URL !== undefined && parseDatabaseUrl(DATABASE_URL).isPooled)
}

/** Whether the page is served: of itself on the embedded engine, elsewhere where it was switched on. */
export function hasPage({ PAGE, DATABASE_URL }: Pick<Config, 'PAGE' | 'DATABASE_URL'>): boolean {
  return PAGE ?? DATABASE_URL === undefined
}
