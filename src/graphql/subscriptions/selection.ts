import {
  GraphQLError,
  OperationTypeNode,
  TypeInfo,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLSchema,
  type NamedTypeNode,
} from 'graphql'
import { collectFields } from 'graphql/execution/collectFields.js'
import type { FeedEvent } from '../../domain/realtime/group.ts'
import type { ViewerEvent } from '../../domain/realtime/viewer-stream.ts'
import type { Context } from '../schema/context.ts'
import { eventPointsOf, findEventCost, pointsOf } from '../schema/cost.ts'
import { documentLimits } from '../schema/document-size.ts'
import { channelEventTypes, eventTypeName } from '../schema/types/event.ts'
import { viewerEventTypes } from '../schema/types/viewer-event.ts'
import type { Operation } from './event-execution.ts'

/** What a subscription selects: its root field and what decides which subscribers share a rendering. */
export interface Selection {
  readonly field: GraphQLField<unknown, Context>
  readonly args: Record<string, unknown>
  readonly isPerViewer: boolean
  /** What a stream of all events delivers to it. */
  readonly wantedEvents: ReadonlySet<FeedEvent['type']>
  readonly key: string
  /** Of one event. */
  readonly points: number
  readonly openingPoints: number
}

/** Analyses the root field of the operation; validation allows no second one. */
export function selectField(operation: Operation, context: Context): Selection | readonly GraphQLError[] {
  const { schema, document, operationName } = operation
  const definition = getOperationAST(document, operationName)
  if (definition?.operation !== OperationTypeNode.SUBSCRIPTION) return [new GraphQLError('not a subscription')]
  const variables = getVariableValues(schema, definition.variableDefinitions ?? [], operation.variableValues ?? {}, {
    maxErrors: documentLimits.variableErrors,
  })
  if (variables.errors) return variables.errors
  const costErrors = findEventCost(operation, context)
  if (costErrors.length > 0) return costErrors
  const type = schema.getSubscriptionType()!
  const fields = collectFields(schema, fragmentsOf(document), variables.coerced, type, definition.selectionSet)
  const nodes = fields.values().next().value
  const node = nodes?.[0]
  const field = node && type.getFields()[node.name.value]
  const { stream, userStream, viewerStream, presenceStream } = field?.extensions ?? {}
  if (!node || !field || !(stream ?? userStream ?? viewerStream ?? presenceStream))
    return [new GraphQLError('the subscription selects nothing')]
  return {
    field,
    args: getArgumentValues(field, node, variables.coerced),
    isPerViewer: isPerViewer(schema, document),
    wantedEvents: wantedBy(document),
    key: `${documentKey(document)}|${operationName ?? ''}|${selectionVariables(node, document, variables.coerced)}`,
    points: eventPointsOf(operation),
    openingPoints: pointsOf(operation),
  }
}

function fragmentsOf(document: DocumentNode): Record<string, FragmentDefinitionNode> {
  const fragments: Record<string, FragmentDefinitionNode> = {}
  for (const definition of document.definitions) {
    if (definition.kind === 'FragmentDefinition') fragments[definition.name.value] = definition
  }
  return fragments
}

const documentKeys = new WeakMap<DocumentNode, number>()
let documents = 0

function documentKey(document: DocumentNode): number {
  let key = documentKeys.get(document)
  if (key === undefined) {
    key = ++documents
    documentKeys.set(document, key)
  }
  return key
}

/**
 * The variables that shape the result. Those of the root field's own arguments are left out: a cursor there would put every client that
 * resumes in a group of its own.
 */
function selectionVariables(
  root: FieldNode,
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): string {
  const rootArguments = new Set<unknown>(root.arguments)
  const used = new Set<string>()
  visit(document, {
    Argument: (node) => (rootArguments.has(node) ? false : undefined),
    VariableDefinition: () => false,
    Variable: (node) => {
      used.add(node.name.value)
    },
  })
  if (used.size === 0) return ''
  return JSON.stringify(Object.entries(variables).filter(([name]) => used.has(name)))
}

const perViewer = new WeakMap<DocumentNode, boolean>()

function isPerViewer(schema: GraphQLSchema, document: DocumentNode): boolean {
  let found = perViewer.get(document)
  if (found === undefined) {
    found = false
    const types = new TypeInfo(schema)
    const enter = (): void => {
      if (types.getFieldDef()?.extensions['perViewer']) found = true
    }
    visit(document, visitWithTypeInfo(types, { Field: { enter } }))
    perViewer.set(document, found)
  }
  return found
}

const mustBeNamed = new Set<FeedEvent['type']>(['receiptsUpdated', 'messageAppended'])

const wantedEvents = new WeakMap<DocumentNode, ReadonlySet<FeedEvent['type']>>()

/**
 * The events that a stream of all events delivers to a document: those that it has a fragment on, so that a new type of event costs older clients
 * nothing. One without any asks for nothing but their names, of all; receipts and pieces of texts, which come each second and more often, it must ask for.
 */
function wantedBy(document: DocumentNode): ReadonlySet<FeedEvent['type']> {
  let wanted = wantedEvents.get(document)
  if (!wanted) {
    const fragments = typesNamedBy(document)
    const named = channelEventTypes.filter((type) => fragments.has(eventTypeName(type)))
    const all = named.length === 0 || fragments.has('ChannelEvent')
    const types = all ? channelEventTypes.filter((type) => !mustBeNamed.has(type) || named.includes(type)) : named
    wanted = new Set<FeedEvent['type']>(['gap', ...types])
    wantedEvents.set(document, wanted)
  }
  return wanted
}

/** The same for a stream of what happens to the caller: whether it delivers an event. */
export function wantsViewerEvent(document: DocumentNode): (type: ViewerEvent['type']) => boolean {
  const fragments = typesNamedBy(document)
  const isNamed = (type: ViewerEvent['type']): boolean => fragments.has(viewerEventTypes[type].name)
  const all = fragments.has('ViewerEvent') || !viewerEventKinds.some(isNamed)
  return (type) => all || isAlways(type) || isNamed(type)
}

const isAlways = (type: ViewerEvent['type']): boolean => type === 'ready' || type === 'gap'

const viewerEventKinds = (Object.keys(viewerEventTypes) as ViewerEvent['type'][]).filter((type) => !isAlways(type))

/** The types that a document has fragments on. */
function typesNamedBy(document: DocumentNode): ReadonlySet<string> {
  const types = new Set<string>()
  const add = ({ typeCondition }: { readonly typeCondition?: NamedTypeNode | undefined }): void => {
    if (typeCondition) types.add(typeCondition.name.value)
  }
  visit(document, { InlineFragment: add, FragmentDefinition: add })
  return types
}
