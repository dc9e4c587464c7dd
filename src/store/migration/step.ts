import { setTimeout as delay } from 'node:timers/promises'
import { isRepeatable } from '../engine/fault.ts'
import { inBlocks, isGentle, readCommands, type Command } from './command.ts'
import type { Migration } from './journal.ts'
import type { Session } from './session.ts'
import { isApplied, recordMigration } from './state.ts'

/** How many blocks of a table one statement of a backfill writes: its rows stay locked for as long as it takes. */
const blocksAtOnce = 128

/** How often a statement is run in all that others have ended. */
const maxTries = 3

export interface StepOptions {
  /** The version of fonechat that migrates. */
  readonly application: string
  /** Called with how far a long step is. */
  readonly onProgress: (sentence: string) => void
}

/**
 * Applies a migration in one transaction, with the row that says so. In an empty database also one that is online: there is nobody to hold up, and
 * no index that would have to be built CONCURRENTLY, which a transaction cannot.
 */
export async function applyAtOnce(session: Session, migration: Migration, { application }: StepOptions): Promise<void> {
  await session.transaction(migration.name, async (run, tx) => {
    if (await isApplied(tx, migration)) return
    for (const statement of migration.statements) {
      await run(migration.isOnline ? statement.replaceAll(' CONCURRENTLY ', ' ') : statement)
    }
    await recordMigration(tx, migration, application)
  })
}

/**
 * Applies a migration statement by statement, while everybody works. It can die anywhere: the next process begins with the first statement
 * again, and each of them can be repeated.
 */
export async function applyOnline(session: Session, migration: Migration, options: StepOptions): Promise<void> {
  for (const statement of migration.statements) {
    const commands = readCommands(statement)
    const [command] = commands
    if (!command) continue
    // Several commands in one text are one transaction.
    if (commands.length > 1) await session.statement(migration.name, statement, false)
    else await runOnline(session, migration, command, options)
  }
  await session.transaction(migration.name, async (_run, tx) => {
    if (!(await isApplied(tx, migration))) await recordMigration(tx, migration, options.application)
  })
}

async function runOnline(session: Session, { name }: Migration, command: Command, options: StepOptions): Promise<void> {
  if (command.kind === 'update') return runInBlocks(session, name, command, options)
  for (let tried = 1; ; tried++) {
    if (command.kind === 'create index concurrently' && (await prepareIndex(session, name, command.index!))) return
    try {
      return await session.statement(name, command.text, isGentle(command))
    } catch (error) {
      // It was in a deadlock: what waits for long holds locks meanwhile.
      if (tried === maxTries || !isRepeatable(error)) throw error
    }
  }
}

/** Whether the index is there. One that was not finished is dropped: it would cost writes and serve nobody. */
async function prepareIndex(session: Session, step: string, index: string): Promise<boolean> {
  const [found] = await session.db.run<{ valid: boolean }>(
    'SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass($1)',
    [`"${index}"`],
  )
  if (found?.valid === false) await session.statement(step, `DROP INDEX CONCURRENTLY "${index}"`, true)
  return found?.valid === true
}

/** Runs an UPDATE or DELETE over a table block by block, so that no row is locked for long. */
async function runInBlocks(session: Session, step: string, command: Command, { onProgress }: StepOptions) {
  const [table] = await session.db.run<{ blocks: number }>(
    `SELECT (pg_relation_size(to_regclass($1)) / current_setting('block_size')::int)::int AS blocks`,
    [`"${command.object}"`],
  )
  const { blocks } = table!
  let reportAt = performance.now() + 5000
  for (let from = 0; from < blocks; from += blocksAtOnce) {
    const begunAt = performance.now()
    await session.statement(step, inBlocks(command, from, from + blocksAtOnce), false)
    const now = performance.now()
    if (now > reportAt) {
      reportAt = now + 5000
      onProgress(`${command.object}: ${Math.round((100 * from) / blocks)} %`)
    }
    // A share of the database's time that sends do not notice.
    await delay(Math.min(now - begunAt, 100) / 2)
  }
}
