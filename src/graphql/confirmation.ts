import type { App } from '../app.ts'
import type { Subscriber } from '../domain/group.ts'
import type { DeliveryMove } from '../store/delivery.ts'
import type { Connection } from './connection.ts'
import type { OpenStream } from './fanout.ts'
import type { Frame } from './frame.ts'

/** The least time between two pings, and so the most that a frame waits for its own, in milliseconds. The promise is a second. */
const pingMilliseconds = 900

/**
 * Moves delivery positions by what a client has provably received. A ping of graphql-transport-ws goes out after the frames
 * it is for; TCP keeps the order, and the client's own code answers it, so the answer confirms every frame before. One
 * ping at a time.
 */
export class Confirmation {
  readonly #app: App
  readonly #connection: Connection
  readonly #streams: ReadonlySet<OpenStream>
  #timer: NodeJS.Timeout | undefined
  #isDue = false
  #notBefore = 0
  #outstanding: Map<string, DeliveryMove> | undefined
  #number = 0
  /** Whether this client sends a ping's payload back: then only such an answer counts, and none it sends unasked. */
  #echoes = false
  #isClosed = false

  constructor(app: App, connection: Connection, streams: ReadonlySet<OpenStream>) {
    this.#app = app
    this.#connection = connection
    this.#streams = streams
  }

  /**
   * Something was written that may have to be confirmed. The first ping after a while goes out in the same turn, and so in
   * the same write as the frame; those after it wait.
   */
  wrote(): void {
    if (this.#isDue || this.#timer !== undefined || this.#outstanding || this.#isClosed) return
    const wait = this.#notBefore - Date.now()
    if (wait > 0) {
      this.#timer = setTimeout(() => this.#ping(), wait)
      return
    }
    this.#isDue = true
    // What is being written counts once its writer has said so, later in this turn.
    queueMicrotask(() => this.#ping())
  }

  #ping(): void {
    this.#timer = undefined
    this.#isDue = false
    if (this.#outstanding || this.#isClosed) return
    const reached = this.#reached()
    if (reached.size === 0) return
    this.#outstanding = reached
    this.#notBefore = Date.now() + pingMilliseconds
    this.#connection.sendText(JSON.stringify({ type: 'ping', payload: { confirm: ++this.#number } }))
  }

  /**
   * For each channel and device the lowest position among the open operations that deliver it: what one of them has not
   * received is not delivered.
   */
  #reached(): Map<string, DeliveryMove> {
    const reached = new Map<string, DeliveryMove>()
    for (const stream of this.#streams) {
      for (const subscriber of stream.subscribers()) {
        const move = moveOf(subscriber)
        const key = move.channelId + move.memberId
        const other = reached.get(key)
        reached.set(key, other ? lowest(other, move) : move)
      }
    }
    return reached
  }

  pong(payload: unknown): void {
    const reached = this.#outstanding
    if (!reached) return
    const isEcho = typeof payload === 'object' && payload !== null && 'confirm' in payload
    if (isEcho ? payload.confirm !== this.#number : this.#echoes) return
    if (isEcho) this.#echoes = true
    this.#outstanding = undefined
    for (const move of reached.values()) this.#app.deliveries.move(move)
    if (!this.#isDone(reached)) this.wrote()
  }

  #isDone(confirmed: ReadonlyMap<string, DeliveryMove>): boolean {
    for (const [key, { index, seq }] of this.#reached()) {
      const known = confirmed.get(key)
      if (!known || known.index < index || known.seq < seq) return false
    }
    return true
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

function lowest(one: DeliveryMove, other: DeliveryMove): DeliveryMove {
  const seqs = [one.seq, other.seq].filter((seq) => seq > 0)
  return { ...one, index: Math.min(one.index, other.index), seq: seqs.length > 0 ? Math.min(...seqs) : 0 }
}
