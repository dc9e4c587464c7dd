import type { Env } from '../env/types.ts'
import type { Log } from '../log.ts'
import type { Message } from '../store/state.ts'
import type { Store } from '../store/store.ts'
import type { Host } from '../tabs/types.ts'

/** What handles need of the client. They keep no state of their own. */
export interface HandleContext {
  readonly env: Env
  readonly log: Log
  /** Server, service and user: what is noted on the device is told apart by it. */
  readonly owner: readonly string[]
  readonly store: Store
  readonly host: Host
  /** Listens to the events of a channel. Returns the function that ends it. */
  readonly listen: (channelId: string, name: string, listener: (payload: never) => void) => () => void
  /** Emits `notification` of a message, where it calls for one. */
  readonly notify: (message: Message) => void
  /** Until when the others see the user typing without another call, by channel or thread; milliseconds since the epoch. */
  readonly typingShownUntil: Map<string, number>
}
