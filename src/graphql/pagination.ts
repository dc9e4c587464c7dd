import type { PageOf } from '../model/page.ts'

/** What the relay plugin's connection types are resolved from. */
export function toConnection<Item>(page: PageOf<Item>, cursorOf: (item: Item) => string) {
  const edges = page.items.map((node) => ({ cursor: cursorOf(node), node }))
  return {
    edges,
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: page.hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}

/** The cost of a connection: its fields once for each item of the page asked for. */
export function connectionCost(args: { first?: number | null | undefined; last?: number | null | undefined }) {
  return { field: 1, multiplier: Math.max(1, args.first ?? args.last ?? 25) }
}
