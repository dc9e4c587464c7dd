import type { HandleContext } from '../handles/context.ts'
import { Listeners } from '../listeners.ts'
import type { ChannelState, State } from '../store/state.ts'
import { DraftNote } from './later-draft-note.ts'
import { DraftSaver } from './later-draft-saver.ts'
import {
  draftKey,
  sentOf,
  type Draft,
  type DraftPlace,
  type SavedDraft,
  type Written,
  type WrittenDraft,
} from './later-draft.ts'

/** Milliseconds until the other tabs and the device have what is being written. */
const shareMilliseconds = 250
/** What was taken to be sent is remembered until it is in the outbox. */
const maxTaken = 100
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
  /** What waits to be shared with the other tabs. */
  readonly #unshared = new Map<string, () => void>()
  readonly #seen = new Map<string, ChannelState | undefined>()
  #modules: State['modules'] = {}
  #channels: State['channels'] | undefined
  #present: ReadonlyMap<string, Draft> | undefined

  constructor(context: HandleContext, onStale: () => void) {
    this.#context = context
    this.#saver = new DraftSaver(context, {
      onStale,
      saved: this.#saved,
      written: this.#written,
      put: (key, value, at) => this.#put(key, value, at),
      isSent: (draft) => this.#isSent(draft),
      onSaved: () => this.#changed(),
    })
    this.#note = new DraftNote(context)
    for (const [key, written] of this.#note.take()) {
      this.#written.set(key, written)
      this.#shareSoon(key)
    }
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

  /** All that are not empty, by the SID of the channel, or of the message whose thread they are in. The same map until one changes. */
  get all(): ReadonlyMap<string, Draft> {
    if (!this.#present) {
      const present = new Map<string, Draft>()
      for (const key of new Set([...this.#written.keys(), ...this.#saved.keys()])) {
        const draft = this.#find(key)
        if (draft && draft.body !== '') present.set(key, draft)
      }
      this.#present = present
    }
    return this.#present
  }

  /** The draft of a place, unless it is empty. */
  find(place: DraftPlace): Draft | undefined {
    return this.all.get(draftKey(place))
  }

  /** The text that waits in a place; empty where none does. */
  get(place: DraftPlace): string {
    return this.find(place)?.body ?? ''
  }

  /** Keeps what is being written: here at once, on the user's other devices about a second after the last key. An empty text removes the draft. */
  write(place: DraftPlace, body: string): void {
    const key = draftKey(place)
    const known = this.#find(key)
    if ((known?.body ?? '') === body) return
    const written = this.#written.get(key)?.value
    const { clientMessageId = this.#context.env.createId(), theirs = null } = known ?? {}
    const { base = this.#saved.get(key)?.version ?? 0, theirVersion = 0 } = written ?? {}
    const { channelId, parentId = null } = place
    this.#put(key, { channelId, parentId, body, clientMessageId, theirs, base, theirVersion })
  }

  /** The draft is sent now: there is none from here on. Returns the `clientMessageId` to send it with, by which it is gone on all devices. */
  take(place: DraftPlace): string {
    const key = draftKey(place)
    const { clientMessageId = this.#context.env.createId() } = this.#find(key) ?? {}
    this.#taken.add(clientMessageId)
    const [first] = this.#taken
    if (this.#taken.size > maxTaken) this.#taken.delete(first!)
    this.#put(key, null)
    this.#share(key)
    // No list has the replies of a thread that nobody shows: its other devices would not see that it was sent.
    if (place.parentId != null) void this.#saver.remove(key)
    this.#changed()
    return clientMessageId
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
    if (this.#saved.delete(draftKey(place))) this.#changed()
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

  #find(key: string): Draft | undefined {
    const { value } = this.#written.get(key) ?? {}
    if (value) return value
    const saved = this.#saved.get(key)
    return saved && !this.#isOnItsWay(saved) ? { ...saved, theirs: null } : undefined
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

  #isSent(draft: Pick<Draft, 'channelId' | 'clientMessageId'>): boolean {
    return sentOf(this.#context.store.getSnapshot(), draft) !== undefined
  }

  /** Whether it was taken here, or waits in the outbox to be sent. */
  #isOnItsWay({ channelId, clientMessageId }: SavedDraft): boolean {
    if (this.#taken.has(clientMessageId)) return true
    const { pending = [] } = this.#context.store.getSnapshot().channels.get(channelId) ?? {}
    return pending.some(({ action }) => action.kind === 'send' && action.clientMessageId === clientMessageId)
  }

  #changed(): void {
    this.#present = undefined
    this.#listeners.notify()
  }
}
