import { countProcesses, type Config } from '../../config/config.ts'
import { createSecretBox } from '../../domain/access/secret.ts'
import { isLoopback } from '../../domain/deployment/odd-settings.ts'
import { parseDatabaseUrl } from '../../model/database-url.ts'
import type { Finding } from '../../model/finding.ts'
import { SettingError } from '../../model/setting-error.ts'
import { readFirstAccount } from '../../store/account.ts'
import { clockFindings, readFacts, type DatabaseFacts } from '../../store/doctor/facts.ts'
import { refusedFinding } from '../../store/doctor/schema.ts'
import { openDb, type Db } from '../../store/engine/db.ts'
import { planMigration } from '../../store/migration.ts'
import { readMadeNames } from '../../store/migration/journal.ts'
import { assertConnectionsFit } from '../pool-share.ts'
import { explainStartError, refusalRemedy } from '../start-error.ts'

const timeouts = { pool: 5000, statement: 5000, total: 8000 }

export interface DatabaseProbe {
  readonly facts?: DatabaseFacts
  readonly findings: readonly Finding[]
}

/** Connects to Postgres as a start does, by each of its addresses. Changes nothing. */
export async function databaseProbe(config: Config): Promise<DatabaseProbe> {
  const { DATABASE_URL: url, DATABASE_DIRECT_URL: direct } = config
  if (url === undefined) return { findings: [] }
  const first = await withConnection(config, 'DATABASE_URL', direct === undefined ? inspect : reach)
  if (direct === undefined) return first
  const second = await withConnection(config, 'DATABASE_DIRECT_URL', inspect)
  return { ...second, findings: [...first.findings, ...second.findings] }
}

type Work = (db: Db, config: Config) => Promise<DatabaseProbe>

async function withConnection(
  config: Config,
  setting: 'DATABASE_URL' | 'DATABASE_DIRECT_URL',
  work: Work,
): Promise<DatabaseProbe> {
  const url = config[setting]!
  const isPooled = setting === 'DATABASE_URL' && config.DATABASE_POOLER === 'transaction'
  const db = openDb(url, {
    poolSize: 1,
    timeouts: { ...timeouts, connect: config.DATABASE_CONNECT_TIMEOUT },
    isPooled,
    prepare: false,
  })
  try {
    const { facts, findings } = await work(db, config)
    return { ...(facts && { facts }), findings: [...(await encryptionFindings(db, setting, url)), ...findings] }
  } catch (error) {
    const settings = { ...config, DATABASE_URL: url, DATABASE_DIRECT_URL: undefined }
    const sentence = explainStartError(error, settings) ?? `DATABASE_URL: ${(error as Error).message}`
    // Roles get their settings at the first start.
    const isUnset = isPooled && sentence.includes('behind the pooler the role must have')
    return {
      findings: [
        {
          code: isUnset ? 'database.unset-role' : 'database.unreachable',
          severity: isUnset ? 'notice' : 'error',
          subject: setting,
          text: `${sentence.replace('DATABASE_URL', setting).replace(/\.$/, '')}.`,
          remedy: isUnset
            ? 'Nothing: the first start, or `fonechat migrate`, gives the role its settings.'
            : (refusalRemedy(error) ??
              'Mend the address, the user or the network; a server does not start without its database.'),
        },
      ],
    }
  } finally {
    await db.close()
  }
}

/** Behind the pooler: what matters is asked past it. */
async function reach(db: Db): Promise<DatabaseProbe> {
  await db.run('SELECT 1', [])
  return { findings: [] }
}

async function inspect(db: Db, config: Config): Promise<DatabaseProbe> {
  const facts = await readFacts(db)
  const findings = [
    ...clockFindings(facts),
    ...(await rightFindings(db)),
    ...(await connectionFindings(db, config)),
    ...(await schemaFindings(db)),
    ...(await accountFindings(db, config).catch(missingTable)),
  ]
  return { facts, findings }
}

/** An empty database has no accounts. */
function missingTable(error: unknown): Finding[] {
  if (error instanceof Error && 'code' in error && error.code === '42P01') return []
  if (error instanceof Error && (error.cause as { code?: string } | undefined)?.code === '42P01') return []
  throw error
}

async function encryptionFindings(db: Db, setting: string, url: string): Promise<Finding[]> {
  const { hosts } = parseDatabaseUrl(url)
  if (hosts.every(({ host }) => host.startsWith('/') || isLoopback(host))) return []
  const [row] = await db.run<{ ssl: boolean }>('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()', [])
  if (row?.ssl !== false) return []
  return [
    {
      code: 'database.plain',
      severity: 'notice',
      subject: setting,
      text: `${setting}: the connection is not encrypted; messages can be read between this machine and Postgres.`,
      remedy: 'Switch ssl on in Postgres and use sslmode=verify-full, where the network is not yours alone.',
    },
  ]
}

const rightsStatement = `
SELECT current_user AS role, current_schema() AS schema, has_database_privilege(current_database(), 'CREATE') AS may_create_schemas,
  current_schema() IS NOT NULL AND has_schema_privilege(current_schema(), 'CREATE') AS may_create_tables,
  (SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
    AND relname = ANY ($1::text[]) AND NOT pg_has_role(relowner, 'USAGE'))::int AS others`

async function rightFindings(db: Db): Promise<Finding[]> {
  const [row] = await db.run<{
    role: string
    schema: string | null
    may_create_schemas: boolean
    may_create_tables: boolean
    others: number
  }>(rightsStatement, [`{${(await readMadeNames()).tables.join()}}`])
  const { role, schema, may_create_schemas: schemas, may_create_tables: tables, others } = row!
  const lacks = [
    ...(schemas ? [] : ['make schemas in the database']),
    ...(tables ? [] : [`make tables in the schema ${schema ?? 'of its search path, which there is none of'}`]),
    ...(others === 0 ? [] : [`change ${others} tables that belong to somebody else`]),
  ]
  if (lacks.length === 0) return []
  return [
    {
      code: 'database.rights',
      severity: 'error',
      subject: role,
      text: `The role ${role} may not ${lacks.join(', nor ')}: migrations fail.`,
      remedy: `Make it the owner: \`ALTER DATABASE … OWNER TO ${role}\`, and \`REASSIGN OWNED BY … TO ${role}\`.`,
    },
  ]
}

async function connectionFindings(db: Db, config: Config): Promise<Finding[]> {
  const processes = countProcesses(config)
  try {
    await assertConnectionsFit(db, config, processes)
    return []
  } catch (error) {
    if (!(error instanceof SettingError)) throw error
    return [
      {
        code: 'database.connections',
        severity: 'error',
        subject: processes === 1 ? 'DATABASE_POOL' : 'PROCESSES',
        text: `${error.message.split(';')[0]!.replace('PROCESSES: 1 workers', 'DATABASE_POOL: 1 process')}.`,
        remedy:
          'Set fewer PROCESSES, a smaller DATABASE_POOL, or a larger max_connections of Postgres (or CONNECTION LIMIT of the role or the database).',
      },
    ]
  }
}

async function schemaFindings(db: Db): Promise<Finding[]> {
  try {
    const steps = await planMigration(db)
    if (steps.length === 0) return []
    return [
      {
        code: 'schema.behind',
        severity: 'notice',
        text: `The database lacks ${steps.length} of this version's migrations: the next start runs them.`,
        remedy: 'Nothing; during an upgrade, run `fonechat migrate` first (docs/upgrade.md).',
      },
    ]
  } catch (error) {
    return [refusedFinding(error)]
  }
}

/** Whether the settings are those that the account in this database was made with. */
async function accountFindings(db: Db, { ACCOUNT_SID: sid, SECRET_KEY: key }: Config): Promise<Finding[]> {
  const account = await readFirstAccount(db)
  if (!account) return []
  const findings: Finding[] = []
  if (sid !== undefined && sid !== account.id) {
    findings.push({
      code: 'account.other',
      severity: 'error',
      subject: 'ACCOUNT_SID',
      text: `ACCOUNT_SID is not ${account.id}, the account that this database was made for.`,
      remedy: `Set ACCOUNT_SID=${account.id}, or leave it out.`,
    })
  }
  try {
    if (key !== undefined) createSecretBox(key).open(account.authToken)
  } catch (error) {
    findings.push({
      code: 'secret-key.other',
      severity: 'error',
      subject: 'SECRET_KEY',
      text: `${(error as Error).message}.`,
      remedy: 'Set SECRET_KEY to the key that the other processes have, or that the backup was made with.',
    })
  }
  return findings
}
