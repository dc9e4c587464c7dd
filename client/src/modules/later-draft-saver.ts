import { ChatError } from '../errors.ts'
import { DeleteDraftDocument, SaveDraftDocument } from '../graphql/generated/documents.ts'
import type { HandleContext } from '../handles/context.ts'
import { draftKey, sentOf, type Draft, type SavedDraft, type Written, type WrittenDraft } from './later-draft.ts'

/** How long a text rests before it is saved, in milliseconds: nobody looks at two devices while typing. */
const restMilliseconds = 800
/** Who does not rest is saved all the same. */
const longestMilliseconds = 4000

export interface SaverOptions {
  readonly saved: Map<string, SavedDraft>
  readonly written: ReadonlyMap<string, Written>
  /** `at` is left out where the user has decided something. */
  readonly put: (key: string, value: WrittenDraft | null, at?: number) => void
  readonly isSent: (draft: Pick<Draft, 'channelId' | 'clientMessageId'>) => boolean
  readonly onSaved: () => void
  /** The server has another draft than is known here. */
  readonly onStale: () => void
}

/** Saves what was written, in the one tab that leads. A draft that another device has changed is not overwritten. */
export class DraftSaver {
  readonly #context: HandleContext
  readonly #options: SaverOptions
  readonly #timers = new Map<string, { readonly cancel: () => void; readonly since: number }>()
  readonly #saving = new Set<string>()
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

  /** Its message exists: what was written beyond it is the next draft. */
  sent(draft: Draft | SavedDraft): void {
    const key = draftKey(draft)
    const { at, value } = this.#options.written.get(key) ?? {}
    if (!value || value.clientMessageId !== draft.clientMessageId || !this.#context.host.isLeader) return
    const isAllOfIt = sentOf(this.#context.store.getSnapshot(), draft)?.startsWith(value.body.trim())
    if (isAllOfIt) return this.#options.put(key, null, at)
    // It is another text from here on: a save that is under way is of the former one.
    this.#options.put(key, { ...value, clientMessageId: this.#context.env.createId(), base: 0, theirs: null })
  }

  /** Removes what the server has, unless another device has changed it. */
  async remove(key: string): Promise<void> {
    const draft = this.#options.saved.get(key)
    if (!draft) return
    const { channelId, parentId, version: expectedVersion } = draft
    const input = { channelId, parentId, expectedVersion }
    await this.#context.host.request(DeleteDraftDocument, { input }).catch(() => {})
  }

  async #save(key: string): Promise<void> {
    this.#timers.delete(key)
    const { saved, written, put, isSent, onSaved } = this.#options
    const { at, value } = written.get(key) ?? {}
    if (!value || !this.#hasBegun || this.#saving.has(key)) return
    const known = saved.get(key)
    const isForeign = known && known.version > value.base && !value.body.startsWith(known.body)
    if (known?.body === value.body || (!known && value.body === '')) return put(key, null, at)
    if (isSent(value)) return this.sent(value)
    if (isForeign) {
      // An empty text is nothing to choose.
      if (value.body === '') return put(key, null, at)
      const { body: theirs, version: theirVersion } = known
      if (theirs !== value.theirs) put(key, { ...value, theirs, theirVersion }, at)
      return
    }
    this.#saving.add(key)
    try {
      const draft = await this.#send(value, known?.version ?? 0)
      // Its message may have come before the answer.
      if (draft && !isSent(draft)) saved.set(key, draft)
      else saved.delete(key)
      const now = written.get(key)
      // It may have been written on meanwhile, or sent.
      if (now?.at === at) put(key, null, at)
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
  async #send(
    { channelId, parentId, body, clientMessageId }: WrittenDraft,
    expectedVersion: number,
  ): Promise<SavedDraft | undefined> {
    const { host } = this.#context
    const input = { channelId, parentId, expectedVersion }
    if (body === '') {
      await host.request(DeleteDraftDocument, { input })
      return undefined
    }
    const { saveDraft } = await host.request(SaveDraftDocument, { input: { ...input, body, clientMessageId } })
    return saveDraft!.draft
  }

  /** What fails otherwise is saved with the next key, or once the client is connected again. */
  #failed(key: string, { channelId }: WrittenDraft, error: unknown): void {
    const { saved, written, put, onStale } = this.#options
    const { currentVersion } = error instanceof ChatError ? error : {}
    if (currentVersion === 0) {
      saved.delete(key)
      this.touch(key)
    } else if (currentVersion !== undefined) onStale()
    else if (this.#context.store.getSnapshot().channels.has(channelId)) {
      this.#context.log.write('warn', 'a draft was not saved', error)
    } else put(key, null, written.get(key)?.at)
  }
}
