import { existsSync } from 'node:fs'
import { readConfig, type Config } from '../config/config.ts'
import { printError } from '../config/logger.ts'
import { SettingError } from '../model/setting-error.ts'
import { readFirstAccount } from '../store/account.ts'
import { openStore, type Store } from '../store/open-store.ts'
import { explainStartError } from './start-error.ts'

/** Runs a command on the database of an existing server. Prints the sentence that `work` answers, or why it failed. */
export async function runCommand(name: string, work: (store: Store, config: Config) => Promise<string>): Promise<void> {
  await runOnSettings(name, async (config, onFirstStart) => {
    const store = await openStore(config, { onFirstStart })
    try {
      if (!(await readFirstAccount(store.db))) throw emptyDatabase(config)
      return await work(store, config)
    } finally {
      await store.close()
    }
  })
}

/** The same for a command that opens the database itself. `onFirstStart` refuses to make one in the folder of the embedded engine. */
export async function runOnSettings(
  name: string,
  work: (config: Config, onFirstStart: () => never) => Promise<string>,
): Promise<void> {
  // The reader of the output is gone, as in `fonechat migrate | head`. The work goes on.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  // As for a server: before any thread is started.
  process.umask(0o077)
  let config: Config | undefined
  try {
    const read = (config = readConfig(process.env))
    if (config.DATABASE_URL === undefined && !existsSync(config.DATA_DIR)) {
      throw new SettingError(`DATA_DIR: ${config.DATA_DIR} does not exist; name the folder of the server`)
    }
    const summary = await work(config, () => {
      throw emptyDatabase(read)
    })
    process.stdout.write(`${summary}\n`)
  } catch (error) {
    process.stderr.write(`fonechat ${name} has failed: ${explainStartError(error, config) ?? printError(error)}\n`)
    process.exitCode = 1
  }
}

function emptyDatabase({ DATABASE_URL, DATA_DIR }: Config): SettingError {
  const where = DATABASE_URL === undefined ? `DATA_DIR: the database in ${DATA_DIR}` : 'DATABASE_URL: the database'
  return new SettingError(`${where} is empty; start the server instead, or choose another one`)
}
