import { readSecretKey } from '../config/secret-key.ts'
import { reseal } from '../domain/access/reseal.ts'
import { createSecretBox } from '../domain/access/secret.ts'
import { runCommand } from './command.ts'

/** To be run when all processes have a new first key in `SECRET_KEY`: afterwards the older ones can be taken out of it. */
await runCommand('reseal', async ({ db }, config) => {
  const count = await reseal(db, createSecretBox(await readSecretKey(config)))
  return `${count} secrets were sealed anew: all of them need the first key of SECRET_KEY alone.`
})
