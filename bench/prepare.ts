import { createLogger } from '../src/config/logger.ts'
import { readConfig } from '../src/config/read-config.ts'
import { startServer } from '../src/server.ts'
import { openStore } from '../src/store/open-store.ts'

/** Makes the database that fonechat's rounds begin with: a first start, and a limit of members that a large channel fits into. */
const config = readConfig(process.env)
const first = await startServer(config, createLogger('warn'), await openStore(config))
await first.close({ immediate: true })
const store = await openStore(config)
await store.db.run('UPDATE services SET channel_members_limit = $1', [100_000])
await store.close()
