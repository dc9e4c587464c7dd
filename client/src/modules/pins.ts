import { PinMessageDocument, PinnedMessagesDocument, UnpinMessageDocument } from '../graphql/generated/documents.ts'
import type { HandleContext } from '../handles/context.ts'
import { MessageHandle } from '../handles/message.ts'
import { Listeners } from '../listeners.ts'
import { pinnedMessages } from '../store/pinned.ts'
import type { ChannelState, Message } from '../store/state.ts'
import type { Module } from './types.ts'

export interface PinnedSnapshot {
  /** The newest pin first, at most 100. What the user has pinned or unpinned shows at once. The same list until something of it changes. */
  readonly messages: readonly Message[]
  /** Whether it was read: before, only what is pinned of the messages that are known anyway is there. */
  readonly isLoaded: boolean
}

/** The pinned messages of a channel. */
export interface PinnedList {
  /** Calls back after each change of the snapshot. The list is read by the first who subscribes, and again after each interruption. */
  readonly subscribe: (listener: () => void) => () => void
  readonly getSnapshot: () => PinnedSnapshot
}

/** A message, or a handle of one. */
export type Pinnable = Pick<Message, 'id' | 'channelId'>

export interface Pins {
  /**
   * Pins a message for all of its channel. It waits in the outbox like a send, and shows at once: `isPinned` of its row. What the server refuses shows no
   * longer, and rejects: FORBIDDEN without the permission `pinMessage`, CONFLICT beyond 100 pins.
   */
  pin(message: Pinnable): Promise<MessageHandle>
  /** Ends the pin of a message, as `pin` makes it. */
  unpin(message: Pinnable): Promise<MessageHandle>
  /** The list of a channel, by its SID; the same object each time. */
  list(channelId: string): PinnedList
}

/** Pinned messages: `createClient({ modules: [pins()] }).pins`. */
export function pins(): Module<'pins', Pins> {
  return {
    name: 'pins',
    create: (context) => {
      const lists = new Map<string, PinnedList>()
      const set = async ({ id: messageId, channelId }: Pinnable, isPinned: boolean): Promise<MessageHandle> => {
        const document = isPinned ? PinMessageDocument : UnpinMessageDocument
        const { id } = await context.host.enqueue(channelId, { kind: 'pin', messageId, isPinned, document })
        return new MessageHandle(context, (await context.host.outcome(id)) as Message)
      }
      return {
        pin: (message) => set(message, true),
        unpin: (message) => set(message, false),
        list: (channelId) => {
          const list = lists.get(channelId) ?? new List(context, channelId)
          lists.set(channelId, list)
          return list
        },
      }
    },
  }
}

class List implements PinnedList {
  readonly #context: HandleContext
  readonly #channelId: string
  readonly #listeners = new Listeners()
  /** What was read, and what became of it, by index. The state may let go of messages that nobody looks at. */
  #read: ReadonlyMap<number, Message> = new Map()
  #known: ChannelState | undefined
  #snapshot: PinnedSnapshot = { messages: [], isLoaded: false }
  #readings = 0
  #stop: (() => void) | undefined

  constructor(context: HandleContext, channelId: string) {
    this.#context = context
    this.#channelId = channelId
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    const end = this.#listeners.add(listener)
    this.#stop ??= this.#follow()
    return () => {
      end()
      if (this.#listeners.size > 0) return
      this.#stop?.()
      this.#stop = undefined
    }
  }

  readonly getSnapshot = (): PinnedSnapshot => {
    this.#update(this.#read, this.#snapshot.isLoaded)
    return this.#snapshot
  }

  #follow(): () => void {
    const { store } = this.#context
    const isLive = (): boolean => store.getSnapshot().connection.status === 'live'
    let wasLive = isLive()
    let before = this.#state()
    void this.#load()
    return store.subscribe(() => {
      const now = this.#state()
      // What happened meanwhile may have been let go of, or was never heard of.
      const isReset = (before?.intervals.length ?? 0) > 0 && now?.intervals.length === 0
      if (isReset || (isLive() && !wasLive)) void this.#load()
      wasLive = isLive()
      before = now
      this.#update(this.#read, this.#snapshot.isLoaded)
    })
  }

  #state(): ChannelState | undefined {
    return this.#context.store.getSnapshot().channels.get(this.#channelId)
  }

  async #load(): Promise<void> {
    const { host, log } = this.#context
    const reading = ++this.#readings
    try {
      const { channel } = await host.request(PinnedMessagesDocument, { channelId: this.#channelId })
      if (reading !== this.#readings) return
      const read = (channel?.pinnedMessages.nodes ?? []).map((message) => {
        const before = this.#read.get(message.index)
        return [message.index, before && before.revision > message.revision ? before : message] as const
      })
      this.#update(new Map(read), true)
    } catch (error) {
      // Without a connection, as a rule: it is read once there is one.
      log.write('debug', 'pinned messages were not read', error)
    }
  }

  #update(read: ReadonlyMap<number, Message>, isLoaded: boolean): void {
    const known = this.#state()
    if (known === this.#known && read === this.#read && isLoaded === this.#snapshot.isLoaded) return
    this.#known = known
    const found = pinnedMessages(read, known)
    this.#read = found.read
    const { messages } = this.#snapshot
    const isSame =
      messages.length === found.pinned.length && messages.every((one, place) => one === found.pinned[place])
    if (isSame && isLoaded === this.#snapshot.isLoaded) return
    this.#snapshot = { messages: isSame ? messages : found.pinned, isLoaded }
    this.#listeners.notify()
  }
}
