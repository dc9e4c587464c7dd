import type { Duplex } from 'node:stream'
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import type { DatabaseAddress } from '../../model/database-url.ts'
import { tracing } from '../../tracing/tracing.ts'
import { DatabaseFault, type FaultCode } from './fault.ts'
import { loopNow } from './loop-clock.ts'
import type { StatementFigures } from './statement-figures.ts'
import { nameStatement } from './statement-name.ts'

export type Orm = PostgresJsDatabase
export type Row = Record<string, unknown>

export interface StatementOptions {
  /** Under a name on each connection: for texts that come again, since each is kept. */
  readonly prepare?: boolean
  /** Rows as arrays in the order of the columns, not as objects. */
  readonly asArrays?: boolean
}

export type Run = (statement: string, parameters: readonly unknown[], options: StatementOptions) => Promise<Row[]>

export interface ConnectionOptions {
  readonly address: Pick<DatabaseAddress, 'user' | 'password' | 'database'>
  /** What the session begins with. */
  readonly parameters: Readonly<Record<string, string>>
  /** Whether statements may be prepared by name. */
  readonly prepare: boolean
  /** The time limit of a statement, in milliseconds. */
  readonly statementTimeout: number
  readonly figures: StatementFigures
}

export type OnStatement = (statement: string, parameters: readonly unknown[]) => void

type Result = Row[] & { readonly command?: string | null }

/** Of one dimension. The query builder's own way loses backslashes, and reads NULL as a word. */
const array = (oid: number, toItem: (item: string) => unknown = (item) => item) => ({
  to: oid,
  from: [oid],
  serialize: String,
  parse: (value: string) =>
    Array.from(value.matchAll(/"([^"\\]*(?:\\.[^"\\]*)*)"|[^{},"]+/gs), ([bare, quoted]) => {
      if (quoted !== undefined) return toItem(quoted.replaceAll(/\\(.)/gs, '$1'))
      return bare === 'NULL' ? null : toItem(bare)
    }),
})

/**
 * How values travel. Counters are `bigint` in Postgres and numbers here: at a million messages a second they stay exact for 285 years.
 * The driver would ask each new server for the types of arrays; these are all that are used.
 */
const types = {
  int8: { to: 20, from: [20], serialize: String, parse: Number },
  textArray: array(1009),
  varcharArray: array(1015),
  uuidArray: array(2951),
  int8Array: array(1016, Number),
  int4Array: array(1007, Number),
} satisfies Record<string, postgres.PostgresType>

/** The routine of Postgres that warns of a commit that is not replicated: the words are in the server's language. */
const replicationRoutine = 'SyncRepWaitForLSN'

/**
 * One connection to the database: one client of the driver, with one statement at a time.
 *
 * The driver (3.4.9) resolves a statement that comes between a socket's error and its close as if it had run, and leaves others without
 * an answer. So the socket reports here before it reports to the driver, calls under way are answered here, a result without a command tag
 * counts as none, and nothing is sent after a fault.
 */
export class Connection {
  readonly host: string
  readonly openedAt = performance.now()
  /** When the last statement was begun, and when the last was answered. */
  startedAt = this.openedAt
  answeredAt = this.openedAt
  /** For transactions: what the query builder runs its statements with, on this connection alone, and the builder. */
  readonly client: postgres.Sql
  readonly orm: Orm
  /** When the borrower's time is over, by the clock of the loop. */
  until = Infinity
  /** Called with each statement sent. */
  onStatement: OnStatement | undefined
  /** Whether to close it instead of lending it again. */
  isRetired = false
  readonly #socket: Duplex
  readonly #driver: postgres.Sql
  readonly #options: ConnectionOptions
  #deadline = Infinity
  #onLost: (code: FaultCode) => void = () => {}
  #isLost = false
  #isClosing = false
  #reject: ((fault: DatabaseFault) => void) | undefined

  /** Takes over a socket before the protocol has begun on it. */
  constructor(socket: Duplex, host: string, options: ConnectionOptions) {
    this.host = host
    this.#socket = socket
    this.#options = options
    socket.on('error', (error) => this.discard('CONNECTION_LOST', error))
    for (const event of ['end', 'close']) socket.on(event, () => this.discard('CONNECTION_LOST'))
    const sockets = [socket]
    this.#driver = postgres({
      host: 'database',
      ...options.address,
      pass: options.address.password,
      connection: options.parameters,
      types,
      max: 1,
      prepare: options.prepare,
      fetch_types: false,
      no_subscribe: true,
      ssl: false,
      // The pool has its own idle times, lifetimes and connect timeout.
      idle_timeout: 0,
      max_lifetime: null,
      connect_timeout: 0,
      keep_alive: null,
      onnotice: (notice) => this.#onNotice(notice),
      socket: () => {
        const taken = sockets.pop()
        // The driver would connect again by itself.
        if (!taken) throw new DatabaseFault('CONNECTION_LOST', 'none', 'the connection has ended')
        return taken
      },
    } as postgres.Options<Record<string, postgres.PostgresType>>)
    // For a statement that it knows, the driver would serialise the values again by their types, and read the text 'true' as false.
    for (const type of Object.keys(this.#driver.options.serializers)) {
      delete this.#driver.options.serializers[Number(type)]
    }
    this.client = asClient(this.#driver.options, this.run)
    this.orm = drizzle(this.client)
  }

  /** Whether the connection must not be used any more. */
  get isLost(): boolean {
    return this.#isLost
  }

  onLost(listener: (code: FaultCode) => void): void {
    this.#onLost = listener
  }

  /** Runs one statement, or several in one text that has no parameters. The one before must have been answered. */
  readonly run: Run = (statement, parameters, options) =>
    tracing === undefined ? this.#run(statement, parameters, options) : this.#trace(statement, parameters, options)

  #trace(statement: string, parameters: readonly unknown[], options: StatementOptions): Promise<Row[]> {
    const name = nameStatement(statement)
    const attributes = {
      'db.system.name': 'postgresql',
      'db.query.summary': name,
      'server.address': this.host,
      // One without parameters may have values in its text.
      ...(parameters.length > 0 && { 'db.query.text': statement }),
    }
    return tracing!.child(name, { role: 'client', attributes }, () => this.#run(statement, parameters, options))
  }

  readonly #run: Run = (statement, parameters, { prepare = false, asArrays = false }) => {
    if (this.#isLost) return Promise.reject(new DatabaseFault('CONNECTION_LOST', 'none', describe.CONNECTION_LOST))
    if (this.#reject) return Promise.reject(new Error('a connection takes one statement at a time'))
    return new Promise((resolve, reject) => {
      // A value that has no text fails here, while nothing is under way.
      const values = toValues(parameters)
      this.onStatement?.(statement, parameters)
      this.#reject = reject
      this.startedAt = performance.now()
      this.#deadline = Math.min(loopNow() + this.#options.statementTimeout, this.until)
      const query = this.#driver.unsafe(statement, values, { prepare })
      // oxlint-disable-next-line typescript/no-floating-promises -- the driver's queries are promises; this one is waited for below
      Object.defineProperty(query, 'describeFirst', alwaysFalse)
      const sent = (asArrays ? query.values() : query) as unknown as Promise<Result>
      sent.then(
        (result) => this.#onResult(result, resolve),
        (error: unknown) => this.#onError(error),
      )
    })
  }

  /** Ends the connection when its borrower's deadline has passed. */
  checkDeadline(now: number): void {
    if (now >= this.#deadline) this.discard('DEADLINE')
  }

  #onResult(result: Result, resolve: (answer: Result) => void): void {
    if (!this.#reject) return
    if (!hasAnswer(result)) return this.discard('NO_ANSWER')
    this.#settle()
    this.answeredAt = performance.now()
    this.#options.figures.onAnswer(this.answeredAt - this.startedAt)
    dropHoles(result)
    resolve(result)
  }

  #onError(error: unknown): void {
    const reject = this.#reject as ((error: unknown) => void) | undefined
    if (!reject) return
    if (!isOfStatement(error)) return this.discard('CONNECTION_LOST', error)
    this.#settle()
    this.answeredAt = performance.now()
    this.#options.figures.onError(error)
    reject(error)
  }

  #settle(): void {
    this.#reject = undefined
    this.#deadline = Infinity
  }

  /** The commit may be on this server alone, and an answer would acknowledge it. */
  #onNotice(notice: postgres.Notice): void {
    if (notice['routine'] === replicationRoutine) this.discard('NOT_REPLICATED')
  }

  /** Ends the connection at once; what is under way on it may or may not have happened. */
  discard(code: FaultCode, cause?: unknown): void {
    if (this.#isLost) return
    this.#isLost = true
    const reject = this.#reject
    this.#settle()
    this.#socket.destroy()
    if (reject) {
      const fault = new DatabaseFault(code, 'unknown', describe[code], { cause })
      // One that could not be opened is counted by the pool.
      if (code !== 'CONNECT_FAILED') this.#options.figures.onError(fault)
      reject(fault)
    }
    if (!this.#isClosing) this.#onLost(code)
  }

  /** Closes the session in order, within a second. Nothing may be under way. */
  async close(): Promise<void> {
    this.#isClosing = true
    if (!this.#isLost) await this.#driver.end({ timeout: 1 })
    this.#isLost = true
    this.#socket.destroy()
  }
}

/**
 * The driver would first ask for the types of a statement's parameters, and send the values after the answer. Until then the server holds the
 * locks of the transaction without any timeout: if the process is stopped, it keeps them. So a statement is sent whole, with its values
 * as text, which needs no types.
 */
const alwaysFalse: PropertyDescriptor = { get: () => false, set: () => {} }

/** What the driver takes; Postgres would take two more. */
const maxParameters = 65_533

function toValues(parameters: readonly unknown[]): (string | null)[] {
  if (parameters.length > maxParameters) throw new RangeError(`a statement has at most ${maxParameters} parameters`)
  return parameters.map(toText)
}

function toText(value: unknown): string | null {
  if (value === undefined) throw new TypeError('a parameter of a statement is undefined')
  if (value === null || typeof value === 'string') return value
  if (Array.isArray(value)) return `{${value.map(toItem).join()}}`
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? JSON.stringify(value) : String(value as number | bigint | boolean)
}

function toItem(item: unknown): string {
  const text = toText(item)
  if (text === null) return 'NULL'
  return Array.isArray(item) ? text : `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}

const describe: Readonly<Record<FaultCode, string>> = {
  CONNECT_FAILED: 'the database cannot be connected to',
  POOL_TIMEOUT: 'no connection to the database became free in time',
  CONNECTION_LOST: 'the connection to the database was lost',
  DEADLINE: 'the database has not answered in time',
  NOT_REPLICATED: 'the database has committed without its standby',
  NO_ANSWER: 'the database has not answered',
  CLOSED: 'the database is closed',
}

/** Whether the server has refused the statement. After any other error, such as an answer that the driver cannot read, the outcome is unknown. */
function isOfStatement(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.severity === 'ERROR'
}

/** A text with several statements has an array of results. */
function hasAnswer(result: Result): boolean {
  if (result.command != null) return true
  return result.length > 0 && result.every((one) => Array.isArray(one) && (one as Result).command != null)
}

/**
 * The driver goes on counting the rows of a statement that has failed after it had sent some: the next result begins with as many holes.
 */
function dropHoles(result: Result): void {
  const rows = Array.isArray(result[0]) && 'command' in result[0] ? (result[0] as unknown as Result) : result
  if (rows.length > 0 && !(0 in rows)) rows.splice(0, Number(Object.keys(rows)[0]))
}

/** A statement of the query builder. It runs when it is awaited, for objects, or when `values` is called, for arrays. */
class BuiltStatement implements PromiseLike<Row[]> {
  readonly #run: (asArrays: boolean) => Promise<Row[]>

  constructor(run: (asArrays: boolean) => Promise<Row[]>) {
    this.#run = run
  }

  // oxlint-disable-next-line unicorn/no-thenable -- as the driver's own statements are
  then<Fulfilled, Rejected>(...handlers: Parameters<PromiseLike<Row[]>['then']>): Promise<Fulfilled | Rejected> {
    return this.#run(false).then(...handlers) as Promise<Fulfilled | Rejected>
  }

  values(): Promise<Row[]> {
    return this.#run(true)
  }
}

/** The part of a driver's client that the query builder uses, over a function that runs a statement. */
export function asClient(
  options: Pick<postgres.Sql['options'], 'parsers' | 'serializers'>,
  run: Run,
  begin?: (work: (client: postgres.Sql) => Promise<unknown>) => Promise<unknown>,
): postgres.Sql {
  const unsafe = (statement: string, parameters: readonly unknown[] = [], { prepare = false } = {}) =>
    new BuiltStatement((asArrays) => run(statement, parameters, { prepare, asArrays }))
  return { options, unsafe, begin } as unknown as postgres.Sql
}
