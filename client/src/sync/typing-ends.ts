import type { Change } from '../store/change.ts'
import type { SyncContext } from './context.ts'

/** Ends typing whose time is over: the server says so too, but the end is lost when the connection is. */
export class TypingEnds {
  readonly #context: SyncContext
  #cancel: (() => void) | undefined
  #dueAt = Infinity

  constructor(context: SyncContext) {
    this.#context = context
  }

  /** After changes: sets the timer for the earliest end. */
  watch(changes: readonly Change[]): void {
    for (const change of changes) if (change.kind === 'typing' && change.until !== null) this.#await(change.until)
  }

  /** The connection is gone, and nobody knows who types. */
  endAll(): void {
    this.close()
    this.#end(Infinity)
  }

  close(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#dueAt = Infinity
  }

  #await(until: number): void {
    if (until >= this.#dueAt) return
    const { env, state } = this.#context
    const { clock } = env
    this.#cancel?.()
    this.#dueAt = until
    this.#cancel = clock.after(Math.max(0, until - state().clockAhead - clock.now()), () => {
      this.close()
      this.#end(clock.now() + state().clockAhead)
    })
  }

  #end(now: number): void {
    const ended: Change[] = []
    for (const { channel, typing, threadTyping } of this.#context.state().channels.values()) {
      for (const { identity, until, parentId } of [...typing, ...threadTyping]) {
        if (until <= now) ended.push({ kind: 'typing', channelId: channel.id, identity, until: null, parentId })
        else this.#await(until)
      }
    }
    this.#context.commit(ended)
  }
}
