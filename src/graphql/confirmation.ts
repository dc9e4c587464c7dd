import type { App } from '../app.ts'
import type { Subscriber } from '../domain/group.ts'
import type { DeliveryMove } from '../store/delivery.ts'
import type { OpenStream } from './fanout.ts'
import type { Frame } from './frame.ts'

/** The least time between two pings in a steady flow, in milliseconds. */
const paceMilliseconds = 800

/** The most that a frame waits for its ping, in milliseconds. The promise is a second. */
const waitMilliseconds = 950

interface ConfirmedSession {
  readonly streams: readonly OpenStream[]
  send(message: string): void
}

/**
 * Moves delivery positions by what a client has provably received. A ping of graphql-transport-ws goes out after the frames
 * it is for; TCP keeps the order, and the client's own code answers it, so the answer confirms every frame before. One
 * ping at a time. In a steady flow pings ride on frames, in the same write, each connection at its own time: the answers of a
 * thousand that come at once would hold up the next frames.
 */
export class Confirmation {
  readonly #app: App
  readonly #session: ConfirmedSession
  #timer: NodeJS.Timeout | undefined
  readonly #phase = Math.random() * paceMilliseconds
  #pingedAt = 0
  #rideAt = 0
  #outstanding: ReadonlyMap<string, DeliveryMove> | undefined
  /** What the last answer confirmed. */
  #confirmed: ReadonlyMap<string, DeliveryMove> | undefined
  #number = 0
  /** What stock clients say to the ping that is outstanding. */
  #echo = ''
  /** Whether this client sends a ping's payload back: then only such an answer counts, and none it sends unasked. */
  #echoes = false
  #isClosed = false

  constructor(app: App, session: ConfirmedSession) {
    this.#app = app
    this.#session = session
  }

  /**
   * To be asked when frames leave that may have to be confirmed: the ping to leave behind them, in the same write. When it is not
   * the time for one, it follows by itself.
   */
  rider(): string | undefined {
    if (this.#outstanding || this.#isClosed) return undefined
    if (Date.now() >= this.#rideAt) return this.#nextPing()
    this.#timer ??= setTimeout(() => this.#follow(), waitMilliseconds)
    return undefined
  }

  #follow(): void {
    const ping = this.#outstanding || this.#isClosed ? undefined : this.#nextPing()
    if (ping !== undefined) this.#session.send(ping)
  }

  /** Undefined when nothing that is open delivers. */
  #nextPing(): string | undefined {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const reached = this.#reached()
    if (reached.size === 0) return undefined
    this.#outstanding = reached
    this.#pingedAt = Date.now()
    this.#rideAt = this.#pingedAt + paceMilliseconds - ((this.#pingedAt + this.#phase) % paceMilliseconds)
    const payload = `{"confirm":${++this.#number}}`
    this.#echo = `{"type":"pong","payload":${payload}}`
    return `{"type":"ping","payload":${payload}}`
  }

  /**
   * For each channel and device the lowest position among the open operations that deliver it: what one of them has not
   * received is not delivered.
   */
  #reached(): Map<string, DeliveryMove> {
    const reached = new Map<string, DeliveryMove>()
    for (const stream of this.#session.streams) {
      for (const subscriber of stream.subscribers()) {
        const move = moveOf(subscriber)
        const key = move.channelId + move.memberId
        const other = reached.get(key)
        reached.set(key, other ? lowest(other, move) : move)
      }
    }
    return reached
  }

  /** Whether a message is the answer of a stock client, letter by letter: most that a socket reads are. */
  takeEcho(message: string): boolean {
    const reached = this.#outstanding
    if (!reached || message !== this.#echo) return false
    this.#echoes = true
    this.#confirm(reached)
    return true
  }

  /** Any other answer. */
  pong(payload: unknown): void {
    const reached = this.#outstanding
    if (!reached) return
    const isEcho = typeof payload === 'object' && payload !== null && 'confirm' in payload
    if (isEcho ? payload.confirm !== this.#number : this.#echoes) return
    if (isEcho) this.#echoes = true
    this.#confirm(reached)
  }

  #confirm(reached: ReadonlyMap<string, DeliveryMove>): void {
    for (const [key, move] of reached) if (isBeyond(move, this.#confirmed?.get(key))) this.#app.deliveries.move(move)
    this.#outstanding = undefined
    this.#confirmed = reached
    if (this.#isClosed || !this.#isAnyBeyond(reached)) return
    // Written while the answer was on its way, at the earliest right after the ping.
    const left = Math.max(this.#pingedAt + waitMilliseconds - Date.now(), 0)
    this.#timer ??= setTimeout(() => this.#follow(), left)
  }

  #isAnyBeyond(confirmed: ReadonlyMap<string, DeliveryMove>): boolean {
    for (const [key, move] of this.#reached()) if (isBeyond(move, confirmed.get(key))) return true
    return false
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#app.deliveries.flush()
  }
}

/** Added messages alone say nothing about other changes: their stream leaves `seq` where it is. */
function moveOf({ progress, delivery }: Subscriber<Frame>): DeliveryMove {
  const { channelId, memberId, deviceId, everything } = delivery!
  return { channelId, memberId, deviceId, index: progress.index, seq: everything ? progress.seq : 0 }
}

function isBeyond({ index, seq }: DeliveryMove, known: DeliveryMove | undefined): boolean {
  return !known || index > known.index || seq > known.seq
}

function lowest(one: DeliveryMove, other: DeliveryMove): DeliveryMove {
  const seqs = [one.seq, other.seq].filter((seq) => seq > 0)
  return { ...one, index: Math.min(one.index, other.index), seq: seqs.length > 0 ? Math.min(...seqs) : 0 }
}
