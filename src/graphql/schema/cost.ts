import { complexityFromQuery, createComplexityRule } from '@pothos/plugin-complexity'
import {
  GraphQLError,
  Kind,
  getOperationAST,
  getVariableValues,
  validate,
  type DocumentNode,
  type ExecutionArgs,
} from 'graphql'
import type { Context } from './context.ts'
import { documentLimits } from './document-size.ts'

/**
 * The limits of what an operation costs. There are three checks, each before the work that it bounds, and no transport can leave one out:
 *
 * 1. `document-size.ts`: `assertSmall` reads the text before it is parsed, and `findOversize` the document before any rule walks it, since rules, the
 *    executor and the errors take time that grows with the square of it. `Documents` calls both.
 * 2. `introspection-cost.ts`: counts what a query of the schema returns. It needs no credentials, so all have the same budget.
 * 3. Fields of the schema cost what they say as `complexity`, by the sizes of pages and by the caller: the root fields check it when
 *    they are executed, and subscriptions when they are opened.
 *
 * A point is a field, or what takes about 4 KB of memory. A page of the largest size with what a client usually selects stays below;
 * pages within pages do not, nor does selecting each text many times under other names.
 */
const costLimits = {
  user: { complexity: 12_000, depth: 12 },
  backend: { complexity: 100_000, depth: 12 },
} as const

/** Points of large values, by their largest size. While they are returned, attributes are objects of up to 20 times their text. */
export const points = {
  message: 9,
  /** As JSON a character may take six. */
  body: 25,
  messageAttributes: 8,
  channel: 4,
  channelAttributes: 30,
  user: 1,
  userAttributes: 8,
  preferencesAttributes: 8,
  webhookDelivery: 10,
  /** Members whose receipts are read together. */
  receipts: 100,
  /** Where each message of a page is in another channel. */
  receiptsOfMessage: 10,
  /** Kinds of reactions to a message; few have more. */
  reactions: 5,
  /** Of one event: most have one. */
  changedReactions: 10,
  /** An audit entry without what it shows, and what it shows: three times. */
  auditEntry: 3,
  auditedThing: 25,
  /** Of a keyword rule. */
  words: 16,
} as const

export function costLimitsOf(context: Context) {
  return costLimits[context.hasBackend ? 'backend' : 'user']
}

/** The context for counting the cost of one event. Fields that a stream has only at its start cost nothing there. */
const perEvent = {}

/** The cost of a list that a stream has only at its start. */
export const startCost = (size: number) => (_args: object, context: object) => ({
  field: 1,
  multiplier: context === perEvent ? 0 : size,
})

/** The points of one event: of one execution of a subscription's selection. */
export function eventPointsOf(operation: ExecutionArgs): number {
  return countPoints(operation, perEvent)
}

/** By document and name of the operation, where the points do not depend on variables. */
const constantPoints = new WeakMap<DocumentNode, Map<string, number>>()

/** The points of an operation. One with wrong variables has none: its execution reports them. */
export function pointsOf(operation: ExecutionArgs): number {
  const { document } = operation
  const name = operation.operationName ?? ''
  const known = constantPoints.get(document)?.get(name)
  if (known !== undefined) return known
  const points = countPoints(operation, {})
  if (!mayVarySizes(document)) {
    const ofDocument = constantPoints.get(document) ?? new Map<string, number>()
    constantPoints.set(document, ofDocument.set(name, points))
  }
  return points
}

function countPoints({ schema, document, operationName, variableValues }: ExecutionArgs, context: object): number {
  const operation = getOperationAST(document, operationName)
  if (!operation) return 0
  const definitions = [operation, ...document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)]
  const variables = { ...variableValues }
  const maxErrors = documentLimits.variableErrors
  if (getVariableValues(schema, operation.variableDefinitions ?? [], variables, { maxErrors }).errors) return 0
  try {
    return complexityFromQuery({ kind: Kind.DOCUMENT, definitions }, { schema, ctx: context, variables }).complexity
  } catch {
    return 0
  }
}

/** Whether a variable may set the size of a page. */
function mayVarySizes({ definitions }: DocumentNode): boolean {
  return definitions.some(
    (definition) =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      definition.variableDefinitions?.some(({ type }) => {
        const single = type.kind === Kind.NON_NULL_TYPE ? type.type : type
        return single.kind === Kind.LIST_TYPE || single.name.value === 'Int'
      }),
  )
}

/** Why the selection of a subscription costs too much for each event. */
export function findEventCost(operation: ExecutionArgs, context: Context): readonly GraphQLError[] {
  const { schema, document, operationName, variableValues } = operation
  const { complexity, depth } = costLimitsOf(context)
  const rule = createComplexityRule({
    context,
    variableValues: variableValues ?? {},
    ...(operationName != null && { operationName }),
    maxComplexity: complexity,
    maxDepth: depth,
  })
  // Without the rule's own codes.
  return validate(schema, document, [rule]).map(
    ({ message, nodes }) => new GraphQLError(message, { nodes: nodes ?? null }),
  )
}
