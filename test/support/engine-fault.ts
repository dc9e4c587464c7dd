import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openEmbedded } from '../../src/store/engine/embedded.ts'

/**
 * Writes rows to the embedded engine in a directory while it is struck, and prints as JSON what became of them. `hang`: a statement that
 * never ends. `full`: the engine cannot make the next file of its log, as on a full disk.
 */
const [directory = '', fault = ''] = process.argv.slice(2)

const { db, close } = await openEmbedded(directory, { statementTimeout: 2000 })
await db.runScript('CREATE TABLE struck (id int)')

const acknowledged: number[] = []
const faults: string[] = []

async function write(id: number, before?: string): Promise<boolean> {
  try {
    if (before !== undefined) await db.runScript(before)
    await db.run('INSERT INTO struck VALUES ($1)', [id])
    acknowledged.push(id)
    return true
  } catch (error) {
    faults.push((error as { code: string }).code)
    return false
  }
}

await write(1)
const started = performance.now()
if (fault === 'hang') {
  await write(2, 'DO $$ BEGIN LOOP END LOOP; END $$')
} else {
  // The name that the engine gives a log file before it is one.
  const inTheWay = join(directory, 'pgdata', 'pg_wal', 'xlogtemp.42')
  await mkdir(inTheWay)
  await writeFile(join(inTheWay, 'file'), '')
  await write(2, 'SELECT pg_switch_wal()')
  await write(3, 'SELECT pg_switch_wal()')
  await rm(inTheWay, { recursive: true })
}
const struckFor = performance.now() - started
for (let id = 10; id < 60 && !(await write(id)); id++);
await write(100)
const rows = await db.run<{ id: number }>('SELECT id FROM struck ORDER BY id', [])
await close()
process.stdout.write(JSON.stringify({ acknowledged, faults, struckFor, stored: rows.map(({ id }) => id) }))
