import packageJson from '../../package.json' with { type: 'json' }
import type { RedisInfo } from '../live/redis-info.ts'
import { bySeverity, needsAction, severities, type Finding } from '../model/finding.ts'
import type { DatabaseFacts } from '../store/doctor/facts.ts'
import type { Outcome } from './command.ts'

/** What was looked at, as far as it answered. */
export interface Facts {
  readonly database?: DatabaseFacts | undefined
  readonly redis?: RedisInfo | undefined
}

/** What `check` and `doctor` print: what is there, what was found, and what to do about it. */
export function reportOf({ database, redis }: Facts, found: readonly Finding[]): Outcome {
  const findings = bySeverity(found)
  const { version } = packageJson
  const node = process.versions.node
  return {
    text: [
      `fonechat ${version} on Node ${node}`,
      ...(database ? [databaseLine(database)] : []),
      ...(redis ? [`Redis ${redis.version} (${redis.mode}), answers in ${redis.milliseconds} ms`] : []),
      ...findings.flatMap(findingLines),
      '',
      summaryOf(findings),
    ].join('\n'),
    data: { version, node, database: database ?? null, redis: redis ?? null, findings },
    needsAction: needsAction(findings),
  }
}

function databaseLine({ postgres, bytes, schema, clockAheadMilliseconds: ahead }: DatabaseFacts): string {
  const clock = `clock ${ahead < 0 ? '' : '+'}${ahead} ms`
  return `${postgres}, ${(bytes / 1e6).toFixed(0)} MB, ${schema === null ? 'no schema yet' : `schema ${schema}`}, ${clock}`
}

function findingLines({ code, severity, text, remedy }: Finding): string[] {
  return ['', `${severity}  ${code}`, `  ${text}`, `  → ${remedy}`]
}

function summaryOf(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'Nothing was found to be wrong.'
  const counts = severities.flatMap((severity) => {
    const count = findings.filter((each) => each.severity === severity).length
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? '' : 's'}`]
  })
  return `Found: ${counts.join(', ')}.`
}
