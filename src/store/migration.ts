import packageJson from '../../package.json' with { type: 'json' }
import type { Db } from './engine/db.ts'
import { readCommands, type Command } from './migration/command.ts'
import { MigrationError, UnfinishedMoveError } from './migration/error.ts'
import { readJournal, readMigrations, type JournalEntry, type Migration } from './migration/journal.ts'
import { Session, type SessionOptions } from './migration/session.ts'
import { ownTables, readState, recordMigration, type SchemaState } from './migration/state.ts'
import { applyAtOnce, applyOnline } from './migration/step.ts'
import { Watch } from './migration/watch.ts'
import { installWebhookJobs, jobQueue, jobsVersion, toDatabase } from './webhooks/webhook-job.ts'

export interface MigrationOptions extends Pick<SessionOptions, 'patience'> {
  /** The migrations; by default those of this version. */
  readonly folder?: string | undefined
  /** Opens a pool of one that migrates and another that watches it; by default the database that is given does it, unwatched. */
  readonly open?: (() => { readonly session: Db; readonly watch: Db }) | undefined
  /** Whether it is the move into the database that migrates it, which nobody else may use. */
  readonly isForMove?: boolean | undefined
  /** Run under the lock when everything is migrated. */
  readonly finish?: ((db: Db) => Promise<void>) | undefined
  /** Called when a step begins, says how far it is, and has ended after so many milliseconds. */
  readonly onStep?: ((step: string, milliseconds?: number) => void) | undefined
  readonly onProgress?: ((step: string, sentence: string) => void) | undefined
}

/** What is to be done to a database. */
export interface PlannedStep {
  readonly name: string
  /** Whether it runs while everybody works. */
  readonly isOnline: boolean
  /** The commands that take a lock on what is there already. */
  readonly locks: readonly Command[]
}

const application = packageJson.version
const versionsStep = 'versions'
const jobsStep = 'pg-boss'

/**
 * Brings the schema up to date. Several processes may start at once: one migrates, the others wait for it. A database that is up to date is
 * read in one statement. Throws a `MigrationError` when this version is too old for the database. Takes a database without a pooler between.
 */
export async function migrateDb(db: Db, options: MigrationOptions = {}): Promise<void> {
  const journal = await readJournal(options.folder)
  const { isForMove } = options
  if (isUpToDate(await readUsableState(db, journal, isForMove), journal) && !options.finish) return
  const migrations = await readMigrations(options.folder)
  const opened = options.open?.()
  let step = ''
  const onProgress = (sentence: string): void => options.onProgress?.(step, sentence)
  const session = new Session(opened?.session ?? db, {
    watch: opened && new Watch(opened.watch, onProgress),
    patience: options.patience,
  })
  const within = async (name: string, work: () => Promise<void>): Promise<void> => {
    step = name
    options.onStep?.(name)
    const begunAt = performance.now()
    await work()
    options.onStep?.(name, performance.now() - begunAt)
  }
  try {
    await session.lock()
    // Another process may have been faster.
    const found = await readUsableState(session.db, migrations, isForMove)
    if (!found.hasVersions) await within(versionsStep, () => makeOwnTables(session, found, migrations))
    for (const migration of pendingOf(found, migrations)) {
      const apply = migration.isOnline && found.applied.size > 0 ? applyOnline : applyAtOnce
      await within(migration.name, () => apply(session, migration, { application, onProgress }))
    }
    if (needsJobs(found)) await within(jobsStep, () => installWebhookJobs(toDatabase(session.db)))
    await options.finish?.(session.db)
  } finally {
    await session.unlock()
    await Promise.all([opened?.session.close(), opened?.watch.close()])
  }
}

/** What `migrateDb` would do. Changes nothing. */
export async function planMigration(db: Db, folder?: string): Promise<PlannedStep[]> {
  const migrations = await readMigrations(folder)
  return toPlan(await readUsableState(db, migrations), migrations)
}

/** The version of the schema that this version of fonechat makes. */
export async function readOwnSchema(): Promise<number> {
  return (await readJournal()).at(-1)!.version
}

/** Throws a `MigrationError` that names both versions when this one is too old for the database. */
export async function assertUsable(db: Db): Promise<void> {
  await readUsableState(db, await readJournal())
}

async function readUsableState(db: Db, journal: readonly JournalEntry[], isForMove = false): Promise<SchemaState> {
  const state = await readState(db, jobQueue)
  if (state.isMoving && !isForMove) {
    throw new UnfinishedMoveError(
      'a `fonechat move` into this database has begun and not ended: wait for it. If it was interrupted, run it again, or make the database anew',
    )
  }
  const own = journal.at(-1)?.version ?? 0
  if (state.lowest <= own) return state
  throw new MigrationError(
    `fonechat ${application} (schema ${own}) is too old for this database: fonechat ${state.raisedBy} has raised it, ` +
      `and schema ${state.lowest} or newer is needed since. Start fonechat ${state.raisedBy} or newer`,
  )
}

function pendingOf<Entry extends JournalEntry>({ applied }: SchemaState, journal: readonly Entry[]): Entry[] {
  return journal.filter(({ when }) => !applied.has(when))
}

function isUpToDate(state: SchemaState, journal: readonly JournalEntry[]): boolean {
  return state.hasVersions && pendingOf(state, journal).length === 0 && !needsJobs(state)
}

/** A newer pg-boss's schema is left as it is. */
const needsJobs = ({ jobs = 0 }: SchemaState): boolean => jobs < jobsVersion

function toPlan(state: SchemaState, migrations: readonly Migration[]): PlannedStep[] {
  const steps = pendingOf(state, migrations).map(({ name, isOnline, statements }) => {
    const commands = statements.flatMap(readCommands)
    const made = new Set(commands.filter(({ kind }) => kind === 'create table').map(({ object }) => object))
    return { name, isOnline, locks: commands.filter(({ lock, object }) => lock !== undefined && !made.has(object)) }
  })
  const other = (name: string): PlannedStep => ({ name, isOnline: false, locks: [] })
  return [...(state.hasVersions ? [] : [other(versionsStep)]), ...steps, ...(needsJobs(state) ? [other(jobsStep)] : [])]
}

async function makeOwnTables(session: Session, { applied }: SchemaState, migrations: readonly Migration[]) {
  await session.transaction(versionsStep, async (run, tx) => {
    for (const statement of ownTables) await run(statement)
    for (const migration of migrations) {
      if (applied.has(migration.when)) await recordMigration(tx, migration, application, true)
    }
  })
}
