import type { Clock } from '../env/types.ts'
import { ChatError, closed } from '../errors.ts'
import { inTime } from '../in-time.ts'
import type { Outcome } from '../outbox/types.ts'
import type { Method } from './protocol.ts'

/** What is asked of the leader, whichever tab that is. */
export interface Call {
  readonly id: string
  readonly method: Method
  readonly args: readonly unknown[]
  readonly signal: AbortSignal | undefined
}

interface Waiting extends Call {
  readonly end: (outcome: Outcome) => void
  /** It was said to a leader. */
  wasSaid: boolean
  /** A leader has begun it, so that another may do it again only when it changes nothing. */
  isAccepted: boolean
}

export interface CallsOptions {
  readonly clock: Clock
  readonly createId: () => string
  /** Gives the call to the leader; does nothing while there is none. */
  readonly run: (call: Call) => void
  readonly onAbort: (id: string) => void
}

const maxCalls = 1000
/** What a tab has said before it went away has arrived by then. */
const lateMilliseconds = 100

/** Calls without an answer. They outlive leaders, up to their deadline. */
export class Calls {
  readonly #options: CallsOptions
  readonly #waiting = new Map<string, Waiting>()
  #cancelLate: (() => void) | undefined
  #isClosed = false

  constructor(options: CallsOptions) {
    this.#options = options
  }

  make(method: Method, args: readonly unknown[], signal?: AbortSignal): Promise<unknown> {
    const { clock, createId, onAbort } = this.#options
    if (this.#isClosed) return Promise.reject(closed())
    if (this.#waiting.size >= maxCalls) {
      return Promise.reject(new ChatError('UNAVAILABLE', `${maxCalls} requests are without an answer already`))
    }
    return inTime(clock, signal, (resolve, reject) => {
      const id = createId()
      const end = (outcome: Outcome): void => ('error' in outcome ? reject(outcome.error) : resolve(outcome.payload))
      const call: Waiting = { id, method, args, signal, end, wasSaid: false, isAccepted: false }
      this.#waiting.set(id, call)
      this.#run(call)
      return () => {
        if (this.#waiting.delete(id)) onAbort(id)
      }
    })
  }

  accepted(id: string): void {
    const call = this.#waiting.get(id)
    if (call) call.isAccepted = true
  }

  /** This tab hears nothing from here on: that a leader has begun what was said to it would be missed. */
  leave(): void {
    for (const call of this.#waiting.values()) call.isAccepted ||= call.wasSaid
  }

  settle(id: string, outcome: Outcome): void {
    const call = this.#waiting.get(id)
    this.#waiting.delete(id)
    call?.end(outcome)
  }

  /** The leader came to it too late, and has not begun it. */
  again(id: string): void {
    const call = this.#waiting.get(id)
    if (call && !call.isAccepted) this.#run(call)
  }

  /** Another leader is there. */
  runAgain(): void {
    this.#cancelLate?.()
    const unclear: Waiting[] = []
    for (const call of this.#waiting.values()) {
      if (changesNothing(call) || !call.wasSaid) {
        call.isAccepted = false
        this.#run(call)
      } else {
        unclear.push(call)
      }
    }
    // That the leader before has begun them may still be on its way.
    this.#cancelLate = this.#options.clock.after(lateMilliseconds, () => {
      for (const call of unclear) this.#runUnlessAccepted(call)
    })
  }

  #runUnlessAccepted(call: Waiting): void {
    if (this.#waiting.get(call.id) !== call) return
    if (!call.isAccepted) this.#run(call)
    else this.settle(call.id, { error: new ChatError('OFFLINE', 'the tab that had the connection went away') })
  }

  close(): void {
    this.#cancelLate?.()
    this.#isClosed = true
    for (const id of this.#waiting.keys()) this.settle(id, { error: closed() })
  }

  #run(call: Waiting): void {
    call.wasSaid = true
    try {
      this.#options.run(call)
    } catch (cause) {
      this.settle(call.id, { error: new ChatError('BAD_USER_INPUT', 'the variables cannot be copied', { cause }) })
    }
  }
}

const changesNothing = ({ method, args }: Call): boolean => method === 'request' && /^\s*query\b/.test(String(args[0]))
