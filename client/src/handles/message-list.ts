import { selectDeliveries, type Delivery } from '../store/delivery.ts'
import { intervalAt } from '../store/intervals.ts'
import type { ChannelState, Interval } from '../store/state.ts'
import {
  emptyWindow,
  liveEnd,
  selectWindow,
  slideBack,
  slideForward,
  windowAround,
  windowMessages,
  type MessageWindow,
  type Window,
} from '../store/window.ts'
import type { HandleContext } from './context.ts'
import type { PageBounds } from './read-messages.ts'

/** Messages of a page, and by how many a window moves. */
const pageSize = 50
/** For so long a list is followed that nobody listens to, in milliseconds: views are taken away and put back, as by React’s StrictMode. */
const lingering = 100

/** Of what a list is a window. */
export interface MessageSource {
  readonly state: () => (ChannelState & { readonly parentId?: string }) | undefined
  /** Calls back whenever the state may have changed. Returns the function that ends it. */
  readonly subscribe: (listener: () => void) => () => void
  /** Reads a page into the state. */
  readonly read: (bounds: PageBounds) => Promise<unknown>
  /** As `Host.readKept`. */
  readonly readKept: (from: number, to: number) => Promise<void>
  /** What is shown: it stays in memory, and what belongs to it is followed. */
  readonly keep: (part: Interval) => void
  /** Nothing is shown any longer. */
  readonly release: () => void
}

/**
 * A window on the messages of a channel, for a list that is scrolled: at most 500 messages without holes, which slides through the history in both directions.
 * `subscribe` and `getSnapshot` are what frameworks want. What fails rejects, and may be called again.
 */
export class MessageList {
  readonly #context: HandleContext
  readonly #source: MessageSource
  readonly #listeners = new Set<() => void>()
  readonly #loading = new Map<string, Promise<unknown>>()
  #window: Window = { from: 0, to: null }
  #known: ChannelState | undefined
  #shown: Window | undefined
  #snapshot: MessageWindow = emptyWindow
  #stop: (() => void) | undefined
  #isLost = false

  constructor(context: HandleContext, source: MessageSource) {
    this.#context = context
    this.#source = source
  }

  /** Calls back after each change of the snapshot. While anybody listens, the messages stay in memory and receipts are followed. */
  readonly subscribe = (listener: () => void): (() => void) => {
    const own = (): void => listener()
    this.#listeners.add(own)
    this.#stop ??= this.#follow()
    return () => {
      this.#listeners.delete(own)
      if (this.#listeners.size === 0) this.#context.env.clock.after(lingering, () => this.#unfollow())
    }
  }

  /** What is shown now: the same object until something of it changes. */
  readonly getSnapshot = (): MessageWindow => {
    const known = this.#state()
    if (known !== this.#known || this.#window !== this.#shown) {
      this.#snapshot = known ? selectWindow(known, this.#window, this.#snapshot) : emptyWindow
      this.#known = known
      this.#shown = this.#window
    }
    return this.#snapshot
  }

  /** The user’s newest message in each state (read, delivered, waited for), newest first; empty where receipts are not reported. */
  getDeliveries(): readonly Delivery[] {
    const known = this.#state()
    return known ? selectDeliveries(known) : []
  }

  /** Follows the newest messages, and reads their page unless it is known. */
  async loadNewest(): Promise<void> {
    this.#show({ from: 0, to: null })
    const known = this.#state()
    const end = known ? liveEnd(known) : -1
    if (this.#isKnown(end) || (await this.#readKept(end - pageSize + 1, end, end))) return
    await this.#load('newest', { variables: { last: pageSize } })
  }

  /** Slides towards older messages, which are read where they are not known. */
  async loadOlder(): Promise<void> {
    if (!this.getSnapshot().hasOlder) return
    const known = this.#state()!
    const { messages, first, interval } = windowMessages(known, this.#window)
    if (!interval) return this.loadNewest()
    const before = interval[0] - 1
    if (first <= interval[0] && !(await this.#readKept(before - pageSize + 1, before, before))) {
      const oldest = messages[0]
      await (oldest
        ? this.#load('older', { variables: { last: pageSize, before: oldest.cursor }, before: oldest.index })
        : this.#load('around', { variables: { first: pageSize, around: { index: first } } }))
    }
    this.#slide(slideBack)
  }

  /** Slides towards newer messages, which are read where they are not known, and follows the newest once it has them. */
  async loadNewer(): Promise<void> {
    if (!this.getSnapshot().hasNewer) return
    const known = this.#state()!
    const { messages, interval } = windowMessages(known, this.#window)
    if (!interval) return this.loadNewest()
    const newest = messages.at(-1)
    const after = interval[1] + 1
    if (this.#window.to! >= interval[1] && !(await this.#readKept(after, after + pageSize - 1, after))) {
      await (newest
        ? this.#load('newer', { variables: { first: pageSize, after: newest.cursor }, after: newest.index })
        : this.#load('around', { variables: { first: pageSize, around: { index: after } } }))
    }
    this.#slide(slideForward)
  }

  /** Shows the messages around an index, and reads them where they are not known. */
  async jumpTo(index: number): Promise<void> {
    if (!this.#isKnown(index) && !(await this.#readKept(index - pageSize / 2, index + pageSize / 2, index)))
      await this.#load(`${index}`, { variables: { around: { index }, first: pageSize } })
    const read = this.#state()
    if (read) this.#show(windowAround(read, index, pageSize / 2))
  }

  #state(): ReturnType<MessageSource['state']> {
    return this.#source.state()
  }

  #isKnown(index: number): boolean {
    const known = this.#state()
    return known !== undefined && intervalAt(known.intervals, index) !== undefined
  }

  /** Resolves with whether this index is known once the device has been asked for what it keeps around it. */
  async #readKept(from: number, to: number, index: number): Promise<boolean> {
    await this.#source.readKept(from, to)
    return this.#isKnown(index)
  }

  #follow(): () => void {
    const stop = this.#source.subscribe(() => {
      if (this.#state() === this.#known) return this.#readAgain(false)
      const before = this.#snapshot
      const snapshot = this.getSnapshot()
      if (snapshot !== before) this.#notify()
      this.#readAgain(before.isLoaded && !snapshot.isLoaded)
    })
    this.#keep()
    return () => {
      stop()
      this.#source.release()
    }
  }

  #unfollow(): void {
    if (this.#listeners.size > 0) return
    this.#stop?.()
    this.#stop = undefined
  }

  /** What is shown and was lost (after a long absence, or when the server has lost it) is read again at once, or when the client is live again. */
  #readAgain(isLost: boolean): void {
    const { status } = this.#context.store.getSnapshot().connection
    this.#isLost ||= isLost
    if (!this.#isLost || status !== 'live') return
    this.#isLost = false
    this.loadNewest().catch((error: unknown) =>
      this.#context.log.write('warn', 'the newest messages were not read', error),
    )
  }

  #notify(): void {
    if (this.#stop) this.#keep()
    for (const listener of this.#listeners) listener()
  }

  /** Keeps what is shown in memory. */
  #keep(): void {
    const { rows } = this.getSnapshot()
    const first = rows[0]?.index ?? 0
    const last = rows.findLast(({ index }) => index !== null)?.index ?? first
    this.#source.keep([first, last])
  }

  #slide(slide: typeof slideBack): void {
    const known = this.#state()
    if (known) this.#show(slide(known, this.#window, pageSize))
  }

  #show(window: Window): void {
    this.#window = window
    this.#notify()
  }

  /** Each page is read once at a time: a second call gets the first’s promise. */
  #load(name: string, bounds: PageBounds): Promise<unknown> {
    const loading = this.#loading.get(name) ?? this.#source.read(bounds).finally(() => this.#loading.delete(name))
    this.#loading.set(name, loading)
    return loading
  }
}
