import type { PageOf } from '../../model/page.ts'

/**
 * The value of a connection for the relay plugin. `totalCount` comes from a counter of the whole list, where there is one: lists are never
 * counted.
 */
export function toConnection<Item>(
  page: PageOf<Item>,
  cursorOf: (item: Item) => string,
  totalCount: number | null = null,
) {
  const edges = page.items.map((node) => ({ cursor: cursorOf(node), node }))
  return {
    edges,
    totalCount,
    pageInfo: {
      // Getters: most clients select one of them or none. The builder's type has no promises, though graphql-js accepts them.
      get hasNextPage() {
        return page.hasNextPage() as unknown as boolean
      },
      get hasPreviousPage() {
        return page.hasPreviousPage() as unknown as boolean
      },
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}

interface PageSize {
  readonly first?: number | null | undefined
  readonly last?: number | null | undefined
}

/** The cost of a connection: its fields once for each item of the page, and what is read of each whatever is selected. */
export function pageCost(itemPoints: number) {
  return ({ first, last }: PageSize) => {
    const size = Math.max(1, first ?? last ?? 25)
    return { field: 1 + size * itemPoints, multiplier: size }
  }
}

export const connectionCost = pageCost(0)
