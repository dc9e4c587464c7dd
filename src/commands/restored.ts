import { readHistories } from '../store/history.ts'
import { runCommand } from './command.ts'

/** To be run after the database was set back to an older state, before clients come: what they saw since is then known to be lost. */
await runCommand('restored', async ({ db }) => {
  await readHistories(db, { isWanted: true })
  return 'The database begins a new history: clients that saw messages of the old one are told what may be lost.'
})
