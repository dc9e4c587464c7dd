import { ChatError } from '../errors.ts'
import { DeleteDraftDocument, SaveDraftDocument } from '../graphql/generated/documents.ts'
import type { HandleContext } from '../handles/context.ts'
import {
  contentOf,
  draftKey,
  goOn,
  isNothing,
  isSameContent,
  nothing,
  optionsOf,
  type Draft,
  type SavedDraft,
  type Written,
  type WrittenDraft,
} from './later-draft.ts'

/** How long a text rests before it is saved, in milliseconds: nobody looks at two devices while typing. */
const restMilliseconds = 800
/** Who does not rest is saved all the same. */
const longestMilliseconds = 4000

export interface SaverOptions {
  readonly saved: Map<string, SavedDraft>
  readonly written: ReadonlyMap<string, Written>
  /** `at` is left out where the user has decided something. */
  readonly put: (key: string, value: WrittenDraft | null, at?: number) => void
  /** The text of the message that a draft was for; undefined where there is none yet. */
  readonly sentOf: (draft: Pick<Draft, 'channelId' | 'clientMessageId'>) => string | undefined
  readonly onSaved: () => void
  /** The server has another draft than is known here. */
  readonly onStale: () => void
}

/** Saves what was written, in the one tab that leads. A draft that another device has changed is not overwritten. */
export class DraftSaver {
  readonly #context: HandleContext
  readonly #options: SaverOptions
  readonly #timers = new Map<string, { readonly cancel: () => void; readonly since: number }>()
  /** What is on its way to the server, and whether its removal was heard of before the answer. */
  readonly #saving = new Map<string, { isRemoved: boolean }>()
  /** Nothing is saved before it is known what the server has. */
  #hasBegun = false

  constructor(context: HandleContext, options: SaverOptions) {
    this.#context = context
    this.#options = options
  }

  /** It is known what the server has, as after each interruption. */
  begin(): void {
    this.#hasBegun = true
    for (const key of this.#options.written.keys()) this.touch(key)
  }

  stop(): void {
    this.#hasBegun = false
    for (const { cancel } of this.#timers.values()) cancel()
    this.#timers.clear()
  }

  /** Something of this draft has changed. */
  touch(key: string): void {
    if (!this.#hasBegun || !this.#context.host.isLeader || !this.#options.written.get(key)?.value) return
    const { clock } = this.#context.env
    const now = clock.now()
    const { cancel, since = now } = this.#timers.get(key) ?? {}
    cancel?.()
    const wait = Math.min(restMilliseconds, Math.max(0, since + longestMilliseconds - now))
    this.#timers.set(key, { since, cancel: clock.after(wait, () => void this.#save(key)) })
  }

  flush(): void {
    for (const [key, { cancel }] of this.#timers) {
      cancel()
      void this.#save(key)
    }
  }

  /** The server has none any more. */
  removed(key: string): void {
    const saving = this.#saving.get(key)
    if (saving) saving.isRemoved = true
  }

  /** Its message exists: what was written beyond it is the next draft. */
  sent(draft: Draft | SavedDraft): void {
    const key = draftKey(draft)
    const { at, value } = this.#options.written.get(key) ?? {}
    if (!value || value.clientMessageId !== draft.clientMessageId || !this.#context.host.isLeader) return
    const isAllOfIt = this.#options.sentOf(draft)?.startsWith(value.body.trim())
    if (isAllOfIt) return this.#options.put(key, null, at)
    // It is another text from here on: a save that is under way is of the former one, and its message has what was quoted.
    const { body, mentions } = value
    const clientMessageId = this.#context.env.createId()
    this.#options.put(key, { ...value, ...nothing, body, mentions, clientMessageId, base: 0, theirs: null })
  }

  async #save(key: string): Promise<void> {
    this.#timers.delete(key)
    const { saved, written, put, sentOf, onSaved } = this.#options
    const { at, value } = written.get(key) ?? {}
    if (!value || !this.#hasBegun || this.#saving.has(key)) return
    const known = saved.get(key)
    const isBehind = known !== undefined && known.version > value.base
    if (known ? isSameContent(contentOf(known), value) : isNothing(value)) return put(key, null, at)
    if (sentOf(value) !== undefined) return this.sent(value)
    if (isBehind && !value.body.startsWith(known.body)) {
      // An empty text is nothing to choose.
      if (value.body === '') return put(key, null, at)
      const { body: theirs, version: theirVersion } = known
      if (theirs !== value.theirs) put(key, { ...value, theirs, theirVersion }, at)
      return
    }
    const next = isBehind ? { ...goOn(value, contentOf(known)), base: known.version } : value
    if (next !== value) put(key, next, at)
    const saving = { isRemoved: false }
    this.#saving.set(key, saving)
    try {
      const draft = await this.#send(next, known?.version ?? 0)
      // Its message, its removal or a newer one may have come before the answer.
      const version = draft?.version ?? (known?.version ?? 0) + 1
      const isNewest = (saved.get(key)?.version ?? 0) < version
      if (draft && isNewest && !saving.isRemoved && sentOf(draft) === undefined) saved.set(key, draft)
      else if (isNewest) saved.delete(key)
      const now = written.get(key)
      // It may have been written on meanwhile, or sent. What was saved before its message came is no next draft.
      const isSame = now?.value?.body === next.body && now.value.clientMessageId !== next.clientMessageId
      if (now?.at === at || isSame) put(key, null, now?.at)
      else if (now?.value) put(key, { ...now.value, base: draft?.version ?? 0 }, now.at)
      onSaved()
      this.#saving.delete(key)
      this.touch(key)
    } catch (error) {
      this.#saving.delete(key)
      this.#failed(key, value, error)
      if (written.get(key)?.at !== at) this.touch(key)
    }
  }

  /** Undefined where the draft is removed. */
  async #send(draft: WrittenDraft, expectedVersion: number): Promise<SavedDraft | undefined> {
    const { host } = this.#context
    const { channelId, parentId, body, clientMessageId } = draft
    const input = { channelId, parentId, expectedVersion }
    if (isNothing(draft)) {
      await host.request(DeleteDraftDocument, { input })
      return undefined
    }
    const content = { body, clientMessageId, ...optionsOf(draft) }
    const { saveDraft } = await host.request(SaveDraftDocument, { input: { ...input, ...content } })
    return saveDraft!.draft
  }

  /** What fails otherwise is saved with the next key, or once the client is connected again. */
  #failed(key: string, { channelId, quotedMessageId }: WrittenDraft, error: unknown): void {
    const { saved, written, put, onSaved, onStale } = this.#options
    const { currentVersion, code } = error instanceof ChatError ? error : {}
    const { at, value } = written.get(key) ?? {}
    if (currentVersion === 0) {
      saved.delete(key)
      onSaved()
      this.touch(key)
    } else if (currentVersion !== undefined) onStale()
    else if (!this.#context.store.getSnapshot().channels.has(channelId)) put(key, null, at)
    else if (code === 'NOT_FOUND' && value && quotedMessageId !== null && value.quotedMessageId === quotedMessageId) {
      // What it quotes is gone, and would not be sent either.
      put(key, { ...value, quotedMessageId: null })
    } else this.#context.log.write('warn', 'a draft was not saved', error)
  }
}
