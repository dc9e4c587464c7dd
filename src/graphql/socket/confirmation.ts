import type { App } from '../../domain/app.ts'
import { confirmPositions, reachedPositions, type ReachedPosition } from '../../domain/realtime/delivered-position.ts'
import type { OpenStream } from '../subscriptions/open-subscription.ts'

/** The time between two pings in a steady flow, in milliseconds. */
const paceMilliseconds = 950

/** The longest that a frame waits for its ping, in milliseconds. The promise is a second. */
const waitMilliseconds = 980

/** While a ping is outstanding none is due. 25 days by the clock of pings: a larger number would be an object of its own. */
const never = 2 ** 31 - 1

const none: readonly ReachedPosition[] = []

interface ConfirmedSession {
  readonly connection: {
    /** Whether shared frames were written after the last ping. */
    readonly isUnconfirmed: boolean
    flushNow(): void
    schedulePing(at: number): void
    sendPing(now: number): void
  }
  readonly streams: readonly OpenStream[]
}

/** Whole milliseconds of the clock that pings are due by. */
export const pingClock = (): number => Math.floor(performance.now())

/**
 * Learns what a client has provably received. A ping of graphql-transport-ws follows the frames that it confirms; TCP keeps the order, and
 * the client's own code answers, so the answer confirms every frame before the ping. Only one ping is outstanding. In a steady flow a ping
 * shares a write with frames, at a moment that differs by connection: a thousand answers at once would delay the next frames. When no
 * frame comes, the ping is sent alone.
 */
export class Confirmation {
  readonly #app: Pick<App, 'deliveries'>
  readonly #session: ConfirmedSession
  readonly #phase = Math.floor(Math.random() * paceMilliseconds)
  /** Starts anew with each ping; in a steady flow it never fires. */
  #timer: NodeJS.Timeout | undefined
  /** A ping was due to be sent alone while the last one had no answer. */
  #isLate = false
  /** When the last ping was sent. */
  #pingedAt = 0
  /** When the ping after the outstanding one is due. */
  #nextAt = 0
  #outstanding: readonly ReachedPosition[] | undefined
  /** What the last answer confirmed. */
  #confirmed: readonly ReachedPosition[] = none
  #number = 0
  /** What stock clients answer to the outstanding ping. */
  #echo = ''
  /** Whether this client echoes payloads: then only the echo of the outstanding ping counts. */
  #echoes = false
  #otherPings = 0
  #isClosed = false
  /** Called once nothing that was written is unconfirmed. */
  #onAllConfirmed: (() => void) | undefined

  constructor(app: Pick<App, 'deliveries'>, session: ConfirmedSession) {
    this.#app = app
    this.#session = session
  }

  /** How long the outstanding ping has had no answer, in milliseconds; null when there is none. */
  get unansweredMs(): number | null {
    return this.#outstanding ? Math.max(0, pingClock() - this.#pingedAt) : null
  }

  /** The ping to send behind the frames written so far. Undefined while one is outstanding, or when no open stream delivers. */
  nextPing(now: number): string | undefined {
    if (this.#outstanding) return undefined
    const { connection, streams } = this.#session
    this.#isLate = false
    if (this.#timer) this.#timer.refresh()
    else this.#timer = setTimeout(() => this.#onWait(), waitMilliseconds)
    this.#nextAt = now + paceMilliseconds - ((now + this.#phase) % paceMilliseconds)
    const reached = reachedPositions(streams)
    if (reached.length === 0) {
      connection.schedulePing(this.#nextAt)
      return undefined
    }
    connection.schedulePing(never)
    this.#outstanding = reached
    this.#pingedAt = now
    const payload = `{"confirm":${++this.#number}}`
    this.#echo = `{"type":"pong","payload":${payload}}`
    return `{"type":"ping","payload":${payload}}`
  }

  /** No ping was sent for as long as a frame may wait. */
  #onWait(): void {
    this.#timer = undefined
    const { connection } = this.#session
    if (this.#outstanding) this.#isLate = true
    else if (connection.isUnconfirmed) connection.sendPing(pingClock())
  }

  /** Confirms when the message is the exact echo that stock clients send, without parsing it: most messages that a socket reads are. */
  confirmEcho(message: string): boolean {
    const reached = this.#outstanding
    if (!reached || message !== this.#echo) return false
    this.#echoes = true
    this.#confirm(reached)
    return true
  }

  /**
   * Records a ping sent for another purpose: a client that does not echo payloads answers it with a bare pong, which must not confirm.
   */
  onOtherPing(): void {
    this.#otherPings++
  }

  /** Any other pong. */
  onPong(payload: unknown): void {
    const reached = this.#outstanding
    if (!reached) return
    const isEcho = typeof payload === 'object' && payload !== null && 'confirm' in payload
    if (isEcho ? payload.confirm !== this.#number : this.#echoes) return
    if (!isEcho && this.#otherPings > 0) {
      this.#otherPings--
      return
    }
    if (isEcho) this.#echoes = true
    this.#confirm(reached)
  }

  #confirm(reached: readonly ReachedPosition[]): void {
    confirmPositions(this.#app.deliveries, reached, this.#confirmed)
    this.#outstanding = undefined
    this.#confirmed = reached
    const { connection } = this.#session
    connection.schedulePing(this.#nextAt)
    if (this.#onAllConfirmed) this.#confirmRest()
    else if (this.#isLate && connection.isUnconfirmed && !this.#isClosed) connection.sendPing(pingClock())
  }

  /** Has what was written so far confirmed at once, and calls back when it is, or when nothing of it can be. */
  confirmAll(onConfirmed: () => void): void {
    this.#onAllConfirmed = onConfirmed
    if (!this.#outstanding) this.#confirmRest()
  }

  #confirmRest(): void {
    const { connection } = this.#session
    // What waits for the end of this turn would be written with the closing, and be confirmed by nobody.
    connection.flushNow()
    if (connection.isUnconfirmed) connection.sendPing(pingClock())
    if (!this.#outstanding) this.#onAllConfirmed?.()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#app.deliveries.flush()
  }
}
