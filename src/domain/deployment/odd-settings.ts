import { availableParallelism } from 'node:os'
import { countProcesses, settings, type Config, type Setting } from '../../config/config.ts'
import type { Finding } from '../../model/finding.ts'
import { parseNetworks } from '../../model/network.ts'
import { distanceOf } from '../../model/suggest.ts'

/** Settings with which the server starts, and that are probably not meant. */
export function oddSettings(config: Config, environment: Readonly<Record<string, string | undefined>>): Finding[] {
  return [
    ...Object.keys(environment).flatMap(unknownFindings),
    ...webhookFindings(config),
    ...processFindings(config),
    ...logFindings(config),
    ...publicUrlFindings(config),
    ...proxyFindings(config),
  ]
}

const known: readonly string[] = Object.entries<Setting>(settings).flatMap(([name, { isSecret }]) =>
  isSecret ? [name, `${name}_FILE`] : [name],
)

/** A variable that differs from a setting by two letters at most. Many others are of other programs. */
function unknownFindings(name: string): Finding[] {
  if (known.includes(name) || name.length < 6) return []
  const base = name.endsWith('_FILE') ? name.slice(0, -5) : undefined
  if (base !== undefined && base in settings) {
    return [
      {
        code: 'setting.unknown',
        severity: 'warning',
        subject: name,
        text: `${name} is read by nothing: only secrets come in files.`,
        remedy: `Set ${base} itself.`,
      },
    ]
  }
  const meant = known.find((each) => Math.abs(each.length - name.length) <= 2 && distanceOf(each, name) <= 2)
  if (meant === undefined) return []
  return [
    {
      code: 'setting.unknown',
      severity: 'warning',
      subject: name,
      text: `${name} is read by nothing; ${meant} is a setting.`,
      remedy: `Rename it to ${meant}, or remove it.`,
    },
  ]
}

function webhookFindings({ WEBHOOK_NETWORKS: text }: Config): Finding[] {
  if (text === undefined || !parseNetworks(text)?.some(({ prefix }) => prefix < 8)) return []
  return [
    {
      code: 'webhooks.networks',
      severity: 'warning',
      subject: 'WEBHOOK_NETWORKS',
      text: 'WEBHOOK_NETWORKS allows almost any address: whoever may set a webhook can reach what only this machine may, such as the metadata of its cloud.',
      remedy: 'Name the networks of your receivers alone.',
    },
  ]
}

function processFindings(config: Config): Finding[] {
  const [processes, processors] = [countProcesses(config), availableParallelism()]
  // It is undefined where the setting is wrong, which is a finding of its own.
  if (!(processes > processors)) return []
  return [
    {
      code: 'processes.many',
      severity: 'notice',
      subject: 'PROCESSES',
      text: `PROCESSES is ${processes}, and this server may use ${processors} processor${processors === 1 ? '' : 's'}: more processes than that are no faster.`,
      remedy: 'Use PROCESSES=auto.',
    },
  ]
}

function logFindings({ LOG_LEVEL: level }: Config): Finding[] {
  if (!['trace', 'debug', 'fatal', 'silent'].includes(level)) return []
  const means = level === 'trace' || level === 'debug' ? 'logs a great deal' : 'does not log faults'
  return [
    {
      code: 'log.level',
      severity: 'notice',
      subject: 'LOG_LEVEL',
      text: `LOG_LEVEL is ${level}: the server ${means}.`,
      remedy: 'Use info where it serves people.',
    },
  ]
}

function publicUrlFindings({ PUBLIC_URL: text }: Config): Finding[] {
  const url = URL.parse(text ?? '')
  if (!url || url.protocol === 'https:' || isLoopback(url.hostname)) return []
  return [
    {
      code: 'public-url.plain',
      severity: 'warning',
      subject: 'PUBLIC_URL',
      text: 'PUBLIC_URL is not encrypted: tokens and messages can be read on the way, and browsers keep Web Locks from the page.',
      remedy:
        'Put a proxy with a certificate before the server (docs/proxies.md), and set PUBLIC_URL to its https address.',
    },
  ]
}

/** The server speaks plain HTTP: at an address with https is a proxy. */
function proxyFindings({ PUBLIC_URL: text, TRUST_PROXY: trusted }: Config): Finding[] {
  if (trusted !== 0 || URL.parse(text ?? '')?.protocol !== 'https:') return []
  return [
    {
      code: 'proxy.untrusted',
      severity: 'warning',
      subject: 'TRUST_PROXY',
      text: 'PUBLIC_URL begins with https, so there is a proxy before the server, and TRUST_PROXY is 0: all callers have the address of the proxy, and one who guesses passwords shuts out the backend.',
      remedy: 'Set TRUST_PROXY as docs/proxies.md says.',
    },
  ]
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host.startsWith('127.') || /^\[?::1\]?$/.test(host)
}
