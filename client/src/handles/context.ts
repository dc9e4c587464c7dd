import type { Env } from '../env/types.ts'
import type { Store } from '../store/store.ts'
import type { Host } from '../tabs/types.ts'

/** What handles need of the client. They keep no state of their own. */
export interface HandleContext {
  readonly env: Env
  readonly store: Store
  readonly host: Host
}
