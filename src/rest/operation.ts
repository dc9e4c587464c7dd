import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import type { DocumentNode } from 'graphql'
import type { RestEndsFragment } from '../../schema/generated/graphql.ts'
import type { Succeeded } from '../../schema/succeeded.ts'
import { limits } from '../model/limits.ts'
import type { Parameters, Values } from './form.ts'
import { toArguments, toMeta, type Order, type PageRequest } from './page.ts'
import { present, type Resource, type LinkContext } from './resource.ts'

/** The values of a path's slots, decoded. A path without a slot has no value for it. */
export interface PathValues {
  readonly ServiceSid: string
  readonly ChannelSid: string
  readonly UserSid: string
  readonly Sid: string
}

/** A parsed request, from which the variables of the GraphQL operation are made. */
export interface Call<P extends Parameters = Parameters> {
  readonly path: PathValues
  readonly given: Values<P>
  readonly header: (name: string) => string | undefined
  readonly links: LinkContext
}

/** A call of a list. */
interface ListCall<P extends Parameters> extends Call<P> {
  /** The page, as arguments of a GraphQL connection. */
  readonly page: ReturnType<typeof toArguments>
}

export type OperationKind = 'list' | 'create' | 'fetch' | 'update' | 'remove'

/** A route as data: a GraphQL operation, how a request becomes its variables, and how its result becomes JSON. */
export interface Operation {
  readonly kind: OperationKind
  readonly name: string
  readonly summary: string
  readonly parameters: Parameters
  readonly resource: Resource<never> | undefined
  /** The key of a list's items. */
  readonly key: string | undefined
  readonly maxPageSize: number
  readonly document: DocumentNode
  variables(call: Call, page: PageRequest): object
  /** The body of the response: null for none, undefined when the resource does not exist. */
  answer(data: unknown, call: Call, context: AnswerContext): object | null | undefined
}

interface AnswerContext {
  readonly page: PageRequest
  /** The address of the path with these values in its slots. */
  address(values: Partial<PathValues>): string
  /** The filters of the query, as they were sent. */
  readonly filters: readonly string[]
}

interface Description<Data, Variables, P extends Parameters> {
  readonly name: string
  readonly summary: string
  readonly parameters?: P
  readonly document: TypedDocumentNode<Data, Variables>
}

interface SingleDescription<Source, Data, Variables, P extends Parameters> extends Description<Data, Variables, P> {
  variables(call: Call<P>): Variables
  /** Picks the object from the result. */
  from(data: Succeeded<Data>): Source | null | undefined
}

type SingleKind = Extract<OperationKind, 'create' | 'fetch' | 'update'>

const single =
  (kind: SingleKind) =>
  <Source, Data, Variables extends object, P extends Parameters = Parameters>(
    resource: Resource<Source>,
    description: SingleDescription<Source, Data, Variables, P>,
  ): Operation => ({
    ...common(kind, description),
    resource: resource as Resource<never>,
    variables: (call) => description.variables(call as Call<P>),
    answer: (data, { links }) => {
      const source = description.from(data as Succeeded<Data>)
      return source == null ? undefined : present(resource, source, links)
    },
  })

export const create = single('create')
export const fetch = single('fetch')
export const update = single('update')

/** A deletion, whose response has no body. */
export function remove<Data, Variables extends object>(
  description: Description<Data, Variables, Parameters> & { variables(call: Call): Variables },
): Operation {
  return { ...common('remove', description), variables: description.variables, answer: () => null }
}

interface ListDescription<Source, Data, Variables, P extends Parameters> extends Description<Data, Variables, P> {
  readonly key: string
  readonly maxPageSize?: number
  order?(call: Call<P>): Order
  variables(call: ListCall<P>): Variables
  /** Picks the list from the result. Null when what it belongs to does not exist. */
  from(data: Succeeded<Data>): Connection<Source> | null | undefined
  /** The SIDs of the list's own address, where the request may have had names. */
  canonicalPath?(data: Succeeded<Data>): Partial<PathValues>
}

interface Connection<Source> {
  readonly edges: readonly { readonly node: Source }[]
  readonly pageInfo: RestEndsFragment
}

export function list<Source, Data, Variables extends object, P extends Parameters = Parameters>(
  resource: Resource<Source>,
  description: ListDescription<Source, Data, Variables, P>,
): Operation {
  const { key, maxPageSize = limits.backendPageSize } = description
  const orderOf = (call: Call): Order => description.order?.(call as Call<P>) ?? 'asc'
  return {
    ...common('list', description),
    resource: resource as Resource<never>,
    key,
    maxPageSize,
    variables: (call, page) => {
      const listCall = { ...(call as Call<P>), page: toArguments(page, orderOf(call)) }
      return description.variables(listCall)
    },
    answer: (data, call, { page, address, filters }) => {
      const connection = description.from(data as Succeeded<Data>)
      if (!connection) return undefined
      const order = orderOf(call)
      const nodes = connection.edges.map((edge) => present(resource, edge.node, call.links))
      if (order === 'desc') nodes.reverse()
      const own = address(description.canonicalPath?.(data as Succeeded<Data>) ?? {})
      return { [key]: nodes, meta: toMeta(page, order, { key, address: own, filters, ends: connection.pageInfo }) }
    },
  }
}

function common(
  kind: OperationKind,
  described: Pick<Operation, 'name' | 'summary' | 'document'> & { readonly parameters?: Parameters },
) {
  const { name, summary, parameters = {}, document } = described
  return { kind, name, summary, parameters, document, resource: undefined, key: undefined, maxPageSize: 0 }
}
