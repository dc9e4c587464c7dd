import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  AppendToMessageDocument,
  CancelMessageDocument,
  FinishMessageDocument,
  SendMessageDocument,
} from '../../schema/generated/graphql.ts'
import type { Answer, Caller } from './caller.ts'

/** `STREAM_SILENCE_SECONDS` of the processes. */
export const silenceSeconds = 8

const alphabet = ['a', ' ', 'é', '\n', '😀', '👩‍👩‍👧', '🇫🇷', 'ﬁ', '漢', '👍🏽']

/** A text as its writer knows it. */
export interface KnownText {
  readonly id: string
  written: string
  /** So much of it was answered to be stored. */
  durable: number
  /** As the server has answered that it ended; undefined while it is written, or when its writer has left it. */
  ended?: { readonly state: string; readonly body?: string }
  /** The last append that was accepted was asked then. */
  acceptedAt: number
}

interface WriterOptions {
  readonly channelId: string
  readonly caller: Caller
  readonly random: () => number
  /** The number of the text that it does not end. */
  readonly leaves: number
  /** What was not answered is tried again as long as this holds. */
  readonly mayInsist: () => boolean
  readonly accuse: (what: string) => void
}

/** A bot that writes texts while they are read: it keeps each, and sends again what the server has not. */
export class TextWriter {
  readonly texts: KnownText[] = []
  readonly #options: WriterOptions

  constructor(options: WriterOptions) {
    this.#options = options
  }

  /** Writes one text. One it leaves silent, and of four it cancels one. */
  async write(mayLeave: () => boolean): Promise<void> {
    const { random } = this.#options
    const number = this.texts.length
    const text = await this.#begin()
    if (!text) return
    for (let pieces = 4 + random() * 16; pieces > 0 && !text.ended; pieces--) {
      const offset = text.written.length
      text.written += this.#piece()
      if (!(await this.#append(text, offset))) return
      await delay(random() * 200)
    }
    if (number === this.#options.leaves && mayLeave()) return
    if (!text.ended) await this.#end(text, number % 4 === 3)
  }

  #piece(): string {
    const { random } = this.#options
    return Array.from({ length: 1 + random() * 8 }, () => alphabet[Math.floor(random() * alphabet.length)]).join('')
  }

  /** Asks until it is answered. Undefined when it never was. */
  async #insist<Data>(
    ask: () => Promise<Answer<Data>>,
  ): Promise<Exclude<Answer<Data>, { kind: 'unknown' }> | undefined> {
    const { mayInsist, random, accuse } = this.#options
    do {
      const answer = await ask()
      if (answer.kind !== 'unknown') return answer
      await delay(50 + random() * 200)
    } while (mayInsist())
    accuse('a text was never answered')
    return undefined
  }

  async #begin(): Promise<KnownText | undefined> {
    const { channelId, caller, accuse } = this.#options
    const written = this.#piece()
    const input = { channelId, body: written, isStreaming: true, clientMessageId: randomUUID() }
    const acceptedAt = performance.now()
    const answer = await this.#insist(() => caller.ask(SendMessageDocument, { input }))
    if (answer?.kind === 'refused') accuse(`a text that begins answered ${answer.code}`)
    if (answer?.kind !== 'data') return undefined
    const text = { id: answer.data.sendMessage.message.id, written, durable: written.length, acceptedAt }
    this.texts.push(text)
    return text
  }

  /** Writes all that there is from an offset, or from where the server says. Answers whether it did, or learned that the text has ended. */
  async #append(text: KnownText, from: number): Promise<boolean> {
    const { caller, accuse } = this.#options
    for (let offset = from; offset < text.written.length;) {
      const input = { messageId: text.id, offset, text: text.written.slice(offset) }
      let askedAt = 0
      const answer = await this.#insist(() => {
        askedAt = performance.now()
        return caller.ask(AppendToMessageDocument, { input })
      })
      if (!answer) return false
      if (answer.kind === 'data') {
        const { length, durableOffset } = answer.data.appendToMessage
        if (length !== text.written.length) accuse(`an append answered ${length} of ${text.written.length}`)
        if (durableOffset < text.durable) accuse(`${text.durable} were stored, and then ${durableOffset}`)
        text.durable = Math.max(text.durable, durableOffset)
        text.acceptedAt = askedAt
        return true
      }
      const goesOn = this.#goOn(text, answer)
      if (goesOn === undefined) return text.ended !== undefined
      offset = goesOn
    }
    return true
  }

  /** Where a text goes on after a conflict. Undefined when it does not. */
  #goOn(
    text: KnownText,
    { code, currentOffset, streamState }: Answer<never> & { kind: 'refused' },
  ): number | undefined {
    const { accuse } = this.#options
    if (currentOffset !== undefined) {
      if (currentOffset < text.durable) accuse(`${currentOffset} are left of ${text.durable} that were stored`)
      if (currentOffset > text.written.length) accuse(`a text has ${currentOffset} of ${text.written.length}`)
      return currentOffset
    }
    // Only one that nobody could write to for so long.
    const wasSilent = performance.now() - text.acceptedAt > silenceSeconds * 1000
    if (streamState === 'INTERRUPTED' && wasSilent) text.ended = { state: streamState }
    else accuse(`a text that is written answered ${code} ${streamState}`)
    return undefined
  }

  async #end(text: KnownText, isCancelled: boolean): Promise<void> {
    const { caller, accuse } = this.#options
    const input = { messageId: text.id }
    for (;;) {
      const answer = await this.#insist<{
        readonly message: { readonly body: string; readonly streamState?: string | null }
      }>(async () => {
        if (isCancelled) {
          const cancelled = await caller.ask(CancelMessageDocument, { input })
          return cancelled.kind === 'data' ? { kind: 'data', data: cancelled.data.cancelMessage } : cancelled
        }
        const offset = text.written.length
        const finished = await caller.ask(FinishMessageDocument, { input: { ...input, offset } })
        return finished.kind === 'data' ? { kind: 'data', data: finished.data.finishMessage } : finished
      })
      if (!answer) return
      if (answer.kind === 'data') {
        const { body, streamState } = answer.data.message
        text.ended = { state: streamState!, body }
        if (streamState !== (isCancelled ? 'CANCELLED' : 'COMPLETED')) accuse(`a text ended as ${streamState}`)
        if (!isCancelled && body !== text.written) accuse('a text was finished with another one')
        return
      }
      const goesOn = this.#goOn(text, answer)
      if (goesOn === undefined || !(await this.#append(text, goesOn)) || text.ended) return
    }
  }
}

/** What is wrong with how a text is stored. */
export function auditText({ written, durable, ended }: KnownText, state: string, body: string): string[] {
  const faults: string[] = []
  const due = ended?.state ?? 'INTERRUPTED'
  if (state !== due) faults.push(`is ${state}, not ${due}`)
  if (state === 'COMPLETED' && body !== written) faults.push(`is not what its writer finished it with`)
  if (ended?.body !== undefined && body !== ended.body) faults.push('is not what was answered at its end')
  if (!written.startsWith(body)) faults.push('was written by nobody')
  if (body.length < durable) faults.push(`has ${body.length} of ${durable} that were stored`)
  return faults
}
