import { once } from 'node:events'
import { lockDirectory } from '../../src/store/engine/directory-lock.ts'

/** A process that locks the directory that it is given, says how that went, and keeps the lock until its input ends. */
const [directory] = process.argv.slice(2)
try {
  const unlock = lockDirectory(directory!)
  process.stdout.write('locked\n')
  await once(process.stdin.resume(), 'end')
  unlock()
} catch (error) {
  process.stdout.write(`${String(error)}\n`)
}
