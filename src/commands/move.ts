import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import { reseal } from '../domain/access/reseal.ts'
import { createSecretBox } from '../domain/access/secret.ts'
import { SettingError } from '../model/setting-error.ts'
import { readFirstAccount } from '../store/account.ts'
import { moveStore } from '../store/move.ts'
import { runOnSettings, type Output } from './command.ts'

const say = (text: string): void => void process.stderr.write(`${text}\n`)

/** Moves what the embedded engine has in `DATA_DIR` to the empty Postgres at `DATABASE_URL`. Its server must have been stopped. */
export async function move(output: Output): Promise<0 | 1 | 3> {
  return runOnSettings('move', output, async (config) => {
    const { DATA_DIR, DATABASE_URL } = config
    if (DATABASE_URL === undefined) {
      throw new SettingError('DATABASE_URL: name the empty database that the folder is to be moved to')
    }
    const refuseEmpty = (): never => {
      throw new SettingError(`DATA_DIR: ${DATA_DIR} has no database of a server`)
    }
    if (!existsSync(join(DATA_DIR, 'pgdata.complete'))) refuseEmpty()
    const secrets = createSecretBox(await readAllKeys(config))
    const { tables, rows, place } = await moveStore(config, {
      onFirstStart: refuseEmpty,
      onProgress: say,
      check: async (source) => {
        const account = (await readFirstAccount(source)) ?? refuseEmpty()
        // Throws before hours of work when the key is not among them.
        secrets.open(account.authToken)
      },
      finish: async (tx) => void (await reseal(tx, secrets)),
    })
    return {
      text: `${DATA_DIR} is in ${place} now: ${rows} rows of ${tables} tables, all compared. Start the server with the same DATABASE_URL and SECRET_KEY.`,
      data: { source: resolve(DATA_DIR), target: place, tables, rows },
    }
  })
}

/** The keys of the settings, the first of which seals from now on, and the one of the folder. */
async function readAllKeys({ SECRET_KEY, DATA_DIR }: Config): Promise<string> {
  const path = join(DATA_DIR, 'secret-key')
  if (!existsSync(path)) return SECRET_KEY!
  return `${SECRET_KEY!},${(await readFile(path, 'utf8')).trim()}`
}
