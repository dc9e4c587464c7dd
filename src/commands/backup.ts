import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { SettingError } from '../model/setting-error.ts'
import { BackupError, copyDataDirectory } from '../store/engine/data-copy.ts'
import { lockDirectory } from '../store/engine/directory-lock.ts'
import { connectBackupSocket, HoldError, type Hold } from '../store/engine/server-socket.ts'
import { runOnSettings, type Output } from './command.ts'

/** Copies the folder of the embedded engine, also while a server runs on it. */
export async function backup(folder: string, output: Output): Promise<0 | 1 | 3> {
  return runOnSettings('backup', output, async ({ DATABASE_URL, DATA_DIR }, onFirstStart) => {
    if (DATABASE_URL !== undefined) {
      throw new SettingError('DATABASE_URL: a backup of Postgres is made with its own tools, as docs/backup.md says')
    }
    if (!existsSync(join(DATA_DIR, 'pgdata.complete'))) onFirstStart()
    const target = resolve(folder)
    const running = await connectBackupSocket(DATA_DIR)
    const unlock = running ? undefined : lockDirectory(DATA_DIR)
    const hold: Hold = running ?? ((work) => work())
    try {
      const { bytes, heldMilliseconds } = await copyDataDirectory(DATA_DIR, target, hold)
      const held = running ? `; the server stood still for ${heldMilliseconds} ms` : ''
      return {
        text: `${target} is a copy of ${DATA_DIR}, ${(bytes / 1e6).toFixed(1)} MB${held}. Its secrets are readable to whoever can read it.`,
        data: { folder: target, source: resolve(DATA_DIR), bytes, heldMilliseconds: running ? heldMilliseconds : 0 },
      }
    } catch (error) {
      if (error instanceof BackupError) throw new SettingError(error.message, { cause: error })
      if (error instanceof HoldError) throw new SettingError(`no copy was made: ${error.message}`, { cause: error })
      throw error
    } finally {
      unlock?.()
    }
  })
}
