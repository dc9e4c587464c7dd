import { readHistories } from '../store/history.ts'
import { runCommand } from './command.ts'

/** Run it after the database was restored, before clients connect. It makes known that what they have seen since may be lost. */
await runCommand('restored', async ({ db }) => {
  await readHistories(db, { isWanted: true })
  return 'The database begins a new history: clients that saw messages of the old one learn which of them may be lost.'
})
