import type { ApolloCache, FieldPolicy, Reference, StoreObject } from '@apollo/client'
import { addPage, emptyList, type MessageList } from '../glue/message-list.ts'
import { requireFields } from '../glue/require.ts'
import { findSegment, insertEntry, type Entry, type PageArguments, type PageInfo } from '../glue/segments.ts'
import { keysId, readKeys, type KeysName } from './keys.ts'

export interface CachedEntry extends Entry {
  readonly ref: Reference
}

/** What the cache keeps of a channel's messages. */
export type CachedMessages = MessageList<CachedEntry>

interface Connection {
  readonly pageInfo: PageInfo
  readonly nodes?: readonly Reference[]
  readonly edges?: readonly { readonly cursor: string; readonly node: Reference }[]
}

/** One list for a channel or a thread, whatever the pages: by index, each message once. `type` is that of the connection, without its last word. */
export const messagesPolicy = (type: string): FieldPolicy<CachedMessages, Partial<Connection>> => ({
  keyArgs: false,
  merge(existing, incoming, { args, readField, existingData }) {
    const page = incoming as StoreObject
    // A query that is read again would begin with nothing, and lose what was paged back to.
    const known = existing ?? (existingData as CachedMessages | undefined) ?? emptyList
    const pageInfo = readField<PageInfo>('pageInfo', page)
    requireFields(`${type}Connection`, { pageInfo }, ['pageInfo'])
    const toEntry = (ref: Reference, cursor?: string): CachedEntry => {
      const index = readField<number>('index', ref)
      requireFields('Message', { index, revision: readField('revision', ref) }, ['index', 'revision'])
      return { key: ref.__ref, ref, index: index!, cursor: cursor ?? readField<string>('cursor', ref) }
    }
    const edges = readField<Connection['edges']>('edges', page)
    const nodes = readField<Connection['nodes']>('nodes', page)
    const entries = edges?.map(({ node, cursor }) => toEntry(node, cursor)) ?? nodes?.map((ref) => toEntry(ref)) ?? []
    const totalCount = readField<number>('totalCount', page)
    return addPage(known, { entries, pageInfo: pageInfo!, totalCount }, (args ?? {}) as PageArguments)
  },
  read(existing, { args, readField, toReference }) {
    if (existing === undefined) return undefined
    const { segments, moments, totalCount } = existing
    const found = findSegment(segments, (args ?? {}) as PageArguments, (moment) => moments[moment])
    if (found === undefined) return undefined
    const id = readField<string>('id')
    requireFields(`What has a ${type}Connection`, { id }, ['id'])
    const keysOf = (name: KeysName, owner: string): readonly string[] =>
      readField<readonly string[]>('keys', toReference(keysId(name, owner))) ?? []
    const removed = new Set(keysOf('RemovedMessages', readField<string>('channelId') ?? id!))
    const entries = found.entries.filter(({ key }) => !removed.has(key))
    const refs = entries.map(({ ref }) => ref)
    const cursors = new Map(entries.map(({ ref, cursor }) => [ref, cursor]))
    if (found.isNewest) {
      const sent = new Set(refs.slice(-maxPending).map((ref) => readField('clientMessageId', ref)))
      for (const key of keysOf('PendingMessages', id!)) {
        const ref = toReference(key)
        if (ref === undefined || sent.has(readField('clientMessageId', ref))) continue
        refs.push(ref)
        cursors.set(ref, '')
      }
    }
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = found
    return {
      __typename: `${type}Connection`,
      totalCount,
      nodes: refs,
      edges: refs.map((node) => ({ __typename: `${type}Edge`, node, cursor: cursors.get(node) })),
      pageInfo: { __typename: 'PageInfo', hasNextPage, hasPreviousPage, startCursor, endCursor },
    } as never
  },
})

/** How far back a message may stand that has taken the place of one on its way. */
const maxPending = 500

/** Changes what is kept of the messages of a channel, or of the replies to a message, if anything is. */
export function modifyMessages(
  cache: ApolloCache,
  id: string,
  change: (
    messages: CachedMessages,
    readField: <Value>(field: string, from: Reference) => Value | undefined,
  ) => CachedMessages,
): void {
  const modify = (messages: unknown, { readField }: { readonly readField: unknown }): never =>
    change(messages as CachedMessages, readField as never) as never
  cache.modify<Record<string, CachedMessages>>({ id, fields: { messages: modify, replies: modify } })
}

/** Puts messages that have arrived while a page was under way into it. */
export function addArrived(cache: ApolloCache, owner: { readonly __typename: string; readonly id: string }): void {
  const arrived = readKeys(cache, 'ArrivedMessages', owner.id)
  modifyMessages(cache, cache.identify(owner)!, (list, readField) => {
    const entries = arrived.flatMap((key): CachedEntry[] => {
      const ref = { __ref: key }
      const index = readField<number>('index', ref)
      return index === undefined ? [] : [{ key, ref, index, cursor: readField('cursor', ref) }]
    })
    const segments = entries.reduce(insertEntry<CachedEntry>, list.segments)
    return segments === list.segments ? list : { ...list, segments }
  })
}
