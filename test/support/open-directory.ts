import { once } from 'node:events'
import { openEmbedded } from '../../src/store/engine/embedded.ts'

/**
 * A process that opens a data directory, says whether an earlier one left something behind, and closes it when its input ends.
 * Arguments: the directory, `finish` to complete the first start, and the name of the table that is left behind.
 */
const [directory, finish, table = 'left_behind'] = process.argv.slice(2)
const embedded = await openEmbedded(directory)
const [row] = await embedded.db.run('SELECT to_regclass($1) IS NOT NULL AS used', [table])
await embedded.db.run(`CREATE TABLE IF NOT EXISTS ${table} ()`, [])
if (finish === 'finish') await embedded.finishFirstStart()
process.stdout.write(row?.['used'] ? 'used\n' : 'new\n')
await once(process.stdin.resume(), 'end')
await embedded.close()
