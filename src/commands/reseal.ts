import { readSecretKey } from '../config/secret-key.ts'
import { reseal } from '../domain/access/reseal.ts'
import { createSecretBox } from '../domain/access/secret.ts'
import { runCommand } from './command.ts'

/** Run it when all processes have a new first key in `SECRET_KEY`. Afterwards the older keys can be removed. */
await runCommand('reseal', async ({ db }, config) => {
  const count = await reseal(db, createSecretBox(await readSecretKey(config)))
  return `${count} secrets were sealed anew: all of them need the first key of SECRET_KEY alone.`
})
