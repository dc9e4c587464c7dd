import { collectOthers } from '../copy/collect.ts'
import { Database } from '../copy/database.ts'
import { KeptCopy } from '../copy/kept.ts'
import { memoryCopy } from '../copy/memory.ts'
import { databaseName } from '../copy/schema.ts'
import { KeptQueue } from '../outbox/kept.ts'
import { memoryQueue } from '../outbox/memory.ts'
import { TabHost } from './host.ts'
import type { Host, LoadedOptions } from './types.ts'

/** Opens a tab that shares its copy and one connection with the user's others. The entry of what is loaded where there can be several. */
export function openShared(options: LoadedOptions): Host {
  const { env, log, store, keepsOthers } = options
  const name = databaseName(options)
  if (!keepsOthers) {
    collectOthers(name, env, log).catch((error: unknown) =>
      log.write('warn', 'the local copies of other users were not removed', error),
    )
  }
  return new TabHost({
    ...options,
    name,
    openKept: () => {
      const database = new Database({ name, env })
      const copy = new KeptCopy({ database, env, getState: store.getSnapshot })
      return { copy, queue: new KeptQueue(database, env.clock.now) }
    },
    openMemory: (items) => ({ copy: memoryCopy(env.createId), queue: memoryQueue(env.clock.now, items) }),
  })
}
