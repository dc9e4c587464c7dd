import { ChatError } from '../errors.ts'
import type { RequestOptions } from '../graphql/document.ts'
import type { HandleContext } from './context.ts'
import { MessageHandle } from './message.ts'
import { readMessages, type PageBounds } from './read-messages.ts'

/** A page of a channel’s history: the messages, oldest first, and the ways on. */
export type Page = readonly MessageHandle[] & {
  readonly hasPrev: boolean
  readonly hasNext: boolean
  /** The page of older messages; empty where there are none. */
  prev(options?: RequestOptions): Promise<Page>
  /** The page of newer messages; empty where there are none. */
  next(options?: RequestOptions): Promise<Page>
}

/** Reads a page of `count` messages, from 1 to 100. What is read is known to the lists, too. */
export async function readPage(
  context: HandleContext,
  channelId: string,
  count: number,
  bounds: PageBounds,
  options?: RequestOptions,
): Promise<Page> {
  const { variables, before, after } = bounds
  const channel = await readMessages(context, channelId, bounds, options)
  if (!channel) throw new ChatError('NOT_FOUND', `no channel ${channelId} of this user`)
  const { nodes, pageInfo } = channel.messages
  const first = nodes[0]
  const last = nodes.at(-1)
  const older: PageBounds = {
    variables: { last: count, before: first?.cursor ?? variables.before ?? variables.after ?? null },
    before: first?.index ?? before ?? null,
  }
  const newer: PageBounds = {
    variables: { first: count, after: last?.cursor ?? variables.after ?? variables.before ?? null },
    after: last?.index ?? after ?? null,
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
