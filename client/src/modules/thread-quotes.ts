import { QuotesDocument } from '../graphql/generated/documents.ts'
import type { HandleContext } from '../handles/context.ts'
import { Listeners } from '../listeners.ts'
import type { Change } from '../store/change.ts'
import { mergeAddition, mergeMessages } from '../store/messages.ts'
import type { Message } from '../store/state.ts'

/** Messages that quotes are of and that no list has. */
const maxRead = 500
/** So long more is waited for, in milliseconds: a page has several. */
const gathering = 20
const maxAsked = 50

/** What quotes are of: as it is in the state, or read. */
export class Quotes {
  readonly #context: HandleContext
  /** By the SID of what is quoted; null when it is gone. */
  readonly #read = new Map<string, Message | null>()
  readonly #asked = new Set<string>()
  /** Messages whose quotes are asked for, and such as are to be quoted themselves. */
  readonly #waiting = new Map<string, 'quoting' | 'quoted'>()
  readonly #byId = new WeakMap<readonly Message[], ReadonlyMap<string, Message>>()
  readonly #listeners = new Listeners()

  constructor(context: HandleContext) {
    this.#context = context
    context.store.watch((changes) => this.#apply(changes))
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    const ends = [this.#context.store.subscribe(listener), this.#listeners.add(listener)]
    return () => ends.forEach((end) => end())
  }

  /** Null when it is gone, undefined while it is not known: then it is asked for, by the message that quotes it, where there is one yet. */
  find(channelId: string, quotedId: string, quotingId: string | null): Message | null | undefined {
    const { messages } = this.#context.store.getSnapshot().channels.get(channelId) ?? {}
    const known = messages && this.#ofList(messages).get(quotedId)
    if (known) return known
    const read = this.#read.get(quotedId)
    if (read === undefined) this.#ask(quotingId ?? quotedId, quotingId === null ? 'quoted' : 'quoting')
    return read
  }

  #ofList(messages: readonly Message[]): ReadonlyMap<string, Message> {
    const known = this.#byId.get(messages) ?? new Map(messages.map((message) => [message.id, message]))
    this.#byId.set(messages, known)
    return known
  }

  #ask(id: string, as: 'quoting' | 'quoted'): void {
    if (this.#asked.has(id)) return
    if (this.#asked.size >= maxRead) this.#asked.clear()
    this.#asked.add(id)
    this.#waiting.set(id, as)
    if (this.#waiting.size === 1) this.#context.env.clock.after(gathering, () => void this.#readAll())
  }

  async #readAll(): Promise<void> {
    const asked = [...this.#waiting].slice(0, maxAsked)
    const ids = asked.map(([id]) => id)
    for (const id of ids) this.#waiting.delete(id)
    if (ids.length === 0) return
    const idsOf = (wanted: string): string[] => asked.flatMap(([id, as]) => (as === wanted ? id : []))
    const quotedIds = idsOf('quoted')
    try {
      const { quoting, quoted } = await this.#context.host.request(QuotesDocument, { ids: idsOf('quoting'), quotedIds })
      for (const node of quoting ?? []) {
        const quote = node?.__typename === 'Message' ? node.quote : null
        if (quote) this.#put(quote.messageId, quote.message)
      }
      for (const [at, id] of quotedIds.entries()) {
        const node = quoted?.[at]
        this.#put(id, node?.__typename === 'Message' ? node : null)
      }
      this.#listeners.notify()
    } catch (error) {
      // Asked again where one is shown then.
      for (const id of ids) this.#asked.delete(id)
      this.#context.log.write('debug', 'quotes were not read', error)
    }
    void this.#readAll()
  }

  #put(id: string, message: Message | null): void {
    this.#read.set(id, message)
    if (this.#read.size <= maxRead) return
    this.#read.delete(this.#read.keys().next().value!)
    this.#asked.clear()
  }

  #forget(channelId: string): void {
    for (const [id, message] of this.#read) if (!message || message.channelId === channelId) this.#read.delete(id)
    this.#asked.clear()
  }

  /** What was read follows what happens, though no list has it. */
  #apply(changes: readonly Change[]): void {
    for (const change of changes) {
      // What has changed meanwhile is not heard of: it is read anew where it is shown.
      if (change.kind === 'reset') this.#forget(change.channelId)
      for (const [id, message] of this.#read) {
        if (!message || !('channelId' in change) || change.channelId !== message.channelId) continue
        this.#read.set(id, this.#after(message, change))
      }
    }
  }

  #after(message: Message, change: Change): Message {
    const { index } = message
    if (change.kind === 'reactions' || change.kind === 'thread' || change.kind === 'appended')
      return mergeAddition([message], change)[0]!
    if (change.kind === 'messageRemoved' && change.index === index) {
      const deletedAt = new Date(this.#context.env.clock.now()).toISOString()
      return change.left ?? { ...message, body: '', attributes: {}, deletedAt }
    }
    const news = change.kind === 'reply' ? [change.message] : change.kind === 'messages' ? change.messages : []
    return mergeMessages(
      [message],
      news.filter((one) => one.index === index),
    )[0]!
  }
}
