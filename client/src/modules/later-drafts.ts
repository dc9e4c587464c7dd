import type { HandleContext } from '../handles/context.ts'
import { Listeners } from '../listeners.ts'
import type { ChannelState, Message, State } from '../store/state.ts'
import { DraftNote } from './later-draft-note.ts'
import { DraftSaver } from './later-draft-saver.ts'
import {
  draftKey,
  isNothing,
  isSameContent,
  nothing,
  optionsOf,
  sentOf,
  toDraft,
  type Draft,
  type DraftContent,
  type DraftPlace,
  type SavedDraft,
  type TakenDraft,
  type Written,
  type WrittenDraft,
} from './later-draft.ts'

/** Milliseconds until the other tabs and the device have what is being written. */
const shareMilliseconds = 250
/** What was taken to be sent is remembered until it is in the outbox, and what was replied until no device saves its draft any more. */
const maxRemembered = 100
const prefix = 'draft '

/** The user's drafts. What was written here shows until it is saved, and otherwise what any device has saved last. */
export class Drafts {
  readonly #context: HandleContext
  readonly #listeners = new Listeners()
  readonly #saver: DraftSaver
  readonly #note: DraftNote
  readonly #saved = new Map<string, SavedDraft>()
  readonly #written = new Map<string, Written>()
  readonly #taken = new Set<string>()
  /** The texts of the user's newest replies, which no list of a channel has, by `clientMessageId`. */
  readonly #replied = new Map<string, string>()
  /** What waits to be shared with the other tabs. */
  readonly #unshared = new Map<string, () => void>()
  readonly #seen = new Map<string, ChannelState | undefined>()
  #modules: State['modules'] = {}
  #channels: State['channels'] | undefined
  #present: ReadonlyMap<string, Draft> | undefined
  #all: ReadonlyMap<string, Draft> | undefined

  constructor(context: HandleContext, onStale: () => void) {
    this.#context = context
    this.#saver = new DraftSaver(context, {
      onStale,
      saved: this.#saved,
      written: this.#written,
      put: (key, value, at) => this.#put(key, value, at),
      sentOf: (draft) => this.#sentOf(draft),
      onSaved: () => this.#changed(),
    })
    this.#note = new DraftNote(context)
    for (const [key, written] of this.#note.take()) {
      this.#written.set(key, written)
      this.#shareSoon(key)
    }
    context.store.watch((changes) => {
      for (const change of changes) if (change.kind === 'reply') this.#heardReply(change.message)
    })
    const { page } = context.env
    const ends = [
      page.on('hidden', () => this.flush()),
      page.on('pagehide', () => {
        this.#note.leave(this.#written)
        this.flush()
      }),
      context.store.subscribe(() => {
        this.#heardStore()
        if (context.store.getSnapshot().connection.status !== 'closed') return
        for (const end of [...ends, ...this.#unshared.values()]) end()
        this.#saver.stop()
      }),
    ]
  }

  /** Calls back after each change. Returns the function that ends it. */
  readonly subscribe = this.#listeners.add

  /** All that have a text, by the SID of the channel, or of the message whose thread they are in. The same map until one changes. */
  get all(): ReadonlyMap<string, Draft> {
    return (this.#all ??= new Map([...this.#there()].filter(([, { body }]) => body !== '')))
  }

  /** The draft of a place; undefined where nothing was written or chosen. */
  find(place: DraftPlace): Draft | undefined {
    return this.#there().get(draftKey(place))
  }

  /** The text that waits in a place; empty where none does. */
  get(place: DraftPlace): string {
    return this.find(place)?.body ?? ''
  }

  /**
   * Keeps what is being written: here at once, on the user's other devices about a second after the last key. A text alone leaves the rest as it is; an empty
   * one removes the draft. Of an object what is left out stays.
   */
  write(place: DraftPlace, change: string | Partial<DraftContent>): void {
    const key = draftKey(place)
    const known = this.#find(key)
    const { body, mentions, quotedMessageId, showInChannel } = {
      ...(known ?? nothing),
      ...(typeof change !== 'string' ? change : change === '' ? nothing : { body: change }),
    }
    const content = { body, mentions, quotedMessageId, showInChannel }
    if (isSameContent(known ?? nothing, content)) return
    const written = this.#written.get(key)?.value
    const { clientMessageId = this.#context.env.createId(), theirs = null } = known ?? {}
    const { base = this.#saved.get(key)?.version ?? 0, theirVersion = 0 } = written ?? {}
    const { channelId, parentId = null } = place
    this.#put(key, { channelId, parentId, ...content, clientMessageId, theirs, base, theirVersion })
  }

  /**
   * The draft is sent now: there is none from here on. Returns what to send its text with: what it quotes, whom it names, and the `clientMessageId` by which
   * it is gone on all devices.
   */
  take(place: DraftPlace): TakenDraft {
    const key = draftKey(place)
    const draft = this.#find(key)
    const { clientMessageId = this.#context.env.createId() } = draft ?? {}
    this.#taken.add(clientMessageId)
    forgetOldest(this.#taken)
    this.#put(key, null)
    this.#share(key)
    this.#changed()
    return { clientMessageId, ...optionsOf(draft ?? nothing) }
  }

  /** Saves what was written here in the place of `theirs`. */
  keepMine(place: DraftPlace): void {
    const key = draftKey(place)
    const { value } = this.#written.get(key) ?? {}
    if (value) this.#put(key, { ...value, theirs: null, base: value.theirVersion })
  }

  /** Gives up what was written here for `theirs`. */
  takeTheirs(place: DraftPlace): void {
    const key = draftKey(place)
    if (this.#written.get(key)?.value?.theirs != null) this.#put(key, null)
  }

  /** Keeps and saves at once what was written: whoever leaves a channel looks at it on another device. */
  flush(): void {
    for (const key of this.#unshared.keys()) this.#share(key)
    this.#saver.flush()
  }

  /** A device has saved one. */
  receive(draft: SavedDraft): void {
    const key = draftKey(draft)
    if ((this.#saved.get(key)?.version ?? 0) >= draft.version || this.#isSent(draft)) return
    this.#saved.set(key, draft)
    this.#changed()
    this.#saver.touch(key)
  }

  /** The server has none. */
  remove(place: DraftPlace): void {
    const key = draftKey(place)
    this.#saver.removed(key)
    if (this.#saved.delete(key)) this.#changed()
  }

  /** The user is no member any more. */
  leave(channelId: string): void {
    for (const [key, { value }] of this.#written) if (value?.channelId === channelId) this.#put(key, null)
    for (const draft of this.#saved.values()) if (draft.channelId === channelId) this.remove(draft)
  }

  /** All that the server has. What was written here meanwhile is saved then. */
  replace(drafts: readonly SavedDraft[]): void {
    this.#saved.clear()
    for (const draft of drafts) if (!this.#isSent(draft)) this.#saved.set(draftKey(draft), draft)
    this.#changed()
    this.#saver.begin()
  }

  #there(): ReadonlyMap<string, Draft> {
    if (!this.#present) {
      const present = new Map<string, Draft>()
      for (const key of new Set([...this.#written.keys(), ...this.#saved.keys()])) {
        const draft = this.#find(key)
        if (draft && !isNothing(draft)) present.set(key, draft)
      }
      this.#present = present
    }
    return this.#present
  }

  #find(key: string): Draft | undefined {
    const { value } = this.#written.get(key) ?? {}
    if (value) return value
    const saved = this.#saved.get(key)
    return saved && !this.#isOnItsWay(saved) ? toDraft(saved) : undefined
  }

  #put(key: string, value: WrittenDraft | null, at?: number): void {
    const before = this.#written.get(key)
    if (!value && !before?.value) return
    this.#written.set(key, { at: at ?? Math.max(this.#context.env.clock.now(), (before?.at ?? 0) + 1), value })
    this.#changed()
    this.#shareSoon(key)
    this.#saver.touch(key)
  }

  #shareSoon(key: string): void {
    if (this.#unshared.has(key)) return
    this.#unshared.set(
      key,
      this.#context.env.clock.after(shareMilliseconds, () => this.#share(key)),
    )
  }

  #share(key: string): void {
    this.#unshared.get(key)?.()
    this.#unshared.delete(key)
    const written = this.#written.get(key)
    if (written) this.#context.host.apply([{ kind: 'module', name: prefix + key, ...written }])
  }

  #heardStore(): void {
    const { modules, channels } = this.#context.store.getSnapshot()
    if (modules !== this.#modules) this.#heardTabs((this.#modules = modules))
    if (channels !== this.#channels) this.#heardChannels((this.#channels = channels))
  }

  /** What other tabs have written, and what the device has kept. */
  #heardTabs(modules: State['modules']): void {
    for (const [name, kept] of Object.entries(modules)) {
      if (!name.startsWith(prefix)) continue
      const key = name.slice(prefix.length)
      const known = this.#written.get(key)
      if (known && (known.at > kept.at || known.value === kept.value)) continue
      // Saving does not change `at`: what waits to be shared is newer than what was.
      if (known?.at === kept.at && this.#unshared.has(key)) continue
      this.#written.set(key, kept as Written)
      this.#changed()
      this.#saver.touch(key)
    }
  }

  /** A draft is gone with its message, whichever device has sent it. */
  #heardChannels(channels: State['channels']): void {
    const drafts = [...this.#saved.values(), ...[...this.#written.values()].flatMap(({ value }) => value ?? [])]
    const places = new Set(drafts.map(({ channelId }) => channelId))
    const changed = [...places].filter((id) => channels.get(id) !== this.#seen.get(id))
    if (changed.length === 0) return
    for (const id of changed) this.#seen.set(id, channels.get(id))
    for (const draft of drafts) {
      if (!changed.includes(draft.channelId) || !this.#isSent(draft)) continue
      if (this.#saved.get(draftKey(draft))?.clientMessageId === draft.clientMessageId) this.remove(draft)
      this.#saver.sent(draft)
    }
    this.#changed()
  }

  /** A draft of a thread likewise. It may still be on its way to be saved. */
  #heardReply({ channelId, authorIdentity, clientMessageId, body }: Message): void {
    const { channels } = this.#context.store.getSnapshot()
    const { membership } = channels.get(channelId) ?? {}
    if (clientMessageId == null || authorIdentity !== membership?.identity) return
    this.#replied.set(clientMessageId, body)
    forgetOldest(this.#replied)
    this.#seen.delete(channelId)
    this.#heardChannels(channels)
  }

  #sentOf(draft: Pick<Draft, 'channelId' | 'clientMessageId'>): string | undefined {
    return sentOf(this.#context.store.getSnapshot(), draft) ?? this.#replied.get(draft.clientMessageId)
  }

  #isSent(draft: Pick<Draft, 'channelId' | 'clientMessageId'>): boolean {
    return this.#sentOf(draft) !== undefined
  }

  /** Whether it was taken here, or waits in the outbox to be sent. */
  #isOnItsWay({ channelId, clientMessageId }: SavedDraft): boolean {
    if (this.#taken.has(clientMessageId)) return true
    const { pending = [] } = this.#context.store.getSnapshot().channels.get(channelId) ?? {}
    return pending.some(({ action }) => action.kind === 'send' && action.clientMessageId === clientMessageId)
  }

  #changed(): void {
    this.#present = undefined
    this.#all = undefined
    this.#listeners.notify()
  }
}

function forgetOldest(all: Set<string> | Map<string, string>): void {
  const [oldest] = all.keys()
  if (all.size > maxRemembered) all.delete(oldest!)
}
