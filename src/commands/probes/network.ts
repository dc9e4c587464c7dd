import { lookup } from 'node:dns/promises'
import type { Config } from '../../config/config.ts'
import { assertCanListen } from '../../http/listen.ts'
import type { Finding } from '../../model/finding.ts'
import { explainStartError } from '../start-error.ts'

const answerMilliseconds = 3000

/** A server on this machine, as its own address answers. */
export interface RunningServer {
  readonly isReady: boolean
  readonly reason: string | undefined
}

/** The server that listens where the settings say; undefined where none does. */
export async function readRunningServer({ PORT, HOST }: Config): Promise<RunningServer | undefined> {
  const everywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
  const host = everywhere[HOST] ?? HOST
  const origin = `http://${host.includes(':') ? `[${host}]` : host}:${PORT}`
  const ask = async (path: string): Promise<{ status?: unknown; reason?: unknown }> => {
    const answer = await fetch(origin + path, { redirect: 'manual', signal: AbortSignal.timeout(answerMilliseconds) })
    return (await answer.json()) as { status?: unknown; reason?: unknown }
  }
  try {
    if ((await ask('/healthz')).status !== 'ok') return undefined
    const { status, reason } = await ask('/readyz')
    return { isReady: status === 'ok', reason: typeof reason === 'string' ? reason : undefined }
  } catch {
    return undefined
  }
}

/** Whether a server could listen. */
export async function portFindings(config: Config, running: RunningServer | undefined): Promise<Finding[]> {
  if (running) {
    return [
      {
        code: 'server.running',
        severity: 'notice',
        subject: 'PORT',
        text: `A fonechat server answers on port ${config.PORT} already.`,
        remedy: 'Nothing, where it is the one that these settings are for.',
      },
    ]
  }
  try {
    await assertCanListen(config.PORT, config.HOST)
    return []
  } catch (error) {
    return [
      {
        code: 'port.taken',
        severity: 'error',
        subject: 'PORT',
        text: `${explainStartError(error, config) ?? String(error)}.`,
        remedy: 'Set PORT and HOST to an address of this machine that is free.',
      },
    ]
  }
}

export function serverFindings(running: RunningServer | undefined): Finding[] {
  if (!running || running.isReady) return []
  return [
    {
      code: 'server.unready',
      severity: 'error',
      text: `The server on this machine takes no new connections: ${running.reason ?? 'it does not say why'}.`,
      remedy: 'docs/monitoring.md says what each reason means.',
    },
  ]
}

export async function publicUrlFindings({ PUBLIC_URL: text }: Config): Promise<Finding[]> {
  const host = URL.parse(text ?? '')?.hostname
  if (!host) return []
  try {
    const tooLate = AbortSignal.timeout(answerMilliseconds)
    await Promise.race([
      lookup(host.replace(/^\[|\]$/g, '')),
      new Promise((_, reject) => tooLate.addEventListener('abort', () => reject(new Error('no answer in time')))),
    ])
    return []
  } catch (error) {
    return [
      {
        code: 'public-url.unknown',
        severity: 'warning',
        subject: 'PUBLIC_URL',
        text: `PUBLIC_URL: no host is known by the name of ${host} (${(error as NodeJS.ErrnoException).code ?? (error as Error).message}).`,
        remedy: 'Enter it in your DNS, or mend PUBLIC_URL: links of /v1 begin with it.',
      },
    ]
  }
}
