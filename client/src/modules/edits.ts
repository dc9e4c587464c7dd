import type { RequestOptions } from '../graphql/document.ts'
import { MessageEditsDocument } from '../graphql/generated/documents.ts'
import type { MessageEditsQuery } from '../graphql/generated/types.ts'
import type { Module } from './types.ts'

/** A message as it was before an edit. */
export type MessageEdit = NonNullable<NonNullable<MessageEditsQuery['message']>['edits']>['nodes'][number]

export interface MessageEdits {
  /** The newest version first; empty where none is kept. */
  readonly items: readonly MessageEdit[]
  readonly hasMore: boolean
  /** The next page; empty where there are no more. */
  more(options?: RequestOptions): Promise<MessageEdits>
}

export interface Edits {
  /**
   * What a message was before its edits, by its SID, `first` (25) at a time, as far as the service keeps it (`editHistory`). Null where the user may not see
   * it, who is neither the author nor may edit any message, and where there is no such message.
   */
  of(messageId: string, options?: RequestOptions & { readonly first?: number }): Promise<MessageEdits | null>
}

const nothing: MessageEdits = { items: [], hasMore: false, more: async () => nothing }

/** Former versions of messages: `createClient({ modules: [edits()] }).edits`. */
export function edits(): Module<'edits', Edits> {
  return {
    name: 'edits',
    create: ({ host }) => {
      const read = async (
        id: string,
        page: { readonly first?: number; readonly after?: string | null },
        options?: RequestOptions,
      ): Promise<MessageEdits | null> => {
        const { message } = await host.request(MessageEditsDocument, { id, ...page }, options)
        if (!message?.edits) return null
        const { nodes: items, pageInfo } = message.edits
        const after = pageInfo.endCursor ?? page.after ?? null
        const more = async (again?: RequestOptions): Promise<MessageEdits> =>
          (await read(id, { ...page, after }, again)) ?? nothing
        return { items, hasMore: pageInfo.hasNextPage, more }
      }
      return {
        of: (messageId, { signal, first } = {}) => read(messageId, first === undefined ? {} : { first }, { signal }),
      }
    },
  }
}
