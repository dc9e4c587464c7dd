import { openDb, type Db } from './db.ts'
import { openEmbedded } from './embedded.ts'
import { migrateDb } from './migration.ts'

/** The database of this server, migrated. */
export interface Store {
  readonly db: Db
  /** Whether it lives in this process: then this start may fill it with an example. */
  readonly isEmbedded: boolean
  /** To be called when everything that a first start makes is there. */
  finishFirstStart(): Promise<void>
  close(): Promise<void>
}

export async function openStore(settings: {
  readonly DATABASE_URL?: string | undefined
  readonly DATABASE_POOL: number
  readonly DATA_DIR: string
}): Promise<Store> {
  if (settings.DATABASE_URL === undefined) {
    const embedded = await openEmbedded(settings.DATA_DIR)
    await migrateDb(embedded.db)
    return { ...embedded, isEmbedded: true }
  }
  const single = openDb(settings.DATABASE_URL, { poolSize: 1 })
  try {
    await migrateDb(single)
  } finally {
    await single.close()
  }
  const db = openDb(settings.DATABASE_URL, { poolSize: settings.DATABASE_POOL })
  return { db, isEmbedded: false, finishFirstStart: async () => {}, close: () => db.close() }
}
