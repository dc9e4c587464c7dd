import { readConfig } from './config.ts'
import { reseal } from './domain/reseal.ts'
import { createSecretBox } from './domain/secret.ts'
import { readSecretKey } from './secret-key.ts'
import { readFirstAccount } from './store/account.ts'
import { openStore } from './store/opening.ts'

/** To be run when all processes have a new first key in `SECRET_KEY`: afterwards the older ones can be taken out of it. */
async function main(): Promise<void> {
  const config = readConfig(process.env)
  const secrets = createSecretBox(await readSecretKey(config))
  const store = await openStore(config)
  try {
    if (!(await readFirstAccount(store.db))) throw new Error('the database is empty: start the server instead')
    const count = await reseal(store.db, secrets)
    process.stdout.write(`${count} secrets were sealed anew: all of them need the first key of SECRET_KEY alone.\n`)
  } finally {
    await store.close()
  }
}

try {
  await main()
} catch (error) {
  process.stderr.write(`fonechat reseal has failed: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
