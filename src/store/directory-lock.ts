import { readFileSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Keeps a second process out of a data directory: two openers of the embedded engine would destroy it. Answers how to unlock. */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'lock')
  const owner = `${process.pid} ${startOf(process.pid) ?? ''}`
  for (;;) {
    try {
      await writeFile(path, owner, { flag: 'wx' })
      return () => rm(path, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = await readFile(path, 'utf8').catch(() => '')
    if (isAlive(holder)) {
      throw new Error(`${directory} is in use by process ${holder.split(' ')[0]}; stop it, or choose another DATA_DIR`)
    }
    await rm(path, { force: true })
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
