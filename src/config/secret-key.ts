import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SettingError } from '../model/setting-error.ts'
import type { Config } from './config.ts'

/**
 * The key of the settings or, with the embedded engine, the one in the data directory, which must be open. The first start writes it. Throws where
 * a database is there and its key is not: another one would only hide that.
 */
export async function readSecretKey({ SECRET_KEY, DATA_DIR }: Config): Promise<string> {
  if (SECRET_KEY !== undefined) return SECRET_KEY
  const path = join(DATA_DIR, 'secret-key')
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  if (existsSync(join(DATA_DIR, 'pgdata.complete'))) {
    throw new SettingError(
      `SECRET_KEY: ${DATA_DIR} has a database and no file secret-key; copy it from where the folder comes from, or set SECRET_KEY to it`,
    )
  }
  const key = randomBytes(32).toString('hex')
  // In two steps, so that a killed start leaves no half of a key behind.
  await writeFile(`${path}.new`, `${key}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
  return key
}
