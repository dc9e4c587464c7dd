import type { App } from '../app.ts'
import type { Subscriber } from '../domain/group.ts'
import type { DeliveryMove } from '../store/delivery.ts'
import type { OpenStream } from './fanout.ts'
import type { Frame } from './frame.ts'

/** The least time between two pings in a steady flow, in milliseconds. */
const paceMilliseconds = 950

/** The most that a frame waits for its ping, in milliseconds. The promise is a second. */
const waitMilliseconds = 980

interface ConfirmedSession {
  readonly connection: { isPingDue: boolean; sendText(message: string): void }
  readonly streams: readonly OpenStream[]
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
  /** Whole milliseconds: a timer cuts off the rest, and would come before its time. */
  readonly #phase = Math.floor(Math.random() * paceMilliseconds)
  #timer: NodeJS.Timeout | undefined
  #pingedAt = 0
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
   * The ping to leave behind shared frames, in the same write, when `isPingDue`. When there are no more frames to ride on, it follows
   * by itself. Undefined when nothing that is open delivers.
   */
  takePing(): string | undefined {
    clearTimeout(this.#timer)
    const now = Date.now()
    this.#pingedAt = now
    this.#session.connection.isPingDue = false
    const untilNext = paceMilliseconds - ((now + this.#phase) % paceMilliseconds)
    this.#timer = setTimeout(() => this.#onPace(), untilNext)
    const reached = this.#reached()
    if (reached.size === 0) return undefined
    this.#outstanding = reached
    const payload = `{"confirm":${++this.#number}}`
    this.#echo = `{"type":"pong","payload":${payload}}`
    return `{"type":"ping","payload":${payload}}`
  }

  /** It is time for the next one, or will be when this one is answered. */
  #onPace(): void {
    this.#timer = undefined
    if (this.#outstanding) return
    this.#session.connection.isPingDue = true
    if (!this.#isAnyBeyond()) return
    // What is not confirmed was written right after the last ping at the earliest.
    const left = Math.max(this.#pingedAt + waitMilliseconds - Date.now(), 0)
    this.#timer = setTimeout(() => this.#follow(), left)
  }

  #follow(): void {
    const ping = this.takePing()
    if (ping !== undefined) this.#session.connection.sendText(ping)
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
    if (this.#timer === undefined && !this.#isClosed) this.#onPace()
  }

  #isAnyBeyond(): boolean {
    for (const [key, move] of this.#reached()) if (isBeyond(move, this.#confirmed?.get(key))) return true
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
