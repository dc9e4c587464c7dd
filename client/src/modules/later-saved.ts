import type { RequestOptions } from '../graphql/document.ts'
import { SavedDocument, SaveMessageDocument, UnsaveMessageDocument } from '../graphql/generated/documents.ts'
import type { SavedQuery } from '../graphql/generated/types.ts'
import type { HandleContext } from '../handles/context.ts'

type SavedPage = NonNullable<NonNullable<SavedQuery['viewer']>['savedMessages']>
export type SavedMessage = SavedPage['nodes'][number]

/** What the user has saved, page by page, and what was saved since. */
export class Saved {
  readonly #context: HandleContext
  readonly #onChange: () => void
  #known: ReadonlyMap<string, SavedMessage> = new Map()
  /** Where the next page begins; null at the end. */
  #cursor: string | null = null
  #list: readonly SavedMessage[] | undefined

  constructor(context: HandleContext, onChange: () => void) {
    this.#context = context
    this.#onChange = onChange
  }

  get list(): readonly SavedMessage[] {
    return (this.#list ??= [...this.#known.values()].toSorted(
      (one, other) => Date.parse(other.savedAt) - Date.parse(one.savedAt),
    ))
  }

  get hasMore(): boolean {
    return this.#cursor !== null
  }

  read(): Promise<SavedPage> {
    return this.#page(null)
  }

  /** The newest page, in the place of all that was known. */
  replace(page: SavedPage): void {
    this.#known = new Map()
    this.#add(page)
  }

  async more(options?: RequestOptions): Promise<void> {
    const cursor = this.#cursor
    if (cursor === null) return
    const page = await this.#page(cursor, options)
    // It was read anew meanwhile, or by another call.
    if (cursor === this.#cursor) this.#add(page)
  }

  async save(messageId: string, remindAt?: Date | null, options?: RequestOptions): Promise<SavedMessage> {
    const before = this.#known.get(messageId)
    const at = remindAt === undefined ? (before?.remindAt ?? null) : (remindAt?.toISOString() ?? null)
    const isSame = before !== undefined && remindAt === undefined
    const shown = isSame ? undefined : this.#expected(messageId, at)
    if (shown) this.put(shown)
    const input = { messageId, ...(remindAt !== undefined && { remindAt: at }) }
    try {
      const { saveMessage } = await this.#context.host.request(SaveMessageDocument, { input }, options)
      return this.put(saveMessage!.savedMessage)
    } catch (error) {
      if (shown && this.#known.get(messageId) === shown) this.#restore(messageId, before)
      throw error
    }
  }

  async unsave(messageId: string, options?: RequestOptions): Promise<void> {
    const before = this.#known.get(messageId)
    this.remove((saved) => saved.messageId === messageId)
    try {
      await this.#context.host.request(UnsaveMessageDocument, { input: { messageId } }, options)
    } catch (error) {
      if (!this.#known.has(messageId)) this.#restore(messageId, before)
      throw error
    }
  }

  /** What a call will make of a message, where that is known: it shows at once. */
  #expected(messageId: string, remindAt: string | null): SavedMessage | undefined {
    const before = this.#known.get(messageId)
    if (before) return { ...before, remindAt, remindedAt: null }
    const { env, store } = this.#context
    const { channels, clockAhead } = store.getSnapshot()
    const savedAt = new Date(env.clock.now() + clockAhead).toISOString()
    for (const [channelId, { messages }] of channels) {
      const message = messages.find(({ id }) => id === messageId)
      if (message) return { messageId, channelId, savedAt, remindAt, remindedAt: null, message } as SavedMessage
    }
    return undefined
  }

  #restore(messageId: string, before: SavedMessage | undefined): void {
    if (before) this.put(before)
    else this.remove((saved) => saved.messageId === messageId)
  }

  put(saved: SavedMessage): SavedMessage {
    this.#set(new Map(this.#known).set(saved.messageId, saved))
    return saved
  }

  remove(isGone: (saved: SavedMessage) => boolean): void {
    this.#set(new Map([...this.#known].filter(([, saved]) => !isGone(saved))))
  }

  async #page(after: string | null, options?: RequestOptions): Promise<SavedPage> {
    const { viewer } = await this.#context.host.request(SavedDocument, { after }, options)
    return viewer?.savedMessages ?? { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } }
  }

  #add({ nodes, pageInfo }: SavedPage): void {
    this.#cursor = pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null
    // What was heard of meanwhile is newer than the page.
    this.#set(new Map([...nodes.map((one) => [one.messageId, one] as const), ...this.#known]))
  }

  #set(known: ReadonlyMap<string, SavedMessage>): void {
    this.#known = known
    this.#list = undefined
    this.#onChange()
  }
}
