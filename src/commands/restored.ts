import { readHistories } from '../store/history.ts'
import { runCommand, type Output } from './command.ts'

/** Run it after the database was restored, before clients connect. It makes known that what they have seen since may be lost. */
export async function restored(output: Output): Promise<0 | 1 | 3> {
  return runCommand('restored', output, async ({ db }) => {
    const { beginnings } = await readHistories(db, { isWanted: true })
    return {
      text: 'The database begins a new history: clients that saw messages of the old one learn which of them may be lost.',
      data: { histories: beginnings.map((each) => new Date(each).toISOString()) },
    }
  })
}
