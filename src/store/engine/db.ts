import { setTimeout as delay } from 'node:timers/promises'
import { sql, type AnyColumn, type SQL } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import { parseDatabaseUrl } from '../../model/database-url.ts'
import { sidToUuid, type Sid } from '../../model/sid.ts'
import { createConnector, type SessionSettings } from './connect.ts'
import { asClient, type Connection, type OnStatement, type Orm, type Row, type Run } from './connection.ts'
import { isLockTimeout, isRepeatable, withoutCommit } from './fault.ts'
import { loopNow } from './loop-clock.ts'
import { Pool, type PoolFigures } from './pool.ts'
import { StatementFigures } from './statement-figures.ts'

/** What both the database and an open transaction can do. */
interface Statements {
  /** The query builder, for statements that are not hot. */
  readonly orm: Orm
  /** Runs one hand-written statement, prepared once per connection. Hot statements only: the text is the cache key. */
  run<Result extends Row>(statement: string, parameters: readonly unknown[]): Promise<Result[]>
}

/**
 * An open transaction. On the embedded engine it holds the only connection, so nothing within one may wait for the network or for
 * a query outside of it. One statement at a time.
 */
export interface Tx extends Statements {
  readonly inTransaction: true
}

/** Called in a transaction under the lock of what it is to change; throws to leave it as it is. */
export type Precondition = (tx: Tx) => Promise<void>

type Work<Result> = (tx: Tx) => Promise<Result>

export interface Db extends Statements {
  readonly inTransaction: false
  readonly figures: PoolFigures
  /**
   * Runs a transaction. A failure before the commit was sent, for a reason that passes at once, runs it again, at most twice: the work may be
   * called several times, and only its last call counts.
   */
  transaction<Result>(work: Work<Result>): Promise<Result>
  /**
   * Runs a transaction that only reads, on a connection of its own to a primary, and returns when what it has read is replicated as
   * configured: after a fault, a row that is seen here may exist on this server alone.
   */
  readReplicated<Result>(work: Work<Result>): Promise<Result>
  /** Runs several statements in one text, a transaction among them, on one connection; the rows of all of them. */
  runScript(script: string): Promise<Row[]>
  close(): Promise<void>
}

/** How long things may take, in milliseconds. */
export interface DatabaseTimeouts {
  /** Opening a connection, all hosts together. */
  readonly connect: number
  /** Waiting for a connection of the pool. */
  readonly pool: number
  /** Waiting for a lock. */
  readonly lock: number
  /** One statement, by the server's clock; here a second more. 0 is none. */
  readonly statement: number
  /** A transaction that does nothing, before the server ends it. The locks of a process that has vanished stay for so long. */
  readonly idleTransaction: number
  /** A statement or transaction in all, with its waits and its repetitions. */
  readonly total: number
}

export const defaultTimeouts: DatabaseTimeouts = {
  connect: 3000,
  pool: 2000,
  lock: 2000,
  statement: 5000,
  idleTransaction: 5000,
  total: 10_000,
}

/** For migrations, and for the cleanup in the background. */
export const maintenanceTimeouts: DatabaseTimeouts = {
  ...defaultTimeouts,
  pool: 600_000,
  statement: 0,
  idleTransaction: 60_000,
  total: 600_000,
}

export interface DbOptions {
  /** Connections of this process; Postgres allows 100 in all by default. */
  readonly poolSize: number
  readonly timeouts?: Partial<DatabaseTimeouts> | undefined
  /** A pooler of transactions, such as PgBouncer, stands before the database. */
  readonly isPooled?: boolean | undefined
  /** Whether a statement that meets a lasting lock is tried again until its deadline, instead of failing. */
  readonly isPatient?: boolean | undefined
  /** Whether statements are prepared by name. */
  readonly prepare?: boolean | undefined
  /** Called with each statement sent, for tests that count them or ask how they are planned. */
  readonly onStatement?: OnStatement | undefined
}

/** How often work is run in all when it fails for a reason that passes at once. */
const maxAttempts = 3

/** The server ends a slow statement by itself; this long after that, a server that does not answer is given up. */
const graceMilliseconds = 1000

/** How long closing waits for what is under way, in milliseconds. */
const closeMilliseconds = 5000

/** The settings of every session, so that nothing depends on those of the server, the database or the role. */
export function toSessionSettings(timeouts: DatabaseTimeouts, searchPath: string): SessionSettings {
  return {
    statement_timeout: String(timeouts.statement),
    lock_timeout: String(timeouts.lock),
    idle_in_transaction_session_timeout: String(timeouts.idleTransaction),
    default_transaction_isolation: 'read committed',
    search_path: searchPath,
  }
}

/** Opens a pool of connections to Postgres. Nothing is connected before the first statement. */
export function openDb(url: string, options: DbOptions): Db {
  const { poolSize, isPooled = false, isPatient = false, prepare = true, onStatement } = options
  const address = parseDatabaseUrl(url)
  const timeouts = { ...defaultTimeouts, ...options.timeouts }
  const figures = new StatementFigures()
  const { connect, demote } = createConnector({
    figures,
    address,
    session: toSessionSettings(timeouts, address.searchPath),
    isPooled: isPooled || address.isPooled,
    prepare,
    connectTimeout: timeouts.connect,
    statementTimeout: timeouts.statement === 0 ? timeouts.total : timeouts.statement + graceMilliseconds,
    onStatement,
  })
  const onDeserted = address.hosts.length > 1 ? demote : undefined
  return createDb(new Pool({ size: poolSize, timeout: timeouts.pool, figures, connect, onDeserted }), timeouts, {
    isPatient,
  })
}

/** The database over a pool of connections. `isSingle` says that there can be no second one. */
export function createDb(
  pool: Pool,
  timeouts: Pick<DatabaseTimeouts, 'connect' | 'total'>,
  { isSingle = false, isPatient = false } = {},
): Db {
  const deadline = (): number => loopNow() + timeouts.total
  const repeatStatement = isPatient ? (error: unknown) => isRepeatable(error) || isLockTimeout(error) : isRepeatable
  const run: Run = (statement, parameters, options) => {
    const until = deadline()
    return repeat(timeouts.total, repeatStatement, (isFirst) => {
      const prepare = options.prepare === true && isFirst
      return pool.use(until, (connection) => connection.run(statement, parameters, { ...options, prepare }))
    })
  }
  const transact = async <Result>(work: WorkOn<Result>): Promise<Result> => {
    const until = deadline()
    const transaction = new Transaction(work, repeatStatement)
    return repeat(
      timeouts.total,
      (error) => transaction.mayRepeat(error),
      (isFirst) => pool.use(until, (connection) => transaction.run(connection, isFirst)),
    )
  }
  return {
    inTransaction: false,
    get figures() {
      return pool.figures
    },
    orm: drizzle(asClient({ parsers: {}, serializers: {} }, run, (work) => transact(({ client }) => work(client)))),
    run: (statement, parameters) => run(statement, parameters, { prepare: true }) as never,
    transaction: (work) => transact((connection, prepare) => work(toTx(connection, prepare))),
    readReplicated: (work) => {
      const transaction = new Transaction(async (connection, prepare) => {
        await connection.run(`SELECT pg_logical_emit_message(true, 'fonechat', '')`, [], {})
        return work(toTx(connection, prepare))
      }, repeatStatement)
      const attempt = (connection: Connection) => transaction.run(connection, true)
      // Its caller has waited before, so this waits no longer than for a connection.
      return isSingle ? pool.use(deadline(), attempt) : pool.useNew(loopNow() + timeouts.connect, attempt)
    },
    runScript: (script) => pool.use(deadline(), (connection) => runScript(connection, script)),
    close: () => pool.close(closeMilliseconds),
  }
}

/**
 * Repeats, after a random pause, work that has failed for a reason that passes. Only the first attempt uses prepared statements: each would
 * find one stale plan, and there are as many as statements times connections.
 */
async function repeat<Result>(
  milliseconds: number,
  mayRepeat: (error: unknown) => boolean,
  attempt: (isFirst: boolean) => Promise<Result>,
): Promise<Result> {
  // By the wall clock: if this process was stopped for a while, the caller has gone, and others have acted since.
  const end = performance.now() + milliseconds
  for (let tried = 1; ; tried++) {
    try {
      return await attempt(tried === 1)
    } catch (error) {
      const wait = Math.random() * 50 * tried
      // A lock has been waited for already.
      const isLast = tried >= maxAttempts && !isLockTimeout(error)
      if (isLast || !mayRepeat(error) || performance.now() + wait >= end) throw error
      await delay(wait)
    }
  }
}

function toTx(connection: Connection, prepare: boolean): Tx {
  return {
    inTransaction: true,
    orm: connection.orm,
    run: (statement, parameters) => connection.run(statement, parameters, { prepare }) as never,
  }
}

/** Work on a connection, and whether it may use prepared statements. */
type WorkOn<Result> = (connection: Connection, prepare: boolean) => Promise<Result>

class Transaction<Result> {
  readonly #work: WorkOn<Result>
  readonly #isRepeatable: (error: unknown) => boolean
  #isCommitting = false

  constructor(work: WorkOn<Result>, isRepeatable: (error: unknown) => boolean) {
    this.#work = work
    this.#isRepeatable = isRepeatable
  }

  async run(connection: Connection, prepare: boolean): Promise<Result> {
    const result = await this.#beforeCommit(connection, prepare)
    this.#isCommitting = true
    const answer = (await connection.run('COMMIT', [], {})) as Row[] & { readonly command?: string }
    // The answer of Postgres when a statement has failed and the work ignored that.
    if (answer.command !== 'COMMIT') throw new Error('the transaction was rolled back: a statement of it had failed')
    return result
  }

  async #beforeCommit(connection: Connection, prepare: boolean): Promise<Result> {
    try {
      await connection.run('BEGIN ISOLATION LEVEL READ COMMITTED', [], {})
      return await this.#work(connection, prepare)
    } catch (error) {
      await rollBack(connection)
      throw withoutCommit(error)
    }
  }

  /** Whether it has certainly changed nothing, and can succeed at once. */
  mayRepeat(error: unknown): boolean {
    return !this.#isCommitting && this.#isRepeatable(error)
  }
}

/** Nothing is sent on a connection that has failed: the server rolls back by itself when it ends. */
async function rollBack(connection: Connection): Promise<void> {
  if (connection.isLost) return
  try {
    await connection.run('ROLLBACK', [], {})
  } catch (error) {
    connection.discard('CONNECTION_LOST', error)
  }
}

async function runScript(connection: Connection, script: string): Promise<Row[]> {
  try {
    const results = (await connection.run(script, [], {})) as (Row | Row[])[]
    return results.flat()
  } catch (error) {
    await rollBack(connection)
    throw error
  }
}

/** A timestamp as hand-written statements return it: the query builder has switched the driver's own parser off. */
export function toDate(text: string): Date {
  return new Date(text)
}

export function toDateOrNull(text: string | null): Date | null {
  return text === null ? null : new Date(text)
}

/** A `uuid[]` of SIDs as Postgres writes it. The driver's own way escapes each, which shows where there are thousands. */
export function uuidArray(sids: readonly Sid[]): string {
  return `{${sids.map(sidToUuid).join()}}`
}

/** The same for `bigint[]`. */
export function bigintArray(numbers: readonly number[]): string {
  return `{${numbers.join()}}`
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
