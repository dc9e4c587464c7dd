import type { Env } from '../env/types.ts'
import type { Link } from '../link/link.ts'
import type { Log } from '../log.ts'
import type { Change } from '../store/change.ts'
import type { State } from '../store/state.ts'

/** What the parts of an engine share. */
export interface SyncContext {
  /** Of the user. */
  readonly identity: string
  readonly env: Pick<Env, 'clock' | 'random'>
  readonly log: Log
  readonly link: Link
  readonly state: () => State
  /** Puts changes into the state and into the copy. */
  readonly commit: (changes: readonly Change[]) => void
}
