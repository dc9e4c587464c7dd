/** A server that `REDIS_URL` names. */
export interface RedisHost {
  readonly host: string
  readonly port: number
}

/** The parsed `REDIS_URL` of a primary that Sentinel names. */
export interface SentinelAddress {
  readonly sentinels: readonly RedisHost[]
  /** What the sentinels call the primary. */
  readonly name: string
  /** Of the Redis servers. */
  readonly user: string
  readonly password: string
  /** Of the sentinels themselves. */
  readonly sentinelUser: string
  readonly sentinelPassword: string
  /** Whether both are spoken to over TLS. */
  readonly isEncrypted: boolean
}

/** Says what is wrong with `REDIS_URL`, without its secrets. */
export class RedisUrlError extends Error {
  override readonly name = 'RedisUrlError'
}

/** The parsed `REDIS_URL` of a server, or of some nodes of a cluster: the same address for each. */
export interface ServerAddress {
  readonly urls: readonly [string, ...string[]]
}

const usage = 'a URL such as redis://host:6379'
const sentinelUsage = 'a URL such as redis+sentinel://user:password@host:26379,host2:26379/name-of-the-primary'

/**
 * Reads the address of a server or a cluster (`redis://user:password@host:6379`), of several nodes of a cluster with commas between them, or of
 * sentinels: `redis+sentinel://user:password@host:26379,host2:26379/name`, where the sentinels' own password is a parameter (`sentinel_username`,
 * `sentinel_password`). With `rediss` both are spoken to over TLS. Throws RedisUrlError where it cannot be used as it is.
 */
export function parseRedisUrl(url: string): ServerAddress | SentinelAddress {
  if (!/^[a-z]+\+/i.test(url)) {
    const urls = splitHosts(url)
    urls.forEach(assertPlain)
    return { urls }
  }
  const [, scheme, credentials = '', hosts = '', path = '', query = ''] =
    /^(rediss?)\+sentinel:\/\/(?:([^@/?#]*)@)?([^@/?#]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(url) ?? []
  if (scheme === undefined) throw new RedisUrlError(sentinelUsage)
  const colon = credentials.indexOf(':')
  const [user, password] =
    colon === -1 ? [credentials, ''] : [credentials.slice(0, colon), credentials.slice(colon + 1)]
  const name = decode(path)
  if (name === '') throw new RedisUrlError(`${sentinelUsage}, which ends with what the sentinels call the primary`)
  const parameters = new URLSearchParams(query)
  // The end of a password that has a slash or a question mark.
  if ([path, ...parameters.keys()].some((part) => part.includes('@')))
    throw new RedisUrlError(encodedUsage(sentinelUsage))
  if (/[/\s]/.test(name)) throw new RedisUrlError(`${sentinelUsage}, without a number of a database`)
  const unknown = [...parameters.keys()].find((key) => key !== 'sentinel_username' && key !== 'sentinel_password')
  if (unknown !== undefined) throw new RedisUrlError(`a URL without the parameter ${unknown}, which is not supported`)
  return {
    sentinels: hosts.split(',').map(parseHost),
    name,
    user: decode(user),
    password: decode(password),
    sentinelUser: parameters.get('sentinel_username') ?? '',
    sentinelPassword: parameters.get('sentinel_password') ?? '',
    isEncrypted: scheme === 'rediss',
  }
}

/** A comma in a password is percent-encoded where there are several hosts: what follows it would be read as one. */
function splitHosts(url: string): readonly [string, ...string[]] {
  const [, before = '', hosts = '', after = ''] = /^(rediss?:\/\/(?:[^/?#]*@)?)([^@/?#]*)(.*)$/s.exec(url) ?? []
  const [first = '', ...others] = hosts.split(',')
  if (others.length === 0) return [url]
  const toUrl = (host: string): string => `${before}${host}${after}`
  return [toUrl(first), ...others.map(toUrl)]
}

/** What the client would find out only after it has connected, and then as a fault of its own. */
function assertPlain(url: string): void {
  if (!/^rediss?:\/\/./.test(url) || !URL.canParse(url)) throw new RedisUrlError(usage)
  const { pathname, username, password } = new URL(url)
  for (const each of [username, password]) decode(each, usage)
  if (!/^\/?\d*$/.test(pathname))
    throw new RedisUrlError(`${encodedUsage(usage)}; after the host there is at most the number of a database`)
}

function parseHost(text: string): RedisHost {
  const [, host = '', port = '26379'] = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d+))?$/i.exec(text) ?? []
  if (host === '' || Number(port) < 1 || Number(port) > 65_535) throw new RedisUrlError(sentinelUsage)
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}

function decode(text: string, expected = sentinelUsage): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new RedisUrlError(encodedUsage(expected))
  }
}

const encodedUsage = (expected: string): string =>
  `${expected}, in which %, @, / and other special characters of a password are percent-encoded`
