import { ChatError } from '../errors.ts'
import type { RequestOptions } from '../graphql/document.ts'
import { MessagesDocument } from '../graphql/generated/documents.ts'
import type { MessagesQueryVariables } from '../graphql/generated/types.ts'
import { messagePageChanges } from '../sync/page-changes.ts'
import type { HandleContext } from './context.ts'
import { MessageHandle } from './message.ts'

/** A page of a channel’s history: the messages, oldest first, and the ways on. */
export type Page = readonly MessageHandle[] & {
  readonly hasPrev: boolean
  readonly hasNext: boolean
  /** The page of older messages; empty where there are none. */
  prev(options?: RequestOptions): Promise<Page>
  /** The page of newer messages; empty where there are none. */
  next(options?: RequestOptions): Promise<Page>
}

export interface PageBounds {
  readonly variables: Omit<MessagesQueryVariables, 'channelId'>
  readonly before: number | null
  readonly after: number | null
}

/** Reads a page of `count` messages, from 1 to 100. What is read is known to the lists, too. */
export async function readPage(
  context: HandleContext,
  channelId: string,
  count: number,
  { variables, before, after }: PageBounds,
  options?: RequestOptions,
): Promise<Page> {
  const { host, store } = context
  const head = store.getSnapshot().channels.get(channelId)?.head ?? -1
  const { channel } = await host.request(MessagesDocument, { channelId, ...variables }, options)
  if (!channel) throw new ChatError('NOT_FOUND', `no channel ${channelId} of this user`)
  host.apply(messagePageChanges({ channelId, before, after, head }, channel))
  const { nodes, pageInfo } = channel.messages
  const first = nodes[0]
  const last = nodes.at(-1)
  const older: PageBounds = {
    variables: { last: count, before: first?.cursor ?? variables.before ?? variables.after ?? null },
    before: first?.index ?? before,
    after: null,
  }
  const newer: PageBounds = {
    variables: { first: count, after: last?.cursor ?? variables.after ?? variables.before ?? null },
    before: null,
    after: last?.index ?? after,
  }
  return Object.assign(
    nodes.map((message) => new MessageHandle(context, message)),
    {
      hasPrev: pageInfo.hasPreviousPage,
      hasNext: pageInfo.hasNextPage,
      prev: (more?: RequestOptions) => readPage(context, channelId, count, older, more),
      next: (more?: RequestOptions) => readPage(context, channelId, count, newer, more),
    },
  )
}
