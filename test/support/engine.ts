import { readFile } from 'node:fs/promises'
import { inject } from 'vitest'
import { defaultTimeouts, maintenanceTimeouts, openDb, type Db, type DbOptions } from '../../src/store/engine/db.ts'
import { openEmbedded } from '../../src/store/engine/embedded.ts'
import { setForRole } from '../../src/store/open-store.ts'
import { heartbeatStatement } from '../../src/workers/heartbeat.ts'
import { createTestDatabase, dropTestDatabase } from './template-database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    cluster?: {
      readonly postgresUrl: string
      readonly redisUrl: string
      /** Of a pooler of transactions that the store is to be reached through. */
      readonly poolerPort?: number
    }
    embedded?: { readonly image: string }
  }
}

/** A statement as it went to the database. */
export interface Sent {
  readonly statement: string
  readonly parameters: readonly unknown[]
}

export interface TestStore extends AsyncDisposable {
  readonly db: Db
  /** For statements that take their time. */
  readonly maintenance: Db
  /** Every statement sent, oldest first. Set its length to zero to count from here. */
  readonly statements: string[]
  /** The same with their parameters, for as long as the work takes. */
  statementsOf(work: () => Promise<unknown>): Promise<Sent[]>
  /** Only on `cluster`: for servers that the test starts on the same data. */
  readonly databaseUrl: string | undefined
  readonly redisUrl: string | undefined
  close(): Promise<void>
}

const cluster = inject('cluster')
const embedded = inject('embedded')

/**
 * Fetching the jobs of webhooks, looking for what is scheduled and for texts without a writer, the sweep, writing when keys were used and what a process did in a minute and making messages searchable go on in the background, and are no part of the work under test.
 * After a change of an account the sweep also reads its auth tokens.
 */
export const isOfBackground = (statement: string): boolean =>
  /webhook_lanes|pgboss|database_history|"auth_tokens"|SET last_used_at|AS unwritten|SET last_seen_at|unindexed|indexed_first_index|INTO message_search|message_search AS stale|min\(due_at\)|FROM message_streams WHERE appended_at|process_minutes/.test(
    statement,
  )

/** Which of the two projects runs this file. */
export const engineName: 'embedded' | 'cluster' = cluster ? 'cluster' : 'embedded'

/** A migrated and otherwise empty database, shared with nobody, on the engine of this project. */
export async function openTestStore(): Promise<TestStore> {
  const statements: string[] = []
  let sent: Sent[] | undefined
  const { close, ...store } = await openEngine((statement, parameters) => {
    // Of the clock's making, and on the embedded engine on the connection of all others.
    if (statement === heartbeatStatement) return
    statements.push(statement)
    // The driver encodes them in place.
    sent?.push({ statement, parameters: [...parameters] })
  })
  const statementsOf = async (work: () => Promise<unknown>): Promise<Sent[]> => {
    const during: Sent[] = (sent = [])
    await work()
    sent = undefined
    return during
  }
  return { ...store, statements, statementsOf, close, [Symbol.asyncDispose]: close }
}

type OnStatement = NonNullable<DbOptions['onStatement']>

async function openEngine(onStatement: OnStatement) {
  if (cluster) return openOnCluster(cluster, onStatement)
  const { db, close } = await openEmbedded(undefined, { image: await readEmbeddedImage(), onStatement })
  return { db, maintenance: db, databaseUrl: undefined, redisUrl: undefined, close }
}

async function openOnCluster(
  { postgresUrl, redisUrl, poolerPort }: NonNullable<typeof cluster>,
  onStatement: OnStatement,
) {
  const databaseUrl = await createTestDatabase(postgresUrl)
  const maintenance = openDb(databaseUrl, { poolSize: 1, timeouts: maintenanceTimeouts, isPatient: true })
  const db = await openPooled(databaseUrl, poolerPort, maintenance, onStatement)
  const close = async (): Promise<void> => {
    await Promise.all([db.close(), maintenance.close()])
    await dropTestDatabase(postgresUrl, databaseUrl)
  }
  return { db, maintenance, databaseUrl, redisUrl, close }
}

/** Through the pooler, where there is one. */
async function openPooled(url: string, port: number | undefined, direct: Db, onStatement: OnStatement): Promise<Db> {
  if (port === undefined) return openDb(url, { poolSize: 10, onStatement })
  await setForRole(direct, url, defaultTimeouts)
  const pooled = Object.assign(new URL(url), { port: String(port) }).href
  return openDb(pooled, { poolSize: 10, isPooled: true, prepare: false, onStatement })
}

declare global {
  var embeddedCode: Promise<WebAssembly.Module> | undefined
}

/**
 * The migrated data directory that every embedded test database begins from. Holding the engine's code lets V8 compile it once per
 * process: every thread that loads the same bytes shares it as long as someone has it.
 */
async function readEmbeddedImage(): Promise<Uint8Array<ArrayBuffer>> {
  if (!embedded) throw new Error('this file needs an engine: run it in the project embedded or cluster')
  const code = new URL('pglite.wasm', import.meta.resolve('@electric-sql/pglite'))
  // Modules of ours are evaluated anew for each file.
  globalThis.embeddedCode ??= readFile(code).then((bytes) => WebAssembly.compile(bytes))
  await globalThis.embeddedCode
  return new Uint8Array(await readFile(embedded.image))
}
