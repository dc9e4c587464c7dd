import type { RequestOptions } from '../graphql/document.ts'
import { QuickSwitcherDocument, SearchMessagesDocument } from '../graphql/generated/documents.ts'
import type { QuickSwitcherQuery, SearchMessagesQueryVariables } from '../graphql/generated/types.ts'
import { MessageHandle } from '../handles/message.ts'
import type { Module } from './types.ts'

export interface FoundMessage {
  readonly message: MessageHandle
  /** Where its body has the words: UTF-16 offsets, the end excluded. */
  readonly highlights: readonly { readonly start: number; readonly end: number }[]
}

export interface FoundMessages {
  readonly items: readonly FoundMessage[]
  /** Whether words were taken for others that are spelled alike. */
  readonly isCorrected: boolean
  readonly hasMore: boolean
  /** The next page; empty where there are no more. */
  more(options?: RequestOptions): Promise<FoundMessages>
}

export type SearchOptions = RequestOptions & Pick<SearchMessagesQueryVariables, 'filter' | 'orderBy' | 'first'>

export interface Search {
  /** Messages in the channels of the user that have these words. */
  messages(query: string, options?: SearchOptions): Promise<FoundMessages>
  /** Channels and people whose names begin so, for a field that jumps to them. */
  quickSwitcher(query: string, options?: RequestOptions & { readonly first?: number }): Promise<QuickSwitcherResult>
}

export type QuickSwitcherResult = NonNullable<QuickSwitcherQuery['quickSwitcher']>

/** Search: `createClient({ modules: [search()] }).search`. */
export function search(): Module<'search', Search> {
  return {
    name: 'search',
    create: (context) => {
      const { host } = context
      const read = async (
        variables: SearchMessagesQueryVariables,
        options?: RequestOptions,
      ): Promise<FoundMessages> => {
        const { searchMessages } = await host.request(SearchMessagesDocument, variables, options)
        const { edges, isCorrected, pageInfo } = searchMessages!
        return {
          items: edges.map(({ node, highlights }) => ({ message: new MessageHandle(context, node), highlights })),
          isCorrected,
          hasMore: pageInfo.hasNextPage,
          more: (again) => read({ ...variables, after: pageInfo.endCursor ?? variables.after ?? null }, again),
        }
      }
      return {
        messages: (query, { signal, ...options } = {}) => read({ query, ...options }, { signal }),
        quickSwitcher: async (query, { signal, first } = {}) => {
          const variables = { query, ...(first !== undefined && { first }) }
          return (await host.request(QuickSwitcherDocument, variables, { signal })).quickSwitcher ?? []
        },
      }
    },
  }
}
