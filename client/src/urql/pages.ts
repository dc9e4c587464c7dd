import type { Cache, Resolver, Variables } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { isNewestFirst, type ChannelOrder } from '../glue/channel-order.ts'

interface Page {
  /** Null where the document has selected what cannot be changed here. */
  readonly nodes: readonly string[] | null
  readonly isLast: boolean
  readonly set: (nodes: readonly string[]) => void
  readonly forget: () => void
}

/** The pages of a list in the cache. */
function pagesOf(cache: Cache, entity: string, field: string): readonly Page[] {
  return cache
    .inspectFields(entity)
    .filter(({ fieldName }) => fieldName === field)
    .flatMap(({ fieldKey, arguments: args }): Page[] => {
      const page = cache.resolve(entity, fieldKey)
      if (typeof page !== 'string') return []
      const nodes = cache.resolve(page, 'nodes') as readonly string[] | undefined
      const hasEdges = cache.resolve(page, 'edges') !== undefined
      const pageInfo = cache.resolve(page, 'pageInfo')
      const hasNextPage = typeof pageInfo === 'string' && cache.resolve(pageInfo, 'hasNextPage')
      return [
        {
          nodes: hasEdges || nodes === undefined || args?.['identities'] != null ? null : nodes,
          isLast: hasNextPage === false && args?.['before'] == null,
          set: (changed) => cache.link(page, 'nodes', [...changed]),
          forget: () => cache.invalidate(entity, field, args),
        },
      ]
    })
}

/** Puts an object at the end of a list, in the pages that are known to be the last. */
export function addItem(cache: Cache, entity: string, field: string, item: string): void {
  for (const { nodes, isLast, set, forget } of pagesOf(cache, entity, field)) {
    if (nodes === null) forget()
    else if (isLast && !nodes.includes(item)) set([...nodes, item])
  }
}

export function removeItem(cache: Cache, entity: string, field: string, item: string): void {
  for (const { nodes, set, forget } of pagesOf(cache, entity, field)) {
    if (nodes === null) forget()
    else if (nodes.includes(item)) set(nodes.filter((key) => key !== item))
  }
}

/** Forgets all pages of a list: what shows it reads it again. */
export function forgetField(cache: Cache, entity: string, field: string): void {
  for (const { fieldName, arguments: args } of cache.inspectFields(entity)) {
    if (fieldName === field) cache.invalidate(entity, field, args)
  }
}

/** Forgets the pages after the first one, which was read again: what has moved since stands on none of them, or on two. */
export function forgetLaterPages(cache: Cache, entity: string, field: string, first: Readonly<Variables>): void {
  if (first['after'] != null || first['before'] != null || first['last'] != null) return
  const listOf = (args: Readonly<Variables> | null): string => JSON.stringify([args?.['filter'], args?.['orderBy']])
  for (const { fieldName, arguments: args } of cache.inspectFields(entity)) {
    if (fieldName !== field || args?.['after'] == null || listOf(args) !== listOf(first)) continue
    cache.invalidate(entity, field, args)
  }
}

interface Connection {
  readonly nodes?: readonly (string | null)[]
  readonly edges?: readonly { readonly node?: unknown }[]
}

/** Pages of channels as one list. Where it begins with the newest activity, those with news since it was read come first. */
export function channelsResolver(readNews: () => readonly string[]): Resolver {
  const joinPages = relayPagination()
  return (parent, args, cache, info) => {
    cache.resolve(info.parentKey, 'listVersion')
    const joined = joinPages(parent, args, cache, info) as Connection | undefined
    if (!joined || !isNewestFirst(args['orderBy'] as ChannelOrder | null | undefined)) return joined as never
    const news = new Map(readNews().map((channel, at) => [channel, at + 1]))
    const rank = (member: unknown): number => {
      if (typeof member !== 'string') return 0
      const channelId = cache.resolve(member, 'channelId')
      const channel = typeof channelId === 'string' ? `Channel:${channelId}` : cache.resolve(member, 'channel')
      return (typeof channel === 'string' && news.get(channel)) || 0
    }
    const byNews = <Item>(items: readonly Item[], memberOf: (item: Item) => unknown): readonly Item[] =>
      items.toSorted((one, other) => rank(memberOf(other)) - rank(memberOf(one)))
    return {
      ...joined,
      ...(joined.nodes && { nodes: byNews(joined.nodes, (key) => key) }),
      ...(joined.edges && { edges: byNews(joined.edges, ({ node }) => node) }),
    } as never
  }
}
