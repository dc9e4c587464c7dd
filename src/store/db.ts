import { sql, type AnyColumn, type SQL } from 'drizzle-orm'
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { sidToUuid } from '../model/sid.ts'

type Orm = PostgresJsDatabase
type Row = Record<string, unknown>

/** What both the database and an open transaction can do. */
interface Statements<Builder> {
  /** The query builder, for statements that are not hot. */
  readonly orm: Builder
  /** Runs one hand-written statement, prepared once per connection. Hot statements only: the text is the cache key. */
  run<Result extends Row>(statement: string, parameters: readonly unknown[]): Promise<Result[]>
}

/**
 * An open transaction. On the embedded engine it holds the only connection, so nothing within one may wait for the network or for
 * a query outside of it.
 */
export interface Tx extends Statements<Parameters<Parameters<Orm['transaction']>[0]>[0]> {
  readonly inTransaction: true
}

export interface Db extends Statements<Orm> {
  readonly inTransaction: false
  transaction<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>
  /** Runs several statements in one text, a transaction among them, on one connection; the rows of all of them. */
  runScript(script: string): Promise<Row[]>
  close(): Promise<void>
}

export interface DbOptions {
  /** Connections of this process; Postgres allows 100 in all by default. */
  readonly poolSize: number
  /** Called with each statement sent, for tests that count them or ask how they are planned. */
  readonly onStatement?: ((statement: string, parameters: readonly unknown[]) => void) | undefined
  /** Instead of a TCP connection: how to reach a server that speaks the same protocol. Takes the pool down to one. */
  readonly socket?: (() => unknown) | undefined
}

/** Counters are `bigint` in Postgres and numbers here: at a million messages a second they stay exact for 285 years. */
const int8 = { to: 20, from: [20], serialize: String, parse: Number } satisfies postgres.PostgresType

export function openDb(url: string, options: DbOptions): Db {
  const { onStatement, socket } = options
  const client = postgres(url, {
    max: socket ? 1 : options.poolSize,
    types: { int8 },
    connection: { application_name: 'fonechat', TimeZone: 'UTC' },
    connect_timeout: 10,
    // Seconds. The driver's own grows to twenty, which a restart of the database would cost every caller.
    backoff: (attempts: number) => Math.min(0.05 * 2 ** attempts, 1) * (0.5 + Math.random() / 2),
    onnotice: () => {},
    ...(onStatement && {
      debug: (_connection: number, statement: string, parameters: unknown[]) => onStatement(statement, parameters),
    }),
    ...(socket && { socket, idle_timeout: 0, max_lifetime: 0, ssl: false }),
  })
  const orm = drizzle(client)
  return {
    inTransaction: false,
    orm,
    run: (statement, parameters) => runPrepared(client, statement, parameters),
    transaction: (work) =>
      orm.transaction((tx) =>
        work({
          inTransaction: true,
          orm: tx,
          run: (statement, parameters) => runPrepared(clientOf(tx), statement, parameters),
        }),
      ),
    runScript: async (script) => {
      const connection = await client.reserve()
      try {
        const results: (Row | Row[])[] = await connection.unsafe(script)
        return results.flat()
      } catch (error) {
        // Of a transaction that it has begun and not ended.
        await connection.unsafe('ROLLBACK').catch(() => {})
        throw error
      } finally {
        connection.release()
      }
    },
    close: () => client.end({ timeout: 5 }),
  }
}

function runPrepared<Result extends Row>(
  client: Pick<postgres.Sql, 'unsafe'>,
  statement: string,
  parameters: readonly unknown[],
): Promise<Result[]> {
  return client.unsafe(statement, parameters as postgres.ParameterOrJSON<never>[], { prepare: true }) as never
}

/** drizzle keeps the connection of a transaction in its session, which its types hide. */
function clientOf(tx: object): Pick<postgres.Sql, 'unsafe'> {
  return (tx as { session: { client: postgres.Sql } }).session.client
}

/** A timestamp as hand-written statements return it: the query builder has switched the driver's own parser off. */
export function toDate(text: string): Date {
  return new Date(text)
}

export function toDateOrNull(text: string | null): Date | null {
  return text === null ? null : new Date(text)
}

/** A `uuid[]` of SIDs as Postgres writes it. The driver's own way escapes each, which shows where there are thousands. */
export function uuidArray(sids: readonly string[]): string {
  return `{${sids.map(sidToUuid).join()}}`
}

/** The same for `bigint[]`. */
export function bigintArray(numbers: readonly number[]): string {
  return `{${numbers.join()}}`
}

function codeOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined
  if ('code' in error) return error.code
  return codeOf(error.cause)
}

/** The name of the violated unique constraint, if this is what the error says. */
export function uniqueViolation(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if ('code' in error && error.code === '23505' && 'constraint_name' in error) return String(error.constraint_name)
  return uniqueViolation(error.cause)
}

const lostConnection = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03',
  '53300',
])

/** Whether the database did not answer, as against answering with an error: what was sent may or may not have happened. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error)
  return typeof code === 'string' && lostConnection.has(code)
}

/**
 * A statement of the query builder that is built and prepared once per database instead of once per call, which costs four to
 * seven times the processor time of running it.
 */
export function prepareOnce<Prepared>(build: (orm: Orm) => Prepared): (db: Db) => Prepared {
  const prepared = new WeakMap<Db, Prepared>()
  return (db) => {
    let statement = prepared.get(db)
    if (statement === undefined) {
      statement = build(db.orm)
      prepared.set(db, statement)
    }
    return statement
  }
}

/** A placeholder that encodes its value as the column does; without the column a SID would go to the driver as it is. */
export function placeholder(column: AnyColumn, name: string): SQL {
  return sql`${sql.param(sql.placeholder(name), column)}`
}
