import type { ApolloCache, FieldPolicy, Reference, StoreObject } from '@apollo/client'
import { isNewestFirst, type ChannelOrder } from '../glue/channel-order.ts'

type ReadField = <Value>(field: string, from: Reference) => Value | undefined

interface CachedPageInfo {
  readonly hasNextPage?: boolean | undefined
  readonly hasPreviousPage?: boolean | undefined
  readonly startCursor?: string | null | undefined
  readonly endCursor?: string | null | undefined
}

interface CachedList extends StoreObject {
  readonly nodes?: readonly Reference[]
  readonly pageInfo?: CachedPageInfo
}

/** Pages of a list in its order, each object once. A first page that is read again takes the place of what it reaches. */
export function listPolicy(keyArgs: readonly string[]): FieldPolicy<CachedList> {
  return {
    keyArgs: [...keyArgs],
    merge(replaced, incoming, { args, existingData }) {
      // A query that is read again would begin with nothing.
      const existing = replaced ?? (existingData as CachedList | undefined)
      const known = existing?.nodes
      const read = incoming.nodes
      if (known === undefined || read === undefined) return incoming
      const isRead = new Set(read.map(keyOf))
      const isKnown = new Set(known.map(keyOf))
      const { pageInfo } = incoming
      if (args?.['after'] != null) {
        const nodes = [...known, ...read.filter((node) => !isKnown.has(keyOf(node)))]
        const start = {
          hasPreviousPage: existing?.pageInfo?.hasPreviousPage,
          startCursor: existing?.pageInfo?.startCursor,
        }
        return { ...incoming, nodes, ...(pageInfo && { pageInfo: { ...pageInfo, ...defined(start) } }) }
      }
      const rest = known.slice(known.findLastIndex((node) => isRead.has(keyOf(node))) + 1)
      const nodes = [...read, ...rest]
      const end = { hasNextPage: existing?.pageInfo?.hasNextPage, endCursor: existing?.pageInfo?.endCursor }
      return { ...incoming, nodes, ...(pageInfo && rest.length > 0 && { pageInfo: { ...pageInfo, ...defined(end) } }) }
    },
  }
}

/** Of what has no id, all that it says. */
const keyOf = (node: Reference): string => node.__ref ?? JSON.stringify(node)

function defined<Value extends object>(value: Value): Partial<Value> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Partial<Value>
}

interface List {
  readonly nodes: readonly Reference[]
  readonly pageInfo: CachedPageInfo | undefined
  /** With the arguments by which lists differ. */
  readonly storeFieldName: string
}

function modifyNodes(
  cache: ApolloCache,
  id: string,
  field: string,
  change: (list: List, readField: ReadField) => readonly Reference[],
): void {
  cache.modify<Record<string, CachedList>>({
    id,
    fields: {
      [field]: (value, { readField, storeFieldName }) => {
        const { nodes, pageInfo } = (value ?? {}) as CachedList
        if (!nodes) return value
        const changed = change({ nodes, pageInfo, storeFieldName }, readField as ReadField)
        return (changed === nodes ? value : { ...(value as CachedList), nodes: changed }) as never
      },
    },
  })
}

/** Puts an object at the end of a list that is known to its end. */
export function addItem(cache: ApolloCache, id: string, field: string, item: Reference): void {
  modifyNodes(cache, id, field, ({ nodes, pageInfo }) =>
    pageInfo?.hasNextPage === false && !nodes.some(({ __ref }) => __ref === item.__ref) ? [...nodes, item] : nodes,
  )
}

export function removeItem(
  cache: ApolloCache,
  id: string,
  field: string,
  isGone: (item: Reference, readField: ReadField) => boolean,
): void {
  modifyNodes(cache, id, field, ({ nodes }, readField) =>
    nodes.some((item) => isGone(item, readField)) ? nodes.filter((item) => !isGone(item, readField)) : nodes,
  )
}

/** Puts an object first in the lists that begin with the newest activity. One that is in no page yet is left to the next reading. */
export function moveToTop(
  cache: ApolloCache,
  id: string,
  field: string,
  isMoved: (item: Reference, readField: ReadField) => boolean,
): void {
  modifyNodes(cache, id, field, ({ nodes, storeFieldName }, readField) => {
    const at = isByActivity(storeFieldName) ? nodes.findIndex((item) => isMoved(item, readField)) : -1
    return at > 0 ? [nodes[at]!, ...nodes.slice(0, at), ...nodes.slice(at + 1)] : nodes
  })
}

function isByActivity(storeFieldName: string): boolean {
  const [, args = '{}'] = /^\w+:(.*)$/.exec(storeFieldName) ?? []
  const { orderBy } = JSON.parse(args) as { readonly orderBy?: ChannelOrder | null }
  return isNewestFirst(orderBy)
}

/** Puts an object first in a list, or takes it out. */
export function setFirst(cache: ApolloCache, id: string, field: string, item: Reference, isIn: boolean): void {
  modifyNodes(cache, id, field, ({ nodes }) => {
    const others = nodes.filter(({ __ref }) => __ref !== item.__ref)
    return isIn ? [item, ...others] : others
  })
}
