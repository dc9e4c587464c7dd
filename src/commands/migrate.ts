import type { PlannedStep } from '../store/migration.ts'
import { migrateStore } from '../store/open-store.ts'
import { runOnSettings, type Outcome, type Output } from './command.ts'

const say = (text: string): void => void process.stderr.write(`${text}\n`)

interface DoneStep {
  readonly name: string
  readonly milliseconds: number
}

/**
 * Brings the database to the schema of this version, as the first start of it would. With `dry-run` it only says what would be done. Run it
 * while servers of the version before are running.
 */
export async function migrate({
  'dry-run': isDry,
  json,
}: Output & { readonly 'dry-run': boolean }): Promise<0 | 1 | 3> {
  return runOnSettings('migrate', { json }, async (config, onFirstStart) => {
    const done: DoneStep[] = []
    const plan = await migrateStore(config, {
      isDry,
      onFirstStart,
      onStep: (name, milliseconds) => {
        if (milliseconds === undefined) say(`${name} …`)
        else done.push({ name, milliseconds: Math.round(milliseconds) })
      },
      onProgress: (step, sentence) => say(`${step}: ${sentence}`),
    })
    return isDry ? planned(plan) : finished(done)
  })
}

function planned(steps: readonly PlannedStep[]): Outcome {
  const text =
    steps.length > 0
      ? `${count(steps.length)} to run. Nothing was changed.`
      : 'The database is up to date: there is nothing to run.'
  return { text: [...steps.map(describe), text].join('\n'), data: { planned: steps.map(toData) } }
}

function finished(steps: readonly DoneStep[]): Outcome {
  const lines = steps.map(({ name, milliseconds }) => `${name}  ${(milliseconds / 1000).toFixed(3)} s`)
  const text = `The database is up to date: ${steps.length > 0 ? `${count(steps.length)} run.` : 'there is nothing to run.'}`
  return { text: [...lines, text].join('\n'), data: { run: steps } }
}

function count(steps: number): string {
  return steps === 1 ? '1 step' : `${steps} steps`
}

function toData({ name, isOnline, locks }: PlannedStep): object {
  return { name, isOnline, locks: locks.map(({ lock, object }) => ({ lock, object })) }
}

/** A step with the locks that it takes on what is there already. */
function describe({ name, isOnline, locks }: PlannedStep): string {
  const lines = locks.map(({ lock, object }) => `    ${lock} on ${object}`)
  return [`${name}  ${isOnline ? 'online' : 'one transaction'}`, ...new Set(lines)].join('\n')
}
