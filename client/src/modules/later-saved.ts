import type { RequestOptions } from '../graphql/document.ts'
import { SavedDocument, SaveMessageDocument, UnsaveMessageDocument } from '../graphql/generated/documents.ts'
import type { SavedQuery } from '../graphql/generated/types.ts'
import type { Host } from '../tabs/types.ts'

type SavedPage = NonNullable<NonNullable<SavedQuery['viewer']>['savedMessages']>
export type SavedMessage = SavedPage['nodes'][number]

/** What the user has saved, page by page, and what was saved since. */
export class Saved {
  readonly #host: () => Host
  readonly #onChange: () => void
  #known: ReadonlyMap<string, SavedMessage> = new Map()
  /** Where the next page begins; null at the end. */
  #cursor: string | null = null
  #list: readonly SavedMessage[] | undefined

  constructor(host: () => Host, onChange: () => void) {
    this.#host = host
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
    const input = { messageId, ...(remindAt !== undefined && { remindAt: remindAt?.toISOString() ?? null }) }
    const { saveMessage } = await this.#host().request(SaveMessageDocument, { input }, options)
    return this.put(saveMessage!.savedMessage)
  }

  async unsave(messageId: string, options?: RequestOptions): Promise<void> {
    await this.#host().request(UnsaveMessageDocument, { input: { messageId } }, options)
    this.remove((saved) => saved.messageId === messageId)
  }

  put(saved: SavedMessage): SavedMessage {
    this.#set(new Map(this.#known).set(saved.messageId, saved))
    return saved
  }

  remove(isGone: (saved: SavedMessage) => boolean): void {
    this.#set(new Map([...this.#known].filter(([, saved]) => !isGone(saved))))
  }

  async #page(after: string | null, options?: RequestOptions): Promise<SavedPage> {
    const { viewer } = await this.#host().request(SavedDocument, { after }, options)
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
