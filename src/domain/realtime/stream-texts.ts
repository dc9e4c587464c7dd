import type { MessageAppendedEvent, TextHint } from '../../model/event.ts'
import type { Message } from '../../model/message.ts'
import type { MessageId } from '../../model/sid.ts'
import { differenceOf } from '../../model/text-difference.ts'

interface KnownText {
  readonly index: number
  /** Of the last piece. */
  epoch: number
  number: number
  text: string
  /** What was emitted of it; undefined before its message was. */
  emitted: string | undefined
  /** Something is missing, and was asked for. */
  isAsked: boolean
}

/** Texts as readers know them, by message. */
export type ReadTexts = ReadonlyMap<MessageId, string>

export const noTexts: ReadTexts = new Map()

/** Messages whose pieces may still come though their texts have ended: of an owner that does not know it yet. */
const maxEnded = 100

/** Below that of every piece. */
const nothing = { epoch: 0, number: -1 }

/**
 * The texts of one channel that are being written, as this process knows them. Pieces come as hints: an older one is dropped, and one that leaves something out
 * makes the feed ask for the whole text, as does a new owner's that does not begin anew. Nothing is stored here.
 */
export class StreamTexts {
  readonly #byId = new Map<MessageId, KnownText>()
  readonly #ended = new Set<MessageId>()
  readonly #emit: (event: MessageAppendedEvent) => void
  /** Called when something is missing of a text. */
  readonly #ask: (messageId: MessageId) => void

  constructor(emit: (event: MessageAppendedEvent) => void, ask: (messageId: MessageId) => void) {
    this.#emit = emit
    this.#ask = ask
  }

  /** `throughIndex` is that of the newest message which the feed has emitted. */
  take({ messageId, index, epoch, number, offset, text }: TextHint, throughIndex: number): void {
    if (this.#ended.has(messageId)) return
    const known = this.#byId.get(messageId) ?? { ...nothing, index, text: '', emitted: undefined, isAsked: false }
    this.#byId.set(messageId, known)
    if (epoch < known.epoch || (epoch === known.epoch && number <= known.number)) return
    const isNext = epoch === known.epoch && number === known.number + 1 && offset <= known.text.length
    if (offset > 0 && !isNext) return this.#askFor(messageId, known)
    known.epoch = epoch
    known.number = number
    known.text = known.text.slice(0, offset) + text
    known.isAsked = false
    if (index <= throughIndex) this.#emitText(messageId, known)
  }

  #askFor(messageId: MessageId, known: KnownText): void {
    if (known.isAsked) return
    known.isAsked = true
    this.#ask(messageId)
  }

  /** Whether something of a text is missing. */
  isAsked(messageId: MessageId): boolean {
    return this.#byId.get(messageId)?.isAsked ?? false
  }

  /** What the store has of a text, when its owner has not answered: it is shown, and the next piece asks again. */
  restore(messageId: MessageId, stored: { readonly epoch: number; readonly text: string } | undefined): void {
    const known = this.#byId.get(messageId)
    if (!known) return
    known.isAsked = false
    if (!stored || stored.epoch < known.epoch) return
    if (stored.epoch === known.epoch && stored.text.length <= known.text.length) return
    known.epoch = stored.epoch
    known.number = nothing.number
    known.text = stored.text
    if (known.emitted !== undefined) this.#emitText(messageId, known)
  }

  /** The message was emitted: from now on its text may be. */
  begin({ id, streamState }: Message): void {
    const known = streamState === 'streaming' ? this.#byId.get(id) : undefined
    if (known) this.#emitText(id, known)
  }

  #emitText(messageId: MessageId, known: KnownText): void {
    const { index, emitted, text: whole } = known
    known.emitted = whole
    const difference = emitted === undefined ? { offset: 0, text: whole } : differenceOf(emitted, whole)
    if (difference) this.#emit({ type: 'messageAppended', messageId, index, ...difference, whole })
  }

  /** To be called before the end of a text is emitted: makes what readers have the final text. */
  end({ id, index, body: whole }: Message): void {
    const emitted = this.#byId.get(id)?.emitted
    this.delete(id)
    const difference = emitted === undefined ? { offset: 0, text: whole } : differenceOf(emitted, whole)
    if (difference) this.#emit({ type: 'messageAppended', messageId: id, index, ...difference, whole })
  }

  delete(messageId: MessageId): void {
    this.#byId.delete(messageId)
    this.#ended.add(messageId)
    if (this.#ended.size > maxEnded) this.#ended.delete(this.#ended.values().next().value!)
  }

  deleteBelow(firstIndex: number): void {
    for (const [id, { index }] of this.#byId) if (index < firstIndex) this.delete(id)
  }

  clear(): void {
    this.#byId.clear()
  }

  get emitted(): ReadTexts {
    if (this.#byId.size === 0) return noTexts
    return new Map(
      Array.from(this.#byId).flatMap(([id, { emitted }]) => (emitted === undefined ? [] : [[id, emitted]])),
    )
  }

  /** What leads a reader from the texts that it knows to others, of those that are still being written. */
  since(known: ReadTexts, now: ReadTexts): readonly MessageAppendedEvent[] {
    const events: MessageAppendedEvent[] = []
    for (const [messageId, { index }] of this.#byId) {
      const whole = now.get(messageId)
      if (whole === undefined) continue
      const before = known.get(messageId)
      const difference = before === undefined ? { offset: 0, text: whole } : differenceOf(before, whole)
      if (difference) events.push({ type: 'messageAppended', messageId, index, ...difference, whole })
    }
    return events
  }
}
