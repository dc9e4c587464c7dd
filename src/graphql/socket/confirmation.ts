import type { App } from '../../domain/app.ts'
import type { Subscriber } from '../../domain/realtime/group.ts'
import type { Progress } from '../../domain/realtime/progress.ts'
import type { DeliveryMove } from '../../store/delivery.ts'
import type { Frame } from '../subscriptions/frame.ts'
import type { OpenStream } from '../subscriptions/open-subscription.ts'

/** The time between two pings in a steady flow, in milliseconds. */
const paceMilliseconds = 950

/** The most that a frame waits for its ping, in milliseconds. The promise is a second. */
const waitMilliseconds = 980

/** While a ping is outstanding none is due. 25 days by the clock of pings: a number beyond would be an object of its own. */
const never = 2 ** 31 - 1

const none: readonly Reached[] = []

/** How far a delivery has come, and whether it has gone back since. */
interface Reached extends DeliveryMove {
  readonly progress: Progress
  readonly returns: number
}

interface ConfirmedSession {
  readonly connection: { pingDueAt: number; isUnconfirmed: boolean; sendText(message: string): void }
  readonly streams: readonly OpenStream[]
}

/** Milliseconds, whole ones, of the clock that pings are due by. */
export const pingClock = (): number => Math.floor(performance.now())

/**
 * Moves delivery positions by what a client has provably received. A ping of graphql-transport-ws goes out after the frames
 * it is for; TCP keeps the order, and the client's own code answers it, so the answer confirms every frame before. One
 * ping at a time. In a steady flow pings ride on frames, in the same write, each connection at its own time: the answers of a
 * thousand that come at once would hold up the next frames. When no frame comes that they could ride on, they follow by
 * themselves.
 */
export class Confirmation {
  readonly #app: App
  readonly #session: ConfirmedSession
  readonly #phase = Math.floor(Math.random() * paceMilliseconds)
  /** Runs from each ping on; a steady flow sets it back again and again. */
  #timer: NodeJS.Timeout | undefined
  /** The time for a ping alone has come while the last one had no answer. */
  #isLate = false
  /** When the ping after the outstanding one may ride. */
  #nextAt = 0
  #outstanding: readonly Reached[] | undefined
  /** What the last answer confirmed. */
  #confirmed: readonly Reached[] = none
  #number = 0
  /** What stock clients say to the ping that is outstanding. */
  #echo = ''
  /** Whether this client sends a ping's payload back: then only such an answer counts, and none it sends unasked. */
  #echoes = false
  #otherPings = 0
  #isClosed = false

  constructor(app: App, session: ConfirmedSession) {
    this.#app = app
    this.#session = session
  }

  /** The ping to leave behind shared frames, in the same write. Undefined when one is outstanding, or nothing that is open delivers. */
  nextPing(now: number): string | undefined {
    if (this.#outstanding) return undefined
    const { connection } = this.#session
    connection.isUnconfirmed = false
    this.#isLate = false
    if (this.#timer) this.#timer.refresh()
    else this.#timer = setTimeout(() => this.#onWait(), waitMilliseconds)
    this.#nextAt = now + paceMilliseconds - ((now + this.#phase) % paceMilliseconds)
    const reached = this.#reached()
    if (reached.length === 0) {
      connection.pingDueAt = this.#nextAt
      return undefined
    }
    connection.pingDueAt = never
    this.#outstanding = reached
    const payload = `{"confirm":${++this.#number}}`
    this.#echo = `{"type":"pong","payload":${payload}}`
    return `{"type":"ping","payload":${payload}}`
  }

  /** No ping has left for as long as a frame may wait. */
  #onWait(): void {
    this.#timer = undefined
    if (this.#outstanding) this.#isLate = true
    else if (this.#session.connection.isUnconfirmed) this.#follow()
  }

  #follow(): void {
    const ping = this.nextPing(pingClock())
    if (ping !== undefined) this.#session.connection.sendText(ping)
  }

  /** How far each delivery has come, to each channel's member once. */
  #reached(): readonly Reached[] {
    const moves: Reached[] = []
    for (const stream of this.#session.streams) {
      for (const subscriber of stream.subscribers()) moves.push(moveOf(subscriber))
    }
    return this.#session.streams.length > 1 ? lowestOfEach(moves) : moves
  }

  /** Whether a message is the answer of a stock client, letter by letter: most that a socket reads are. */
  confirmEcho(message: string): boolean {
    const reached = this.#outstanding
    if (!reached || message !== this.#echo) return false
    this.#echoes = true
    this.#confirm(reached)
    return true
  }

  /** A ping that is no part of this was sent. A client that sends no payload back answers it with what could be for one of ours. */
  onOtherPing(): void {
    this.#otherPings++
  }

  /** Any other answer. */
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

  #confirm(reached: readonly Reached[]): void {
    for (const [at, move] of reached.entries()) {
      // What was received before its reader went back is to be received again.
      if (move.progress.returns !== move.returns) continue
      if (isMoved(move, this.#confirmed[at])) this.#app.deliveries.move(move)
    }
    this.#outstanding = undefined
    this.#confirmed = reached
    const { connection } = this.#session
    connection.pingDueAt = this.#nextAt
    if (this.#isLate && connection.isUnconfirmed && !this.#isClosed) this.#follow()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#app.deliveries.flush()
  }
}

/** Added messages alone say nothing about other changes: their stream leaves `seq` where it is. */
function moveOf({ progress, delivery }: Subscriber<Frame>): Reached {
  const { channelId, memberId, deviceId, everything } = delivery!
  return {
    channelId,
    memberId,
    deviceId,
    index: progress.index,
    seq: everything ? progress.seq : 0,
    progress,
    returns: progress.returns,
  }
}

/** When a channel goes, what was confirmed of those behind it stands in another place: it is written once more, where it is. */
function isMoved({ memberId, index, seq }: DeliveryMove, known: DeliveryMove | undefined): boolean {
  return known?.memberId !== memberId || index !== known.index || seq !== known.seq
}

/** The lowest position among the open operations that deliver the same: what one of them has not received is not delivered. */
function lowestOfEach(moves: readonly Reached[]): readonly Reached[] {
  const byMember = new Map<string, Reached>()
  for (const move of moves) {
    const other = byMember.get(move.memberId)
    byMember.set(move.memberId, other ? lowest(other, move) : move)
  }
  return [...byMember.values()]
}

function lowest(one: Reached, other: Reached): Reached {
  const seqs = [one.seq, other.seq].filter((seq) => seq > 0)
  return { ...one, index: Math.min(one.index, other.index), seq: seqs.length > 0 ? Math.min(...seqs) : 0 }
}
