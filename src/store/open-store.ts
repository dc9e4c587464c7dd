import { parseDatabaseUrl } from '../model/database-url.ts'
import { maintenanceTimeouts, openDb, toSessionSettings, type Db, type DatabaseTimeouts } from './engine/db.ts'
import { openEmbedded, type Embedded, type EmbeddedOptions } from './engine/embedded.ts'
import { readHistories } from './history.ts'
import { migrateDb, planMigration, type MigrationOptions, type PlannedStep } from './migration.ts'

/** The database of this server, migrated. */
export interface Store {
  readonly db: Db
  /** A connection of its own without a statement timeout, for background cleanup. */
  readonly maintenance: Db
  /** A connection outside the pool: whether the database answers must not depend on its load. */
  readonly heartbeat: Db
  /** Lends a connection outside the pool for as long as the work takes, to look at the database while callers use it. */
  withInspection<Result>(work: (db: Db) => Promise<Result>): Promise<Result>
  /** Whether the embedded engine runs in this process. */
  readonly isEmbedded: boolean
  /** Must be called when the first start has made everything. */
  finishFirstStart(): Promise<void>
  /** Answers commands of the operator from now on, where only this process can. */
  readonly answerCalls?: Embedded['answerCalls']
  close(): Promise<void>
}

export interface StoreSettings {
  readonly DATABASE_URL?: string | undefined
  readonly DATABASE_DIRECT_URL?: string | undefined
  readonly DATABASE_POOL: number
  readonly DATABASE_POOLER: 'none' | 'transaction'
  readonly DATABASE_PREPARE: boolean
  readonly DATABASE_CONNECT_TIMEOUT: number
  readonly DATABASE_POOL_TIMEOUT: number
  readonly DATABASE_LOCK_TIMEOUT: number
  readonly DATABASE_STATEMENT_TIMEOUT: number
  readonly DATABASE_IDLE_TIMEOUT: number
  readonly DATABASE_TOTAL_TIMEOUT: number
  readonly DATA_DIR: string
}

/** What is called while the database is migrated. */
export type StoreReports = Pick<EmbeddedOptions, 'onFirstStart'> & Pick<MigrationOptions, 'onStep' | 'onProgress'>

/** A statement of a migration, such as an index on a large table, may take as long as it needs: a lost connection is noticed. */
export const migrationTimeouts: DatabaseTimeouts = { ...maintenanceTimeouts, total: 86_400_000 }

/** How long a statement may take that only looks, in milliseconds. */
export const inspectionTimeouts = { statement: 5000, total: 15_000 }

export async function openStore(settings: StoreSettings, reports: StoreReports = {}): Promise<Store> {
  const { DATABASE_URL: url } = settings
  if (url === undefined) {
    const embedded = await openEmbedded(settings.DATA_DIR, reports)
    try {
      await migrateDb(embedded.db, reports)
      if (embedded.isBackup) {
        await readHistories(embedded.db, { isWanted: true })
        embedded.forgetBackup()
      }
    } catch (error) {
      await embedded.close()
      throw error
    }
    // It has one connection, which the statements of callers share with those of the work.
    const withInspection: Store['withInspection'] = (work) => work(embedded.db)
    return { ...embedded, maintenance: embedded.db, heartbeat: embedded.db, withInspection, isEmbedded: true }
  }
  const timeouts = toTimeouts(settings)
  const isPooled = settings.DATABASE_POOLER === 'transaction' || parseDatabaseUrl(url).isPooled
  const maintenance = openMaintenance(settings.DATABASE_DIRECT_URL ?? url)
  const finish = isPooled ? (db: Db) => setForRole(db, url, timeouts) : undefined
  try {
    await migrateDb(maintenance, { ...reports, ...onServer(settings.DATABASE_DIRECT_URL ?? url), finish })
  } catch (error) {
    await maintenance.close()
    throw error
  }
  const open = (poolSize: number): Db =>
    openDb(url, { poolSize, timeouts, isPooled, prepare: settings.DATABASE_PREPARE })
  const [db, heartbeat] = [open(settings.DATABASE_POOL), open(1)]
  const close = async (): Promise<void> => {
    await Promise.all([db.close(), heartbeat.close(), maintenance.close()])
  }
  const withInspection = inspectionOf(settings.DATABASE_DIRECT_URL ?? url, settings.DATABASE_PREPARE)
  return { db, maintenance, heartbeat, withInspection, isEmbedded: false, finishFirstStart: async () => {}, close }
}

/** Opens a connection for each work, which looks at the database for seconds and comes once a minute at most. */
export const inspectionOf =
  (url: string, prepare: boolean): Store['withInspection'] =>
  async (work) => {
    const db = openDb(url, { poolSize: 1, timeouts: inspectionTimeouts, prepare })
    try {
      return await work(db)
    } finally {
      await db.close()
    }
  }

const openMaintenance = (url: string): Db =>
  openDb(url, { poolSize: 1, timeouts: maintenanceTimeouts, isPatient: true })

/** On Postgres one connection migrates, and another one looks who is in its way. */
export const onServer = (url: string): Pick<MigrationOptions, 'open'> => ({
  open: () => ({
    session: openDb(url, { poolSize: 1, timeouts: migrationTimeouts }),
    watch: openDb(url, { poolSize: 1 }),
  }),
})

/** A database as it is, for commands that ask. Nothing is migrated. */
export async function openUnmigrated(
  settings: StoreSettings,
  timeouts: Partial<DatabaseTimeouts>,
  reports: Pick<StoreReports, 'onFirstStart'> = {},
): Promise<Pick<Store, 'db' | 'close'>> {
  const url = settings.DATABASE_DIRECT_URL ?? settings.DATABASE_URL
  if (url === undefined) return openEmbedded(settings.DATA_DIR, reports)
  const db = openDb(url, { poolSize: 2, timeouts, prepare: settings.DATABASE_PREPARE })
  return { db, close: () => db.close() }
}

/** Migrates the database of a server without starting one, or says what would be done. */
export async function migrateStore(settings: StoreSettings, reports: StoreReports & { readonly isDry: boolean }) {
  const url = settings.DATABASE_DIRECT_URL ?? settings.DATABASE_URL
  const { db, close, options }: Migratable = url === undefined ? await openFolder(settings, reports) : openServer(url)
  try {
    const plan: PlannedStep[] = await planMigration(db)
    if (!reports.isDry) await migrateDb(db, { ...reports, ...options })
    return plan
  } finally {
    await close()
  }
}

interface Migratable {
  readonly db: Db
  readonly close: () => Promise<void>
  readonly options: MigrationOptions
}

async function openFolder({ DATA_DIR }: StoreSettings, reports: StoreReports): Promise<Migratable> {
  return { ...(await openEmbedded(DATA_DIR, reports)), options: {} }
}

function openServer(url: string): Migratable {
  const db = openMaintenance(url)
  return { db, close: () => db.close(), options: onServer(url) }
}

function toTimeouts(settings: StoreSettings): DatabaseTimeouts {
  return {
    connect: settings.DATABASE_CONNECT_TIMEOUT,
    pool: settings.DATABASE_POOL_TIMEOUT,
    lock: settings.DATABASE_LOCK_TIMEOUT,
    statement: settings.DATABASE_STATEMENT_TIMEOUT,
    idleTransaction: settings.DATABASE_IDLE_TIMEOUT,
    total: settings.DATABASE_TOTAL_TIMEOUT,
  }
}

/** Gives the role its settings: a pooler of transactions shares sessions, so they cannot be set up themselves. */
export async function setForRole(db: Db, url: string, timeouts: DatabaseTimeouts): Promise<void> {
  const { user, database, searchPath } = parseDatabaseUrl(url)
  const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`
  for (const [name, value] of Object.entries(toSessionSettings(timeouts, searchPath))) {
    const text = name === 'search_path' ? value : `'${value}'`
    await db.runScript(`ALTER ROLE ${quote(user)} IN DATABASE ${quote(database)} SET ${name} = ${text}`)
  }
}
