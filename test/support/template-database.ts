import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import { openDb } from '../../src/store/engine/db.ts'
import { migrateDb } from '../../src/store/migration.ts'

const template = 'fonechat_template'

/** Makes the migrated database that every test database is a copy of. */
export async function createTemplateDatabase(maintenanceUrl: string): Promise<void> {
  await runStatement(maintenanceUrl, `CREATE DATABASE ${template}`)
  const db = openDb(templateUrl(maintenanceUrl), { poolSize: 1 })
  try {
    await migrateDb(db)
  } finally {
    await db.close()
  }
}

/** Makes a migrated and otherwise empty database, and answers its address. */
export async function createTestDatabase(maintenanceUrl: string): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await runStatement(maintenanceUrl, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`)
  return withDatabase(maintenanceUrl, name)
}

export async function dropTestDatabase(maintenanceUrl: string, url: string): Promise<void> {
  await runStatement(maintenanceUrl, `DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`)
}

/** The address of the database that all others are copies of. It must have no connections while one is made. */
export const templateUrl = (maintenanceUrl: string): string => withDatabase(maintenanceUrl, template)

async function runStatement(url: string, statement: string): Promise<void> {
  const client = postgres(url, { max: 1 })
  try {
    await client.unsafe(statement)
  } finally {
    await client.end()
  }
}

function withDatabase(url: string, database: string): string {
  return Object.assign(new URL(url), { pathname: `/${database}` }).href
}
