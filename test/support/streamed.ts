import assert from 'node:assert/strict'
import { expect } from 'vitest'
import {
  AppendToMessageDocument,
  CancelMessageDocument,
  FinishMessageDocument,
  type StreamedTextsSubscription,
} from '../../schema/generated/graphql.ts'
import type { Caller } from './kit.ts'

type Event = StreamedTextsSubscription['events']

/** The writer of the text of one message. */
export class Writer {
  readonly caller: Caller
  readonly messageId: string
  length: number

  constructor(caller: Caller, id: string, body: string) {
    this.caller = caller
    this.messageId = id
    this.length = body.length
  }

  async append(text: string, offset = this.length) {
    const input = { messageId: this.messageId, offset, text }
    const { appendToMessage } = await this.caller.request(AppendToMessageDocument, { input })
    this.length = appendToMessage.length
    return appendToMessage
  }

  async finish(offset?: number) {
    const input = { messageId: this.messageId, offset }
    return (await this.caller.request(FinishMessageDocument, { input })).finishMessage.message
  }

  async cancel() {
    const input = { messageId: this.messageId }
    return (await this.caller.request(CancelMessageDocument, { input })).cancelMessage.message
  }
}

/** A writer that goes through several servers, and the naive model of what it has written. */
export class ModelWriter {
  readonly #callers: readonly Caller[]
  readonly #messageId: string
  text = ''
  /** So much of it is stored. */
  #durable = 0

  constructor(callers: readonly Caller[], messageId: string) {
    this.#callers = callers
    this.#messageId = messageId
  }

  async #ask(at: number, offset: number, text: string) {
    return this.#callers[at]!.ask(AppendToMessageDocument, { input: { messageId: this.#messageId, offset, text } })
  }

  async append(at: number, piece: string): Promise<void> {
    for (let rest = piece; ;) {
      const { data, errors } = await this.#ask(at, this.text.length, rest)
      if (data?.appendToMessage) {
        this.text += rest
        assert.equal(data.appendToMessage.length, this.text.length)
        this.#durable = data.appendToMessage.durableOffset
        return
      }
      // Its owner has lost some of it: the writer sends that again.
      const { code, currentOffset } = errors![0]!.extensions
      assert.equal(code, 'CONFLICT')
      assert(currentOffset !== undefined && currentOffset >= this.#durable && currentOffset < this.text.length)
      rest = this.text.slice(currentOffset) + piece
      this.text = this.text.slice(0, currentOffset)
    }
  }

  /** Beyond the text. */
  async miss(at: number, off: number): Promise<void> {
    const { errors } = await this.#ask(at, this.text.length + off, 'x')
    assert.equal(errors?.[0]?.extensions.code, 'CONFLICT')
  }
}

export async function begin(caller: Caller, channelId: string, body = '', more = {}): Promise<Writer> {
  return new Writer(caller, (await caller.send(channelId, body, { isStreaming: true, ...more })).id, body)
}

export interface Seen {
  readonly text: string
  readonly state: string | null | undefined
  readonly pieces: readonly string[]
}

/** What a client makes of events: it puts together the texts of messages, and finds each final (P14). */
export function seenOf(events: readonly { readonly events: Event }[], before = new Map<string, Seen>()) {
  const seen = new Map(before)
  for (const { events: event } of events) see(seen, event)
  return seen
}

function see(seen: Map<string, Seen>, event: Event): void {
  if (event.__typename === 'MessageAppended') {
    const { text, state, pieces } = seen.get(event.messageId)!
    const whole = text.slice(0, event.offset) + event.text
    expect(whole.isWellFormed()).toBe(true)
    seen.set(event.messageId, { text: whole, state, pieces: [...pieces, `${event.offset} ${event.text}`] })
  } else if (event.__typename === 'MessageAdded') {
    const { id, body: text, streamState: state } = event.message
    seen.set(id, { text, state, pieces: [] })
  } else if (event.__typename === 'MessageUpdated') {
    const { id, body: text } = event.message
    seen.set(id, { ...seen.get(id)!, text })
  } else if (event.__typename === 'MessageFinished') {
    const { id, body, streamState: state } = event.message
    const known = seen.get(id)!
    expect(known.text).toBe(body)
    seen.set(id, { ...known, state })
  } else if (event.__typename === 'MessageRemoved') seen.delete(event.message.id)
}
