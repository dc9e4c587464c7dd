export interface PageInfo {
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly startCursor?: string | null
  readonly endCursor?: string | null
}

/** A page of things, as the API gives it. */
export interface Connection<Row> {
  readonly nodes: readonly Row[]
  readonly pageInfo: PageInfo
}

/** What the API gives without pages. */
export const wholeList = <Row>(nodes: readonly Row[] | null | undefined): Connection<Row> | null | undefined =>
  nodes && { nodes, pageInfo: { hasNextPage: false, hasPreviousPage: false } }

/** What the API gives without a way back: its pages lead only on. */
export const onlyForward = <Row>(connection: Connection<Row> | null | undefined): Connection<Row> | null | undefined =>
  connection && { nodes: connection.nodes, pageInfo: { ...connection.pageInfo, hasPreviousPage: false } }
