import { userInfo } from 'node:os'

/** How the connection is encrypted, in the words of libpq. */
export type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'

export interface DatabaseHost {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string
  readonly port: number
}

/** The parsed `DATABASE_URL`. */
export interface DatabaseAddress {
  /** The servers of one cluster. Connections go to the primary. */
  readonly hosts: readonly DatabaseHost[]
  readonly user: string
  readonly password: string
  readonly database: string
  readonly tls: TlsMode
  /** A file of root certificates in PEM; by default those of Node.js. */
  readonly rootCertificate: string | undefined
  /** Whether a primary that is set to read only is refused too. A standby always is. */
  readonly mustWrite: boolean
  readonly searchPath: string
  readonly applicationName: string
  /** Whether the address says that a pooler of transactions stands before the database. */
  readonly isPooled: boolean
}

/** Says what is wrong with `DATABASE_URL`, without its secrets. */
export class DatabaseUrlError extends Error {
  override readonly name = 'DatabaseUrlError'
}

const tlsModes: readonly TlsMode[] = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full']

/** Parameters of other tools whose meaning is a setting here. */
const settingsInstead: Readonly<Record<string, string>> = {
  connect_timeout: 'DATABASE_CONNECT_TIMEOUT',
  connection_limit: 'DATABASE_POOL',
  pool_timeout: 'DATABASE_POOL_TIMEOUT',
  statement_timeout: 'DATABASE_STATEMENT_TIMEOUT',
  lock_timeout: 'DATABASE_LOCK_TIMEOUT',
}

const usage = 'a URL such as postgres://user:password@host/database'

/**
 * Reads an address as libpq writes it, with several hosts (`postgres://user:password@one:5432,two:5432/database`) and the parameters
 * `sslmode`, `sslrootcert`, `target_session_attrs`, `application_name`, `host`, and of other tools `schema`, `pgbouncer` and
 * `channel_binding`. Throws DatabaseUrlError where it cannot be used as it is.
 */
export function parseDatabaseUrl(url: string): DatabaseAddress {
  const [, rest] = /^postgres(?:ql)?:\/\/(.*)$/s.exec(url) ?? []
  if (rest === undefined) throw new DatabaseUrlError(usage)
  const [beforeQuery = '', query = ''] = splitOnce(rest, '?')
  const slash = beforeQuery.indexOf('/', beforeQuery.lastIndexOf('@') + 1)
  const authority = slash === -1 ? beforeQuery : beforeQuery.slice(0, slash)
  const at = authority.lastIndexOf('@')
  const [user = '', password = ''] = splitOnce(at === -1 ? '' : authority.slice(0, at), ':').map(decode)
  const parameters = new Map(new URLSearchParams(query))
  const take = (name: string): string | undefined => {
    const value = parameters.get(name)
    parameters.delete(name)
    return value
  }
  const hosts = parseHosts(authority.slice(at + 1) || (take('host') ?? 'localhost'))
  const name = user || userInfo().username
  const database = slash === -1 ? '' : decode(beforeQuery.slice(slash + 1))
  const address: DatabaseAddress = {
    hosts,
    user: name,
    password,
    database: database || name,
    tls: parseTls(take('sslmode') ?? take('ssl'), hosts),
    rootCertificate: take('sslrootcert'),
    mustWrite: parseTarget(take('target_session_attrs')),
    searchPath: toSearchPath(take('schema')),
    applicationName: take('application_name') ?? 'fonechat',
    isPooled: take('pgbouncer') === 'true',
  }
  if (take('channel_binding') === 'require') {
    throw new DatabaseUrlError('a URL without channel_binding=require, which is not supported; sslmode=verify-full is')
  }
  const [unknown] = parameters.keys()
  if (unknown === undefined) return address
  // The end of a password that has a question mark.
  if (unknown.includes('@')) throw notEncoded()
  const setting = settingsInstead[unknown]
  throw new DatabaseUrlError(
    `a URL without the parameter ${unknown}, which is ${setting ? `the setting ${setting} here` : 'not supported'}`,
  )
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw notEncoded()
  }
}

const notEncoded = (): DatabaseUrlError =>
  new DatabaseUrlError(`${usage}, in which % and other special characters of a password are percent-encoded`)

function parseHosts(list: string): DatabaseHost[] {
  return list.split(',').map((one) => {
    const text = decode(one)
    if (text.startsWith('/')) return { host: text, port: 5432 }
    const [, host = '', port = '5432'] = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d+))?$/i.exec(text) ?? []
    if (host === '' || Number(port) < 1 || Number(port) > 65_535) throw new DatabaseUrlError(usage)
    return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
  })
}

/** Within one machine encryption protects nothing and costs time. */
function isLocal({ host }: DatabaseHost): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || host.startsWith('127.')
}

function parseTls(mode: string | undefined, hosts: readonly DatabaseHost[]): TlsMode {
  if (mode === undefined) return hosts.every(isLocal) ? 'disable' : 'prefer'
  if (mode === 'true') return 'require'
  if (mode === 'false') return 'disable'
  const known = tlsModes.find((one) => one === mode)
  if (!known) throw new DatabaseUrlError(`a URL with one of these for sslmode: ${tlsModes.join(', ')}`)
  return known
}

function parseTarget(target = 'any'): boolean {
  if (target === 'read-write') return true
  if (target === 'any' || target === 'primary') return false
  throw new DatabaseUrlError('a URL with any, primary or read-write for target_session_attrs: a standby cannot be used')
}

function toSearchPath(schema: string | undefined): string {
  return schema === undefined ? '"$user", public' : `"${schema.replaceAll('"', '""')}"`
}
