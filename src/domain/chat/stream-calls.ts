import { LRUCache } from 'lru-cache'
import { ChatError, errorCodes, type ErrorCode, type ErrorDetails } from '../../model/error.ts'
import { isFlag, isNumber, isText, optional, row, type Check } from '../../model/shape.ts'
import type { ChannelId, MessageId } from '../../model/sid.ts'
import type { ProcessCalls } from '../process-calls.ts'
import type { Appended, HandedOver } from './owned-stream.ts'
import type { StreamOwner } from './stream-owner.ts'

/** A text that another process writes, as far as this one remembers. */
export interface RemoteStream {
  readonly owner: string
  readonly channelId: ChannelId
  readonly messageId: MessageId
  readonly index: number
  readonly author: string
}

/** What one process asks another that owns a text. */
type Question =
  | {
      readonly ask: 'append'
      readonly messageId: MessageId
      readonly offset: number
      readonly text: string
      readonly hasRules: boolean
    }
  | { readonly ask: 'handOver'; readonly messageId: MessageId }
  | { readonly ask: 'owns'; readonly messageId: MessageId }

interface Refusal extends ErrorDetails {
  readonly code: ErrorCode
  readonly message: string
  readonly chatCode: number | undefined
}

/** Nothing of them says that the process does not own the text. */
interface Outcome {
  readonly appended?: Appended | undefined
  /** Nothing was appended, since the text is being ended. */
  readonly isEnding?: boolean | undefined
  readonly owns?: boolean | undefined
  readonly handedOver?: HandedOver | 'ending' | undefined
  readonly refusal?: Refusal | undefined
}

const outcome = row<Outcome>({
  appended: optional(row<Appended>({ length: isNumber, durableOffset: isNumber })),
  isEnding: optional(isFlag),
  owns: optional(isFlag),
  handedOver: optional(
    (value) => value === 'ending' || row<HandedOver>({ epoch: isNumber, text: isText, body: isText })(value),
  ),
  refusal: optional(
    row<Refusal>({
      code: (value) => isText(value) && Object.hasOwn(errorCodes, value as string),
      message: isText,
      chatCode: optional(isNumber),
      field: optional(isText),
      retryAfterMs: optional(isNumber),
      currentVersion: optional(isNumber),
      currentOffset: optional(isNumber),
      streamState: optional(isText),
    }),
  ),
})

const questions: { readonly [Ask in Question['ask']]: Check } = {
  append: row<Omit<Extract<Question, { readonly ask: 'append' }>, 'ask'>>({
    messageId: isText,
    offset: isNumber,
    text: isText,
    hasRules: isFlag,
  }),
  handOver: row({ messageId: isText }),
  owns: row({ messageId: isText }),
}

/**
 * What is appended to a text elsewhere goes to its owner, so that a writer whose requests come to several processes costs no statement for each. A call without
 * an answer may have been done; whoever then takes the text over says where it goes on.
 */
export class StreamCalls {
  readonly #calls: ProcessCalls
  readonly #owner: StreamOwner
  /** Texts of other processes that were appended to here a moment ago. */
  readonly known = new LRUCache<string, RemoteStream>({ max: 1000, ttl: 10_000 })

  constructor(calls: ProcessCalls, owner: StreamOwner) {
    this.#calls = calls
    this.#owner = owner
    for (const [ask, check] of Object.entries(questions))
      calls.onQuestion<Question>(ask as Question['ask'], check, (question) => this.#answer(question))
  }

  /** `ending` where the process is about to end the text; undefined where it does not own it, or does not answer. Throws what an append throws. */
  async append(
    to: string,
    messageId: MessageId,
    offset: number,
    text: string,
    hasRules: boolean,
  ): Promise<Appended | 'ending' | undefined> {
    const outcome = await this.#ask(to, { ask: 'append', messageId, offset, text, hasRules })
    if (outcome?.refusal) {
      const { code, message, chatCode, ...details } = outcome.refusal
      throw new ChatError(code, message, chatCode, details)
    }
    return outcome?.isEnding ? 'ending' : outcome?.appended
  }

  /** Makes a process stop writing a text, and answers all of it; `ending` where that process is about to end it. Undefined as for `append`. */
  async handOver(to: string, messageId: MessageId): Promise<HandedOver | 'ending' | undefined> {
    return (await this.#ask(to, { ask: 'handOver', messageId }))?.handedOver
  }

  /** Whether a process answers that it writes a text: it knows by itself when that falls silent, also where it cannot store it. */
  async owns(to: string, messageId: MessageId): Promise<boolean> {
    return (await this.#ask(to, { ask: 'owns', messageId }))?.owns === true
  }

  async #ask(to: string, question: Question): Promise<Outcome | undefined> {
    return to === this.#owner.id ? undefined : this.#calls.ask<Outcome>(to, question, outcome)
  }

  #answer(question: Question): Outcome {
    const stream = this.#owner.get(question.messageId)
    if (!stream) return {}
    if (question.ask === 'owns') return { owns: true }
    if (question.ask === 'handOver') return { handedOver: this.#owner.handOver(stream) }
    try {
      const appended = this.#owner.append(stream, question.offset, question.text, question.hasRules)
      return appended === 'ending' ? { isEnding: true } : { appended }
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      const { code, message, chatCode, field, currentOffset, streamState } = error
      return { refusal: { code, message, chatCode, field, currentOffset, streamState } }
    }
  }
}
