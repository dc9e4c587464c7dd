import { statfsSync } from 'node:fs'
import type { Config } from '../../config/config.ts'
import type { RedisInfo } from '../../live/redis-info.ts'
import type { Finding } from '../../model/finding.ts'
import { SettingError } from '../../model/setting-error.ts'
import { countIssuerKeys } from '../../outbound/issuer-keys.ts'

/** A hint that takes longer shows to people. */
const slowMilliseconds = 50

/** Below these the disk of the embedded engine is full soon, in bytes. */
const fewBytes = 2 ** 30
const criticalBytes = 128 * 2 ** 20

/** `read` asks the Redis of the settings; undefined without one. */
export async function redisProbe(
  read: (() => Promise<RedisInfo>) | undefined,
): Promise<{ info?: RedisInfo; findings: Finding[] }> {
  if (!read) return { findings: [] }
  try {
    const info = await read()
    const findings: Finding[] = []
    if (Number.parseInt(info.version, 10) < 7) {
      findings.push({
        code: 'redis.old',
        severity: 'error',
        subject: 'REDIS_URL',
        text: `Redis ${info.version} answers, and 7 or newer is needed.`,
        remedy: 'Upgrade Redis.',
      })
    }
    if (info.milliseconds > slowMilliseconds) {
      findings.push({
        code: 'redis.slow',
        severity: 'warning',
        subject: 'REDIS_URL',
        text: `Redis takes ${info.milliseconds} ms for an answer at best: messages arrive that much later at other processes.`,
        remedy: 'Run it near the server, and look for slow commands (`redis-cli slowlog get`).',
      })
    }
    return { info, findings }
  } catch (error) {
    const text = error instanceof SettingError ? error.message : String(error)
    return {
      findings: [
        {
          code: 'redis.unreachable',
          severity: 'error',
          subject: 'REDIS_URL',
          text: `${text}.`,
          remedy: 'A server that runs goes on without it (docs/failover.md); one that starts does not.',
        },
      ],
    }
  }
}

export async function issuerFindings({ JWKS_URL: url }: Config): Promise<Finding[]> {
  if (url === undefined) return []
  const finding = (code: string, text: string): Finding[] => [
    {
      code,
      severity: 'error',
      subject: 'JWKS_URL',
      text,
      remedy: 'Without its keys no token of your issuer is accepted.',
    },
  ]
  try {
    const count = await countIssuerKeys(new URL(url))
    return count > 0 ? [] : finding('jwks.empty', 'JWKS_URL answers with no keys.')
  } catch (error) {
    return finding('jwks.unreachable', `JWKS_URL: the keys cannot be read (${reasonOf(error)}).`)
  }
}

/** What fetch fails for stands in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : reasonOf(error.cause)
}

/** The room on the disk of a folder. */
export function diskFindings(folder: string): Finding[] {
  const { bavail, bsize } = statfsSync(folder)
  const bytes = bavail * bsize
  if (bytes >= fewBytes) return []
  return [
    {
      code: 'disk.few',
      severity: bytes < criticalBytes ? 'error' : 'warning',
      subject: 'DATA_DIR',
      text: `The disk of ${folder} has ${Math.round(bytes / 1e6)} MB left: when it is full, nothing can be sent.`,
      remedy: 'Make room, or move the folder to a larger disk while the server is stopped.',
    },
  ]
}
