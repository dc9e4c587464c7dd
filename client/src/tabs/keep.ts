import { collectOthers } from '../copy/collect.ts'
import { Database } from '../copy/database.ts'
import { KeptCopy } from '../copy/kept.ts'
import { memoryCopy } from '../copy/memory.ts'
import { databaseName, type Owner } from '../copy/schema.ts'
import type { Env } from '../env/types.ts'
import type { Log } from '../log.ts'
import { KeptQueue } from '../outbox/kept.ts'
import { memoryQueue } from '../outbox/memory.ts'
import type { Store } from '../store/store.ts'
import type { HostOptions } from './types.ts'

export interface KeepOptions extends Owner {
  readonly env: Env
  readonly log: Log
  readonly store: Store
  /** Whether the copies of other users stay on the device. */
  readonly keepsOthers: boolean
}

/** What keeps the state of a user: on the device, where that can be, or in memory. */
export function keep({ env, log, store, keepsOthers, ...owner }: KeepOptions) {
  const name = databaseName(owner)
  if (!keepsOthers) {
    collectOthers(name, env, log).catch((error: unknown) =>
      log.write('warn', 'the local copies of other users were not removed', error),
    )
  }
  return {
    name,
    openKept: env.databases
      ? () => {
          const database = new Database({ name, env })
          const copy = new KeptCopy({ database, env, getState: store.getSnapshot })
          return { copy, queue: new KeptQueue(database, env.clock.now) }
        }
      : undefined,
    openMemory: (items) => ({ copy: memoryCopy(env.createId), queue: memoryQueue(env.clock.now, items) }),
  } satisfies Pick<HostOptions, 'name' | 'openKept' | 'openMemory'>
}
