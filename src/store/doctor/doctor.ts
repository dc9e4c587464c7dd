import { bySeverity, type Finding } from '../../model/finding.ts'
import type { Db } from '../engine/db.ts'
import { activityProbes } from './activity.ts'
import { clockFindings, readFacts, type DatabaseFacts } from './facts.ts'
import { integrityProbes } from './integrity.ts'
import type { ProbeContext } from './probe.ts'
import { processProbes } from './processes.ts'
import { queueProbes } from './queues.ts'
import { schemaProbes } from './schema.ts'
import { upkeepProbes } from './upkeep.ts'

export interface DatabaseReport {
  readonly facts: DatabaseFacts
  readonly findings: readonly Finding[]
}

/** How long all of it may take, in milliseconds. */
const totalMilliseconds = 40_000

export const databaseProbes = [
  ...schemaProbes,
  ...upkeepProbes,
  ...activityProbes,
  ...queueProbes,
  ...processProbes,
  ...integrityProbes,
]

/**
 * Looks at a database, also while servers work on it. Changes nothing. A statement that fails, or that takes too long, is a finding and keeps
 * nothing else from being looked at.
 */
export async function inspectDatabase(db: Db, context: ProbeContext): Promise<DatabaseReport> {
  const facts = await readFacts(db)
  const findings = clockFindings(facts)
  const end = performance.now() + totalMilliseconds
  // Without a schema there is nothing else to look at.
  const probes = facts.schema === null ? schemaProbes : databaseProbes
  for (const { name, isOfServer, run } of probes) {
    if (context.isEmbedded && isOfServer) continue
    if (performance.now() > end) {
      findings.push(unread(name, 'the time for all of it was over'))
      continue
    }
    try {
      findings.push(...(await run(db, context)))
    } catch (error) {
      findings.push(unread(name, error instanceof Error ? error.message : String(error)))
    }
  }
  return { facts, findings: bySeverity(findings) }
}

function unread(name: string, reason: string): Finding {
  return {
    code: 'doctor.unread',
    severity: 'warning',
    subject: name,
    text: `Could not look at ${name}: ${reason}.`,
    remedy: 'Try again when the database has less to do; give the role the rights of pg_monitor where it may not look.',
  }
}
