import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { printError } from '../config/logger.ts'
import { readConfig } from '../config/read-config.ts'
import { SettingError } from '../model/setting-error.ts'
import { readFirstAccount } from '../store/account.ts'
import { openStore, type Store } from '../store/open-store.ts'
import { explainStartError } from './start-error.ts'

export interface Output {
  /** One JSON document on stdout instead of sentences. */
  readonly json: boolean
}

/** What a command reports. */
export interface Outcome {
  readonly text: string
  /** The same as fields, which docs/cli.md lists. */
  readonly data: object
  /** Whether something was found that needs somebody. */
  readonly needsAction?: boolean
}

export function printOutcome({ text, data }: Outcome, { json }: Output): void {
  process.stdout.write(`${json ? JSON.stringify(data, null, 2) : text}\n`)
}

/** Runs a command on the database of an existing server. Prints what `work` answers, or why it failed. */
export async function runCommand(
  name: string,
  output: Output,
  work: (store: Store, config: Config) => Promise<Outcome>,
): Promise<0 | 1 | 3> {
  return runOnSettings(name, output, async (config, onFirstStart) => {
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
  output: Output,
  work: (config: Config, onFirstStart: () => never) => Promise<Outcome>,
): Promise<0 | 1 | 3> {
  let config: Config | undefined
  const run = async (): Promise<Outcome> => {
    const read = (config = readConfig(process.env))
    if (config.DATABASE_URL === undefined && !existsSync(config.DATA_DIR)) {
      throw new SettingError(`DATA_DIR: ${config.DATA_DIR} does not exist; name the folder of the server`)
    }
    return work(config, () => {
      throw emptyDatabase(read)
    })
  }
  return report(name, output, run, (error) => explainStartError(error, config))
}

/** Prints what `work` answers, or why it failed. */
export async function report(
  name: string,
  output: Output,
  work: () => Promise<Outcome>,
  explain: (error: unknown) => string | undefined = () => undefined,
): Promise<0 | 1 | 3> {
  // As for a server: before any thread is started.
  process.umask(0o077)
  try {
    const outcome = await work()
    printOutcome(outcome, output)
    return outcome.needsAction ? 3 : 0
  } catch (error) {
    process.stderr.write(`fonechat ${name} has failed: ${explain(error) ?? printError(error)}\n`)
    return 1
  }
}

export function emptyDatabase({ DATABASE_URL, DATA_DIR }: Config): SettingError {
  const where = DATABASE_URL === undefined ? `DATA_DIR: the database in ${DATA_DIR}` : 'DATABASE_URL: the database'
  return new SettingError(`${where} is empty; start the server instead, or choose another one`)
}
