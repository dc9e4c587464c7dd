import { readFileSync } from 'node:fs'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls'
import type { DatabaseAddress, DatabaseHost } from '../../model/database-url.ts'
import { Connection, type ConnectionOptions, type OnStatement } from './connection.ts'
import { DatabaseFault } from './fault.ts'
import { loopNow, unwatch, watch } from './loop-clock.ts'

/** How long one host may be silent before the next is tried beside it, in milliseconds. */
const staggerMilliseconds = 500

/** Postgres 15. */
const minVersion = 150_000

/** The request before the protocol begins: whether the server speaks TLS. */
const tlsRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/**
 * Keepalives by which the server notices a lost client. While it waits for the rest of a statement, none of its timeouts runs, and by default it
 * would hold the locks of a transaction for two hours. Behind a proxy, only the proxy answers.
 */
const silence = {
  tcp_user_timeout: '5000',
  tcp_keepalives_idle: '3',
  tcp_keepalives_interval: '1',
  tcp_keepalives_count: '3',
}

/** The required settings of a session, by their names in Postgres. Times in milliseconds; 0 is none. */
export interface SessionSettings {
  readonly statement_timeout: string
  readonly lock_timeout: string
  readonly idle_in_transaction_session_timeout: string
  readonly default_transaction_isolation: string
  readonly search_path: string
}

export interface ConnectOptions extends Omit<ConnectionOptions, 'address' | 'parameters'> {
  readonly onStatement?: OnStatement | undefined
  readonly address: DatabaseAddress
  readonly session: SessionSettings
  /** Whether a pooler of transactions stands before the database. Then sessions cannot be set up, and are only checked. */
  readonly isPooled: boolean
  /** The time limit of connecting, in milliseconds, all hosts together. */
  readonly connectTimeout: number
}

/** Opens new connections to the primary. */
export interface Connector {
  connect(): Promise<Connection>
  /** Tries this host after all others, from now on. */
  demote(host: string): void
}

/** Tries the host first that has last answered as the primary. */
export function createConnector(options: ConnectOptions): Connector {
  let hosts = options.address.hosts
  const demote = (address: string): void => {
    hosts = hosts.toSorted((one, other) => Number(addressOf(one) === address) - Number(addressOf(other) === address))
  }
  const connect = async (): Promise<Connection> => {
    const timeout = new AbortController()
    const deadline = loopNow() + options.connectTimeout
    const check = (now: number): void => {
      if (now >= deadline) timeout.abort(new Error('it does not answer'))
    }
    watch(check)
    try {
      const open = (host: DatabaseHost, signal: AbortSignal) => openConnection(host, options, signal)
      const connection = await openFirst(hosts, open, timeout.signal)
      if (hosts.length > 1) hosts = hosts.toSorted((one, other) => rank(other, connection) - rank(one, connection))
      return connection
    } catch (error) {
      throw toConnectFault(error)
    } finally {
      unwatch(check)
    }
  }
  return { connect, demote }
}

const addressOf = ({ host, port }: DatabaseHost): string => `${host}:${port}`

const rank = (host: DatabaseHost, connection: Connection): number => Number(addressOf(host) === connection.host)

/** The error of the server or of the network that caused the connection's. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error instanceof DatabaseFault && error.cause !== undefined ? reasonOf(error.cause) : error.message
}

function toConnectFault(error: unknown): DatabaseFault {
  const reason = reasonOf(error)
  return new DatabaseFault('CONNECT_FAILED', 'none', `the database cannot be connected to: ${reason}`, { cause: error })
}

/**
 * The first connection that opens. Each attempt begins when the one before has failed or is silent for a while: an address that does not answer
 * costs half a second and not the whole time.
 */
function openFirst(
  hosts: readonly DatabaseHost[],
  open: (host: DatabaseHost, signal: AbortSignal) => Promise<Connection>,
  timeout: AbortSignal,
): Promise<Connection> {
  const won = new AbortController()
  const signal = AbortSignal.any([timeout, won.signal])
  return new Promise((resolve, reject) => {
    let begun = 0
    let failed = 0
    let timer: NodeJS.Timeout | undefined
    const begin = (): void => {
      clearTimeout(timer)
      const host = hosts[begun]
      if (!host || signal.aborted) return
      begun++
      timer = setTimeout(begin, staggerMilliseconds)
      open(host, signal).then(
        (connection) => {
          if (won.signal.aborted) return void connection.close()
          won.abort()
          clearTimeout(timer)
          resolve(connection)
        },
        (error: unknown) => {
          failed++
          if (failed === hosts.length || timeout.aborted) {
            clearTimeout(timer)
            reject(error)
          } else begin()
        },
      )
    }
    begin()
  })
}

async function openConnection(host: DatabaseHost, options: ConnectOptions, signal: AbortSignal): Promise<Connection> {
  const { address, session, isPooled } = options
  const socket = await openSocket(host, address, signal)
  const connection = new Connection(socket, addressOf(host), {
    ...options,
    parameters: {
      application_name: address.applicationName,
      TimeZone: 'UTC',
      DateStyle: 'ISO, YMD',
      ...(!isPooled && { ...session, ...silence }),
    },
  })
  const abort = (): void => connection.discard('CONNECT_FAILED', signal.reason)
  signal.addEventListener('abort', abort)
  // Another host may have answered in the turn before anything listened.
  if (signal.aborted) abort()
  try {
    await checkServer(connection, options)
    connection.onStatement = options.onStatement
    return connection
  } catch (error) {
    connection.discard('CONNECT_FAILED', error)
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Connected and, where it is wanted, encrypted; or thrown away. */
async function openSocket(target: DatabaseHost, address: DatabaseAddress, signal: AbortSignal): Promise<Socket> {
  const { host, port } = target
  const isLocalSocket = host.startsWith('/')
  const socket = connectTcp(isLocalSocket ? { path: `${host}/.s.PGSQL.${port}` } : { host, port, noDelay: true })
  socket.setKeepAlive(true, 10_000).on('error', ignored)
  const abort = (): void => void socket.destroy(signal.reason as Error)
  signal.addEventListener('abort', abort)
  try {
    await once(socket, 'connect')
    if (address.tls === 'disable' || isLocalSocket) return socket
    socket.write(tlsRequest)
    const answer = await once(socket, 'data')
    // Bytes beyond the one letter would come from somebody in between.
    if (answer?.toString('latin1') === 'S') return await encrypt(socket, host, address)
    if (answer?.toString('latin1') !== 'N') throw new Error('the server gives no answer to a request for TLS')
    if (address.tls !== 'prefer') throw new Error(`sslmode=${address.tls}, but the server speaks no TLS`)
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
    if (signal.aborted) socket.destroy()
  }
}

/** Ignores errors while nobody waits for the socket, which would otherwise end the process. */
const ignored = (): void => {}

/** Resolves with the first event, or rejects when the socket fails or ends before. */
function once(socket: Socket, event: 'connect' | 'data' | 'secureConnect'): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (work: () => void) => {
      socket.off(event, onEvent).off('error', onError).off('close', onClose)
      work()
    }
    const onEvent = (data?: Buffer): void => settle(() => resolve(data))
    const onError = (error: Error): void => settle(() => reject(error))
    const onClose = (): void => settle(() => reject(new Error('the server has closed the connection')))
    socket.on(event, onEvent).on('error', onError).on('close', onClose)
  })
}

async function encrypt(socket: Socket, host: string, { tls, rootCertificate }: DatabaseAddress): Promise<Socket> {
  const isVerified = tls === 'verify-ca' || tls === 'verify-full'
  const options: TlsOptions = {
    socket,
    ...(isIP(host) === 0 && { servername: host }),
    rejectUnauthorized: isVerified,
    ...(isVerified &&
      rootCertificate !== undefined &&
      rootCertificate !== 'system' && { ca: readFileSync(rootCertificate) }),
    ...(tls !== 'verify-full' && { checkServerIdentity: () => undefined }),
  }
  const encrypted = connectTls(options).on('error', ignored)
  await once(encrypted, 'secureConnect')
  return encrypted
}

interface ServerState extends SessionSettings {
  readonly standby: boolean
  readonly read_only: string
  readonly version: number
  readonly encoding: string
}

const stateStatement = `SELECT pg_is_in_recovery() AS standby, current_setting('default_transaction_read_only') AS read_only,
  current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding,
  current_setting('default_transaction_isolation') AS default_transaction_isolation, current_setting('search_path') AS search_path,
  (SELECT setting FROM pg_settings WHERE name = 'statement_timeout') AS statement_timeout,
  (SELECT setting FROM pg_settings WHERE name = 'lock_timeout') AS lock_timeout,
  (SELECT setting FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout') AS idle_in_transaction_session_timeout`

/** Throws for a server that would give wrong answers or takes no writes. */
async function checkServer(connection: Connection, { address, session, isPooled }: ConnectOptions): Promise<void> {
  const [state] = (await connection.run(stateStatement, [], {})) as unknown as [ServerState]
  if (state.standby) throw new Error(`${connection.host} is a standby`)
  if (address.mustWrite && state.read_only === 'on') throw new Error(`${connection.host} takes no writes`)
  if (state.version < minVersion) throw new Error('Postgres 15 or newer is needed')
  if (state.encoding !== 'UTF8') throw new Error(`the encoding of the database must be UTF8, and is ${state.encoding}`)
  if (!isPooled) return
  for (const [name, value] of Object.entries(session)) {
    const found = state[name as keyof SessionSettings]
    // Processes with other timeouts may share the role while they are changed; without any, a statement could take for ever.
    const isRight = name.endsWith('_timeout') ? Number(found) > 0 : found === value
    if (!isRight) throw new Error(`behind the pooler the role must have ${name} = ${value}, and it is ${found}`)
  }
}
