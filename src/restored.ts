import { readConfig, type Config } from './config.ts'
import { explainStartError } from './start-error.ts'
import { readFirstAccount } from './store/account.ts'
import { readHistories } from './store/history.ts'
import { openStore } from './store/opening.ts'

let config: Config | undefined

/** To be run after the database was set back to an older state, before clients come: what they saw since is then known to be lost. */
async function main(): Promise<void> {
  config = readConfig(process.env)
  const store = await openStore(config)
  try {
    if (!(await readFirstAccount(store.db))) throw new Error('the database is empty: start the server instead')
    await readHistories(store.db, { isWanted: true })
  } finally {
    await store.close()
  }
  process.stdout.write(
    'The database begins a new history: clients that saw messages of the old one are told what may be lost.\n',
  )
}

try {
  await main()
} catch (error) {
  process.stderr.write(
    `fonechat restored has failed: ${explainStartError(error, config) ?? (error instanceof Error ? error.message : String(error))}\n`,
  )
  process.exitCode = 1
}
