import { readSecretKey } from '../config/secret-key.ts'
import { reseal } from '../domain/access/reseal.ts'
import { createSecretBox } from '../domain/access/secret.ts'
import { runCommand, type Output } from './command.ts'

/** Run it when all processes have a new first key in `SECRET_KEY`. Afterwards the older keys can be removed. */
export async function resealSecrets(output: Output): Promise<0 | 1 | 3> {
  return runCommand('reseal', output, async ({ db }, config) => {
    const resealed = await reseal(db, createSecretBox(await readSecretKey(config)))
    const text = `${resealed} secrets were sealed anew: all of them need the first key of SECRET_KEY alone.`
    return { text, data: { resealed } }
  })
}
