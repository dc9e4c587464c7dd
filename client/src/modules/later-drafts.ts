import { DeleteDraftDocument, SaveDraftDocument } from '../graphql/generated/documents.ts'
import type { DraftFieldsFragment } from '../graphql/generated/types.ts'
import type { HandleContext } from '../handles/context.ts'

/** How long a text rests before it is saved, in milliseconds: nobody looks at two devices while typing. */
const restMilliseconds = 800

/** What the user is writing in a channel. */
export interface Draft {
  readonly channelId: string
  readonly body: string
  /** What it will be sent with. */
  readonly clientMessageId: string
}

interface Known extends Draft {
  /** Of the server; 0 before it was saved. */
  readonly version: number
  /** Written here since it was saved. */
  readonly isDirty: boolean
}

/** The drafts of the user's channels. What was written here counts until it was saved; otherwise what any device has saved last. */
export class Drafts {
  readonly #context: HandleContext
  readonly #onChange: () => void
  readonly #known = new Map<string, Known>()
  readonly #timers = new Map<string, () => void>()
  #present: ReadonlyMap<string, Draft> | undefined

  constructor(context: HandleContext, onChange: () => void) {
    this.#context = context
    this.#onChange = onChange
    let { channels } = context.store.getSnapshot()
    context.store.subscribe(() => {
      const now = context.store.getSnapshot().channels
      if (now === channels) return
      channels = now
      // A draft is gone with its message, whichever device has sent it.
      for (const draft of this.#known.values()) if (this.#isSent(draft)) this.#forget(draft.channelId)
    })
  }

  get present(): ReadonlyMap<string, Draft> {
    return (this.#present ??= new Map([...this.#known].filter(([, { body }]) => body !== '')))
  }

  write(channelId: string, body: string): void {
    const known = this.#known.get(channelId)
    if ((known?.body ?? '') === body) return
    const clientMessageId = known?.clientMessageId ?? this.#context.env.createId()
    this.#put({ channelId, body, clientMessageId, version: known?.version ?? 0, isDirty: true })
    this.#saveSoon(channelId)
  }

  /** The id that the draft is to be sent with. There is none afterwards. */
  take(channelId: string): string {
    const id = this.#known.get(channelId)?.clientMessageId ?? this.#context.env.createId()
    this.#forget(channelId)
    return id
  }

  receive({ parentId, ...draft }: DraftFieldsFragment): void {
    const known = this.#known.get(draft.channelId)
    if (parentId !== null || known?.isDirty || (known && known.version >= draft.version)) return
    if (!this.#isSent(draft)) this.#put({ ...draft, isDirty: false })
  }

  remove(channelId: string): void {
    if (!this.#known.get(channelId)?.isDirty) this.#forget(channelId)
  }

  /** All that the server has. What was written here meanwhile is saved again. */
  replace(drafts: readonly DraftFieldsFragment[]): void {
    for (const [channelId, { isDirty }] of this.#known) {
      if (isDirty) this.#saveSoon(channelId)
      else this.#known.delete(channelId)
    }
    this.#present = undefined
    for (const draft of drafts) this.receive(draft)
  }

  #isSent({ channelId, clientMessageId }: Draft): boolean {
    const { messages = [] } = this.#context.store.getSnapshot().channels.get(channelId) ?? {}
    return messages.some((message) => message.clientMessageId === clientMessageId)
  }

  #saveSoon(channelId: string): void {
    this.#timers.get(channelId)?.()
    this.#timers.set(
      channelId,
      this.#context.env.clock.after(restMilliseconds, () => void this.#save(channelId)),
    )
  }

  /** What fails is saved when the client is connected again, or with the next key. */
  async #save(channelId: string): Promise<void> {
    this.#timers.delete(channelId)
    const known = this.#known.get(channelId)
    if (!known?.isDirty) return
    const { host, log } = this.#context
    const { body, clientMessageId } = known
    try {
      if (body === '') {
        await host.request(DeleteDraftDocument, { input: { channelId } })
        if (this.#known.get(channelId) === known) this.#forget(channelId)
        return
      }
      const { saveDraft } = await host.request(SaveDraftDocument, { input: { channelId, body, clientMessageId } })
      const { version } = saveDraft!.draft
      const now = this.#known.get(channelId)
      // It may have been written on, or sent, meanwhile.
      if (now?.clientMessageId === clientMessageId) this.#put({ ...now, version, isDirty: now !== known })
    } catch (error) {
      log.write('warn', 'a draft was not saved', error)
    }
  }

  #put(draft: Known): void {
    this.#known.set(draft.channelId, draft)
    this.#present = undefined
    this.#onChange()
  }

  #forget(channelId: string): void {
    this.#timers.get(channelId)?.()
    this.#timers.delete(channelId)
    if (!this.#known.delete(channelId)) return
    this.#present = undefined
    this.#onChange()
  }
}
