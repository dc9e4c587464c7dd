import type { PlannedStep } from '../store/migration.ts'
import { migrateStore } from '../store/open-store.ts'
import { runOnSettings } from './command.ts'

const isDry = process.argv.includes('--dry-run')

const say = (text: string): void => void process.stderr.write(`${text}\n`)

/**
 * Brings the database to the schema of this version, as the first start of it would. With `--dry-run` it only says what would be done. Run it
 * while servers of the version before are running.
 */
await runOnSettings('migrate', async (config, onFirstStart) => {
  const done: string[] = []
  const plan = await migrateStore(config, {
    isDry,
    onFirstStart,
    onStep: (step, milliseconds) => {
      if (milliseconds === undefined) say(`${step} …`)
      else done.push(`${step}  ${(milliseconds / 1000).toFixed(3)} s`)
    },
    onProgress: (step, sentence) => say(`${step}: ${sentence}`),
  })
  if (isDry && plan.length > 0)
    return [...plan.map(describe), `${count(plan.length)} to run. Nothing was changed.`].join('\n')
  if (done.length > 0) return [...done, `The database is up to date: ${count(done.length)} run.`].join('\n')
  return 'The database is up to date: there is nothing to run.'
})

function count(steps: number): string {
  return steps === 1 ? '1 step' : `${steps} steps`
}

/** A step with the locks that it takes on what is there already. */
function describe({ name, isOnline, locks }: PlannedStep): string {
  const lines = locks.map(({ lock, object }) => `    ${lock} on ${object}`)
  return [`${name}  ${isOnline ? 'online' : 'one transaction'}`, ...new Set(lines)].join('\n')
}
