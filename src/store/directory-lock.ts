import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { link, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Keeps a second process out of a data directory: two openers of the embedded engine would destroy it. Answers how to unlock.
 *
 * A lock is never taken from its file: who finds that the newest lock's holder is dead makes the next number, which only one can,
 * and stays if it is alone among the living. Each file appears with its content, by a link, so nobody reads half of one.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  await mkdir(join(directory, 'locks'), { recursive: true })
  const own = join(directory, 'locks', `${process.pid}-${randomUUID()}`)
  await writeFile(own, `${process.pid} ${startOf(process.pid) ?? ''}`)
  try {
    for (;;) {
      const newest = Math.max(0, ...(await readLocks(directory)))
      await assertDead(directory, newest)
      if (!(await linkIfFree(own, lockPath(directory, newest + 1)))) continue
      const unlock = (): Promise<void> => rm(lockPath(directory, newest + 1), { force: true })
      try {
        await clearOthers(directory, newest + 1)
        return unlock
      } catch (error) {
        await unlock()
        throw error
      }
    }
  } finally {
    await rm(own, { force: true })
  }
}

function lockPath(directory: string, number: number): string {
  return join(directory, 'locks', `lock.${number}`)
}

async function readLocks(directory: string): Promise<number[]> {
  const names = await readdir(join(directory, 'locks'))
  return names.flatMap((name) => (name.startsWith('lock.') ? Number(name.slice('lock.'.length)) : []))
}

async function clearOthers(directory: string, own: number): Promise<void> {
  for (const other of await readLocks(directory)) {
    if (other === own) continue
    await assertDead(directory, other)
    await rm(lockPath(directory, other), { force: true })
  }
}

async function assertDead(directory: string, number: number): Promise<void> {
  const holder = await readFile(lockPath(directory, number), 'utf8').catch(() => '')
  if (!isAlive(holder)) return
  throw new Error(`${directory} is in use by process ${holder.split(' ')[0]}; stop it, or choose another DATA_DIR`)
}

async function linkIfFree(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function isAlive(holder: string): boolean {
  const [pid = '', start = ''] = holder.split(' ')
  if (!/^\d+$/.test(pid)) return false
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  // A process number is given again after a reboot, in a container nearly always; the start time tells the two apart.
  const started = startOf(Number(pid))
  return started === undefined || started === start
}

/** When a process started, in clock ticks since boot; undefined where there is no /proc. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
