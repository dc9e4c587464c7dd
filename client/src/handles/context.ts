import type { Env } from '../env/types.ts'
import type { Log } from '../log.ts'
import type { Store } from '../store/store.ts'
import type { Host } from '../tabs/types.ts'

/** What handles need of the client. They keep no state of their own. */
export interface HandleContext {
  readonly env: Env
  readonly log: Log
  readonly store: Store
  readonly host: Host
  /** Listens to the events of a channel. Returns the function that ends it. */
  readonly listen: (channelId: string, name: string, listener: (payload: never) => void) => () => void
  /** Until when the others need not be told again that the user types, by channel; milliseconds since the epoch. */
  readonly typingToldUntil: Map<string, number>
}
