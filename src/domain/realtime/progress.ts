import type { Position } from '../../model/cursor.ts'
import type { DurableEvent } from '../../model/event.ts'

/**
 * The position that a feed or a subscriber has reached in a channel. Messages count by their index, all other changes by `seq`; the two differ
 * while catching up, where messages come first and in their latest state.
 */
export class Progress {
  index: number
  seq: number
  /** How often it went back because the database did. */
  returns = 0
  /**
   * The `seq` of messages seen in a state newer than `seq`, by index: catching up read them after they were edited. Older events of them are
   * stale.
   */
  #ahead: Map<number, number> | undefined

  constructor(from: Position) {
    this.index = from.index
    this.seq = from.seq
  }

  get position(): Position {
    return { index: this.index, seq: this.seq }
  }

  /** Whether messages were seen in a state newer than the position. */
  get isAhead(): boolean {
    return this.#ahead !== undefined
  }

  sawAhead(index: number, seq: number): void {
    this.#ahead ??= new Map()
    this.#ahead.set(index, seq)
  }

  isNew(event: DurableEvent): boolean {
    if (event.type === 'messageAdded') return event.message.index > this.index
    if (event.seq <= this.seq) return false
    return this.#ahead === undefined || !('message' in event) || event.seq > (this.#ahead.get(event.message.index) ?? 0)
  }

  goBackTo({ index, seq }: Position): void {
    this.index = index
    this.seq = seq
    this.returns++
    this.#ahead = undefined
  }

  moveTo(index: number, seq: number): void {
    if (index > this.index) this.index = index
    if (seq <= this.seq) return
    this.seq = seq
    if (this.#ahead === undefined) return
    for (const [ahead, aheadSeq] of this.#ahead) if (aheadSeq <= seq) this.#ahead.delete(ahead)
    if (this.#ahead.size === 0) this.#ahead = undefined
  }
}
