import { backoffAfter } from '../backoff.ts'
import type { Env } from '../env/types.ts'
import { ChatError } from '../errors.ts'
import type { Document, RequestOptions } from '../graphql/document.ts'
import {
  AppendToMessageDocument,
  CancelMessageDocument,
  FinishMessageDocument,
} from '../graphql/generated/documents.ts'
import type { Message } from '../store/state.ts'

/** What a writer needs: a way to the server, whose errors are ChatErrors, and a clock. */
export interface WriterContext extends Pick<Env, 'clock' | 'random'> {
  readonly request: <Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    options?: RequestOptions,
  ) => Promise<Result>
  /** Milliseconds for which something is tried again. */
  readonly patience: number
  readonly signal: AbortSignal | undefined
}

/** What a text has at most, in UTF-8. */
const maxBytes = 32 * 1024
/** Times that the server may say in a row that the text goes on elsewhere, without taking anything. */
const maxMoves = 10
/** UTF-16 code units that may wait before `append` makes its caller wait. */
const maxUnsent = 4096

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff
const halfPair = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
const passing: ReadonlySet<ChatError['code']> = new Set([
  'OFFLINE',
  'UNAVAILABLE',
  'RATE_LIMITED',
  'INTERNAL_SERVER_ERROR',
])

function bytesOf(text: string): number {
  let bytes = 0
  for (let place = 0; place < text.length; place++) {
    const unit = text.charCodeAt(place)
    // Each half of a pair is two of its four.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3
  }
  return bytes
}

/** Runs something until it succeeds, fails for something that does not pass, or the time for it is over: then it throws what it failed with last. */
export async function persist<Result>(context: WriterContext, run: () => Promise<Result>): Promise<Result> {
  const { clock, random, patience, signal } = context
  const until = clock.now() + patience
  for (let failures = 1; ; failures++) {
    try {
      return await run()
    } catch (error) {
      const isPassing = error instanceof ChatError && passing.has(error.code)
      const wait = isPassing ? backoffAfter(error, failures, random()) : 0
      if (!isPassing || signal?.aborted || clock.now() + wait >= until) throw error
      await new Promise<void>((resolve) => clock.after(wait, resolve))
    }
  }
}

/**
 * Writes the text of one message. It keeps all of it until its end, since a server that dies loses what it had not stored: whatever the server says that
 * it has, the rest is sent again. One piece is under way at a time, and what is appended meanwhile is the next one.
 */
export class TextWriter {
  readonly messageId: string
  readonly #context: WriterContext
  #text: string
  #bytes: number
  /** What the server has of it. */
  #accepted: number
  #sending: Promise<void> | undefined
  #error: unknown
  #isEnded = false
  #moves = 0

  constructor(context: WriterContext, messageId: string, text: string) {
    this.#context = context
    this.messageId = messageId
    this.#text = text
    this.#bytes = bytesOf(text)
    this.#accepted = text.length
  }

  get text(): string {
    return this.#text
  }

  async append(piece: string): Promise<void> {
    if (this.#error) throw this.#error
    if (this.#isEnded) throw new ChatError('CONFLICT', 'the text was ended')
    // Two halves of a pair that come apart are one of four bytes all the same.
    const bytes = this.#bytes + bytesOf(piece)
    if (bytes > maxBytes) {
      throw new ChatError('BAD_USER_INPUT', `the text must not be longer than ${maxBytes} bytes`, { chatCode: 50504 })
    }
    this.#bytes = bytes
    this.#text += piece
    while (this.#text.length - this.#accepted > maxUnsent) await this.#send()
    this.#send().catch(() => {})
  }

  async finish(): Promise<Message> {
    this.#isEnded = true
    for (;;) {
      await this.#send()
      const input = { messageId: this.messageId, offset: this.#text.length }
      const finished = await this.#mutate(FinishMessageDocument, input)
      if (finished) return finished.finishMessage!.message
    }
  }

  /** What waits to be sent is left out. */
  async cancel(): Promise<Message> {
    this.#isEnded = true
    this.#text = this.#text.slice(0, this.#accepted)
    await this.#sending?.catch(() => {})
    const input = { messageId: this.messageId }
    // Without the signal: it may be what ends it.
    const context = { ...this.#context, signal: undefined }
    const { cancelMessage } = await persist(context, () => context.request(CancelMessageDocument, { input }))
    return cancelMessage!.message
  }

  /** Sends what there is. Once it has failed it fails for ever. */
  #send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = undefined))
    return this.#sending
  }

  async #sendAll(): Promise<void> {
    if (this.#error) throw this.#error
    try {
      for (let end = this.#end(); end > this.#accepted; end = this.#end()) {
        const offset = this.#accepted
        const text = this.#text.slice(offset, end).replaceAll(halfPair, '\ufffd')
        const appended = await this.#mutate(AppendToMessageDocument, { messageId: this.messageId, offset, text })
        if (!appended) continue
        this.#accepted = appended.appendToMessage!.length
        this.#moves = 0
      }
    } catch (error) {
      this.#error = error
      throw error
    }
  }

  /** Up to where it can be sent: the second half of a pair may come yet. */
  #end(): number {
    const { length } = this.#text
    return !this.#isEnded && isHigh(this.#text.charCodeAt(length - 1)) ? length - 1 : length
  }

  /** Undefined where the server has another length of the text than was expected: then it goes on from there. */
  async #mutate<Result, Input>(
    document: Document<Result, { readonly input: Input }>,
    input: Input,
  ): Promise<Result | undefined> {
    const { request, signal } = this.#context
    try {
      return await persist(this.#context, () => request(document, { input }, { signal }))
    } catch (error) {
      const { currentOffset } = error instanceof ChatError ? error : {}
      // Somebody else has written more than this one knows.
      const isWrong = currentOffset === undefined || currentOffset > this.#text.length
      if (isWrong || (this.#moves += 1) > maxMoves) throw error
      this.#accepted = currentOffset
      return undefined
    }
  }
}
