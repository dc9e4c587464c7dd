import { MessagesDocument } from '../graphql/generated/documents.ts'
import type { MessagesQueryVariables } from '../graphql/generated/types.ts'
import { intervalAt } from '../store/intervals.ts'
import { placeOf } from '../store/messages.ts'
import { selectWindow, windowSize, type MessageWindow, type Window } from '../store/rows.ts'
import type { ChannelState } from '../store/state.ts'
import { messagePageChanges, type MessagePage } from '../sync/page-changes.ts'
import type { HandleContext } from './context.ts'

const pageSize = 50

const nothing: MessageWindow = { rows: [], hasOlder: false, hasNewer: false, isLoaded: false }

/** A window on the messages of a channel, for a list that is scrolled. `subscribe` and `getSnapshot` are what frameworks want. */
export class MessageList {
  readonly #context: HandleContext
  readonly #channelId: string
  readonly #listeners = new Set<() => void>()
  #window: Window = { from: 0, to: null }
  #known: ChannelState | undefined
  #snapshot: MessageWindow = nothing
  #isFresh = false
  #loading: Promise<void> | undefined

  constructor(context: HandleContext, channelId: string) {
    this.#context = context
    this.#channelId = channelId
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    const stop = this.#context.store.subscribe(() => {
      if (this.#state() !== this.#known) listener()
    })
    this.#listeners.add(listener)
    return () => {
      stop()
      this.#listeners.delete(listener)
    }
  }

  readonly getSnapshot = (): MessageWindow => {
    const known = this.#state()
    if (!this.#isFresh || known !== this.#known) {
      this.#known = known
      this.#snapshot = known ? selectWindow(this.#context.store.getSnapshot(), known, this.#window) : nothing
      this.#isFresh = true
    }
    return this.#snapshot
  }

  /** Reads the newest page, unless it is known. */
  loadNewest(): Promise<void> {
    this.#show({ from: 0, to: null })
    const known = this.#state()
    if (known && intervalAt(known.intervals, known.head)) return Promise.resolve()
    return this.#load({ last: pageSize }, { before: null, after: null })
  }

  /** Reads what comes before the window, unless it is known. */
  loadOlder(): Promise<void> {
    const known = this.#state()
    const first = this.getSnapshot().rows.find(({ message }) => message)?.message
    if (!known || !first || !this.getSnapshot().hasOlder) return Promise.resolve()
    return this.#load({ last: pageSize, before: first.cursor }, { before: first.index, after: null })
  }

  loadNewer(): Promise<void> {
    const last = this.getSnapshot().rows.findLast(({ message }) => message)?.message
    if (!last || !this.getSnapshot().hasNewer) return Promise.resolve()
    const { from } = this.#window
    return this.#load({ first: pageSize, after: last.cursor }, { before: null, after: last.index }).then(() => {
      const known = this.#state()!
      const [, to] = intervalAt(known.intervals, last.index) ?? [0, last.index]
      this.#show(to >= known.head ? { from, to: null } : { from: Math.max(from, to - windowSize), to })
    })
  }

  /** Shows the messages around an index, and reads them where they are not known. */
  async jumpTo(index: number): Promise<void> {
    const known = this.#state()
    if (!known || !intervalAt(known.intervals, index)) {
      await this.#load({ around: { index }, first: pageSize }, { before: null, after: null })
    }
    const { intervals, head, messages } = this.#state()!
    const [from, to] = intervalAt(intervals, index) ?? [index, index]
    const start = messages[Math.max(placeOf(messages, index) - pageSize, 0)]?.index ?? from
    this.#show({ from: Math.max(from, start), to: to >= head ? null : to })
  }

  #state(): ChannelState | undefined {
    return this.#context.store.getSnapshot().channels.get(this.#channelId)
  }

  #show(window: Window): void {
    this.#window = window
    this.#isFresh = false
    for (const listener of this.#listeners) listener()
  }

  /** One page at a time: a second call while one is read gets the first's promise. */
  #load(
    variables: Omit<MessagesQueryVariables, 'channelId'>,
    bounds: Pick<MessagePage, 'before' | 'after'>,
  ): Promise<void> {
    const channelId = this.#channelId
    const head = this.#state()?.head ?? -1
    const isLive = this.#state()?.position != null
    this.#loading ??= this.#context.host
      .request(MessagesDocument, { channelId, ...variables })
      .then(({ channel }) => {
        if (!channel) return
        this.#context.host.apply(messagePageChanges({ channelId, ...bounds, head: isLive ? head : -1 }, channel))
        if (bounds.before !== null)
          this.#show({ ...this.#window, from: Math.min(this.#window.from, channel.messages.nodes[0]?.index ?? 0) })
      })
      .finally(() => (this.#loading = undefined))
    return this.#loading
  }
}
