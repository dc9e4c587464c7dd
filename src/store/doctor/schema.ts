import type { Finding } from '../../model/finding.ts'
import { planMigration } from '../migration.ts'
import { MigrationError, UnfinishedMoveError } from '../migration/error.ts'
import { readMadeNames } from '../migration/journal.ts'
import { countText, type Probe } from './probe.ts'

const migration: Probe = {
  name: 'the schema',
  run: async (db) => {
    try {
      const steps = await planMigration(db)
      if (steps.length === 0) return []
      return [
        {
          code: 'schema.behind',
          severity: 'warning',
          text: `The database is behind this version: ${countText(steps.length, 'step')} to run, the first is ${steps[0]!.name}.`,
          remedy: 'Run `fonechat migrate`; a start does it, too. `fonechat migrate --dry-run` says what would be done.',
        },
      ]
    } catch (error) {
      return [refusedFinding(error)]
    }
  },
}

/** Why this version must not work with the database. Throws what is no such reason. */
export function refusedFinding(error: unknown): Finding {
  if (!(error instanceof MigrationError)) throw error
  if (error instanceof UnfinishedMoveError) {
    return {
      code: 'database.moving',
      severity: 'error',
      text: 'A `fonechat move` into this database has begun and not ended: no server starts on it.',
      remedy: 'Wait for it. If it was interrupted, run it again, or make the database anew (docs/move.md).',
    }
  }
  return {
    code: 'schema.newer',
    severity: 'error',
    text: `${error.message.split('. ')[0]}.`,
    remedy: 'Start the version that the sentence names, or a newer one.',
  }
}

const invalidStatement = `
SELECT i.indexrelid::regclass::text AS name, i.indrelid::regclass::text AS table,
  EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid OR p.relid = i.indrelid) AS is_building
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT (i.indisvalid AND i.indisready) AND n.nspname NOT IN ('pg_catalog', 'pg_toast')
ORDER BY 1 LIMIT 50`

const invalidIndexes: Probe = {
  name: 'invalid indexes',
  run: async (db) => {
    const rows = await db.run<{ name: string; table: string; is_building: boolean }>(invalidStatement, [])
    return rows.map(({ name, table, is_building: isBuilding }) =>
      isBuilding
        ? {
            code: 'index.building',
            severity: 'notice',
            subject: name,
            text: `The index ${name} of ${table} is being built.`,
            remedy: 'Wait: it serves no reads until it is done.',
          }
        : {
            code: 'index.invalid',
            severity: 'error',
            subject: name,
            text: `The index ${name} of ${table} is invalid: it serves no reads, and a unique one keeps nothing unique. Its making was interrupted.`,
            remedy: `Run \`fonechat migrate\` where a migration is open; otherwise \`REINDEX INDEX CONCURRENTLY ${name}\`, or drop it when its name ends with _ccnew or _ccold.`,
          },
    )
  },
}

const missingStatement = `
SELECT name FROM unnest($1::text[]) AS wanted (name) WHERE to_regclass(quote_ident(name)) IS NULL ORDER BY 1 LIMIT 50`

const missing: Probe = {
  name: 'tables and indexes that should be there',
  run: async (db) => {
    // One that is behind lacks what the migrations would make.
    if ((await planMigration(db).catch(() => [undefined])).length > 0) return []
    const { tables, indexes } = await readMadeNames()
    const absent = async (names: readonly string[]) =>
      db.run<{ name: string }>(missingStatement, [`{${names.map((name) => `"${name}"`).join()}}`])
    const lostTables = (await absent(tables)).map(({ name }) => name)
    const lostIndexes = (await absent(indexes)).map(({ name }) => name)
    return [
      ...lostTables.map((name): Finding => lost('table.missing', `The table ${name} is missing.`, name)),
      ...lostIndexes.map((name): Finding =>
        lost('index.missing', `The index ${name} is missing: reads that need it go through whole tables.`, name),
      ),
    ]
  },
}

function lost(code: string, text: string, name: string): Finding {
  return {
    code,
    severity: 'error',
    subject: name,
    text,
    remedy: `Somebody has dropped it, or it was not restored: its definition is in the migrations (\`grep -rn ${name} drizzle/\`).`,
  }
}

const constraintsStatement = `
SELECT conname AS name, conrelid::regclass::text AS table FROM pg_constraint
WHERE NOT convalidated AND connamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
ORDER BY 1 LIMIT 50`

const constraints: Probe = {
  name: 'constraints',
  run: async (db) => {
    const rows = await db.run<{ name: string; table: string }>(constraintsStatement, [])
    return rows.map(({ name, table }) => ({
      code: 'constraint.unchecked',
      severity: 'warning',
      subject: name,
      text: `The constraint ${name} of ${table} was never checked against the rows that were there before it.`,
      remedy: `Run \`ALTER TABLE ${table} VALIDATE CONSTRAINT ${name}\`: it locks nobody out.`,
    }))
  },
}

const triggersStatement = `
SELECT c.relname AS table, count(*)::int AS count FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgenabled = 'D' AND c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
GROUP BY 1 ORDER BY 1 LIMIT 50`

const triggers: Probe = {
  name: 'triggers',
  run: async (db) => {
    const rows = await db.run<{ table: string; count: number }>(triggersStatement, [])
    return rows.map(({ table, count }) => ({
      code: 'trigger.disabled',
      severity: 'error',
      subject: table,
      text: `${countText(count, 'trigger')} of the table ${table} ${count === 1 ? 'is' : 'are'} switched off, among them perhaps those of its foreign keys. A restore may have left them so.`,
      remedy: `Run \`ALTER TABLE ${table} ENABLE TRIGGER ALL\`, then look for orphans with this command.`,
    }))
  },
}

export const schemaProbes: readonly Probe[] = [migration, invalidIndexes, missing, constraints, triggers]
