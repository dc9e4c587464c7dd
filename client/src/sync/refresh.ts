import { ChatError } from '../errors.ts'
import { MessagesDocument, ViewerMemberDocument } from '../graphql/generated/documents.ts'
import type { SyncContext } from './context.ts'
import { listedChanges, messagePageChanges } from './page-changes.ts'

/** Channels that are read at once, and that may wait. Beyond, the one that has waited longest is left out: it is read when it is opened. */
const maxUnderWay = 3
const maxWaiting = 500
/** Messages that are read again where some had been shown. */
const pageSize = 50

/** Reads channels anew: their membership with its count and, where that is asked for, their newest messages. */
export class Refresh {
  readonly #context: SyncContext
  /** By channel, whether its messages are read too. */
  readonly #waiting = new Map<string, boolean>()
  #underWay = 0
  #isPaused = true
  /** The server wants to be left alone for a while. */
  #cancelRest: (() => void) | undefined

  constructor(context: SyncContext) {
    this.#context = context
  }

  add(channelId: string, withMessages = false): void {
    const isWaiting = this.#waiting.get(channelId)
    const [oldest] = this.#waiting.keys()
    if (isWaiting === undefined && this.#waiting.size >= maxWaiting) this.#waiting.delete(oldest!)
    this.#waiting.set(channelId, withMessages || isWaiting === true)
    this.#work()
  }

  resume(): void {
    this.#isPaused = false
    this.#work()
  }

  /** What waits is read after the next `resume`. */
  pause(): void {
    this.#isPaused = true
    this.#cancelRest?.()
    this.#cancelRest = undefined
  }

  close(): void {
    this.pause()
    this.#waiting.clear()
  }

  #work(): void {
    if (this.#isPaused || this.#cancelRest || this.#underWay >= maxUnderWay) return
    const [next] = this.#waiting
    if (!next) return
    this.#waiting.delete(next[0])
    this.#underWay += 1
    void this.#read(...next).finally(() => {
      this.#underWay -= 1
      this.#work()
    })
    this.#work()
  }

  async #read(channelId: string, withMessages: boolean): Promise<void> {
    const { link, log, identity, state, commit } = this.#context
    try {
      const before = state()
      const { member } = await link.request(ViewerMemberDocument, { channelId, identity })
      if (member) commit(listedChanges([member], before))
      if (!member || !withMessages) return
      const head = state().channels.get(channelId)?.head ?? -1
      const { channel } = await link.request(MessagesDocument, { channelId, last: pageSize })
      if (channel) commit(messagePageChanges({ channelId, before: null, after: null, head }, channel))
    } catch (error) {
      log.write('warn', 'a channel was not read again', error)
      const retryAfterMs = (error instanceof ChatError && error.retryAfterMs) || 0
      if (retryAfterMs > 0 && !this.#isPaused) this.#rest(retryAfterMs)
      // The connection was lost, or the server is busy with what the streams bring: once more after that.
      if (this.#isPaused || retryAfterMs > 0) this.add(channelId, withMessages)
    }
  }

  #rest(milliseconds: number): void {
    this.#cancelRest?.()
    this.#cancelRest = this.#context.env.clock.after(milliseconds, () => {
      this.#cancelRest = undefined
      this.#work()
    })
  }
}
