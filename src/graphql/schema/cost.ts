import { complexityFromQuery, createComplexityRule } from '@pothos/plugin-complexity'
import {
  GraphQLError,
  Kind,
  Lexer,
  OperationTypeNode,
  TokenKind,
  getIntrospectionQuery,
  getNamedType,
  getOperationAST,
  getVariableValues,
  isLeafType,
  parse,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
  type Source,
  type TypeNode,
  type ValueNode,
} from 'graphql'
import type { Context } from './context.ts'

/**
 * The limits of what an operation costs. There are three checks, each before the work that it bounds, and no transport can leave one out:
 *
 * 1. `assertSmall` reads the text before it is parsed, and `findOversize` the document before any rule walks it, since rules, the
 *    executor and the errors take time that grows with the square of it. `Documents` calls both.
 * 2. `findIntrospectionCost` counts what a query of the schema returns. It needs no credentials, so all have the same budget.
 * 3. Fields of the schema cost what they say as `complexity`, by the sizes of pages and by the caller: the root fields check it when
 *    they are executed, and subscriptions when they are opened.
 */
export const documentLimits = {
  /** The same as the bytes of a WebSocket's frame. */
  characters: 256 * 1024,
  tokens: 10_000,
  /** Each error finds its line by walking the lines before it. */
  lines: 5000,
  /** More than attributes have as a literal. */
  levels: 200,
  operations: 100,
  /** Of one operation. A field in a fragment counts each time the fragment is used. */
  fields: 300,
  aliases: 100,
  /** How often it may name one variable, and one that may hold lists, objects or JSON: each use walks the whole value. */
  variableUses: 100,
  largeVariableUses: 10,
  errors: 10,
  /** Of its variables: each error contains the whole object that it is about. */
  variableErrors: 3,
} as const

/**
 * A point is a field, or what takes about 4 KB of memory. A page of the largest size with what a client usually selects stays below;
 * pages within pages do not, nor does selecting each text many times under other names.
 */
const costLimits = {
  user: { complexity: 10_000, depth: 12 },
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
  webhookDelivery: 10,
  /** Of a keyword rule. */
  words: 16,
} as const

export function costLimitsOf(context: Context) {
  return costLimits[context.hasBackend ? 'backend' : 'user']
}

/** Checks a text before it is parsed: the parser uses the stack for every level of the text. */
export function assertSmall(source: Source): void {
  const { characters, tokens, lines, levels } = documentLimits
  if (source.body.length > characters) throw tooLarge(`have more than ${characters} characters`)
  const lexer = new Lexer(source)
  let count = 0
  let depth = 0
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    if (openingTokens.has(token.kind)) depth++
    else if (closing.has(token.kind)) depth--
    if (depth > levels) throw tooLarge(`be nested deeper than ${levels} levels`)
    if (++count > tokens) throw tooLarge(`have more than ${tokens} tokens`)
  }
  if (lexer.token.line > lines) throw tooLarge(`have more than ${lines} lines`)
}

const openingTokens: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L])
const closing: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R])

function tooLarge(what: string): GraphQLError {
  return new GraphQLError(`a document must not ${what}`)
}

/** The limit that a document exceeds. The time grows with its text alone: a fragment is measured once, however often it is used. */
export function findOversize(schema: GraphQLSchema, { definitions }: DocumentNode): GraphQLError | undefined {
  const { operations, fields, aliases } = documentLimits
  if (definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length > operations) {
    return tooLarge(`have more than ${operations} operations`)
  }
  const measure = new Measure(fragmentsOf({ definitions }))
  try {
    for (const definition of definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION && definition.kind !== Kind.FRAGMENT_DEFINITION) continue
      const size = measure.measure(definition.selectionSet, 0)
      if (size.fields > fields) return tooLarge(`select more than ${fields} fields, those of fragments included`)
      if (size.aliases > aliases) return tooLarge(`have more than ${aliases} aliases, those of fragments included`)
      for (const { variable, type } of definition.variableDefinitions ?? []) {
        assertUses(size.uses, variable.name.value, maxUses(schema, type))
      }
    }
  } catch (error) {
    return error as GraphQLError
  }
  return undefined
}

function maxUses(schema: GraphQLSchema, type: TypeNode): number {
  const single = type.kind === Kind.NON_NULL_TYPE ? type.type : type
  const isSmall =
    single.kind === Kind.NAMED_TYPE && single.name.value !== 'JSON' && isLeafType(schema.getType(single.name.value))
  return isSmall ? documentLimits.variableUses : documentLimits.largeVariableUses
}

function assertUses(uses: Uses, name: string, max: number): void {
  if ((uses.get(name) ?? 0) > max) throw tooLarge(`name the variable ${name} more than ${max} times`)
}

/** How often each variable is named. */
type Uses = ReadonlyMap<string, number>

interface Size {
  readonly fields: number
  readonly aliases: number
  readonly uses: Uses
  /** Levels of nested selection sets. */
  readonly levels: number
}

class Measure {
  readonly #fragments: Fragments
  /** Undefined while one is measured. */
  readonly #sizes = new Map<string, Size | undefined>()

  constructor(fragments: Fragments) {
    this.#fragments = fragments
  }

  measure({ selections }: SelectionSetNode, depth: number): Size {
    let [fields, aliases, levels] = [0, 0, 0]
    const uses = new Map<string, number>()
    const addUses = (added: Uses): void => added.forEach((count, name) => uses.set(name, (uses.get(name) ?? 0) + count))
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        fields++
        if (selection.alias) aliases++
        for (const { value } of selection.arguments ?? []) addUses(usesIn(value))
      }
      const inner = this.#inside(selection, depth + 1)
      if (!inner) continue
      fields += inner.fields
      aliases += inner.aliases
      levels = Math.max(levels, inner.levels)
      addUses(inner.uses)
      assertDepth(depth + 1 + inner.levels)
    }
    return { fields, aliases, uses, levels: levels + 1 }
  }

  #inside(selection: SelectionNode, depth: number): Size | undefined {
    assertDepth(depth)
    if (selection.kind !== Kind.FRAGMENT_SPREAD) {
      return selection.selectionSet && this.measure(selection.selectionSet, depth)
    }
    const name = selection.name.value
    const fragment = this.#fragments.get(name)
    if (!fragment) return undefined
    if (this.#sizes.has(name)) {
      const known = this.#sizes.get(name)
      if (!known) throw new GraphQLError('a fragment must not contain itself', { nodes: selection })
      return known
    }
    this.#sizes.set(name, undefined)
    const size = this.measure(fragment.selectionSet, depth)
    this.#sizes.set(name, size)
    return size
  }
}

/** The uses in one argument: in JSON, a list that names a string a thousand times is a thousand times as long. */
function usesIn(value: ValueNode): Uses {
  const uses = new Map<string, number>()
  const count = (node: ValueNode): void => {
    if (node.kind === Kind.LIST) node.values.forEach(count)
    else if (node.kind === Kind.OBJECT) node.fields.forEach((field) => count(field.value))
    else if (node.kind === Kind.VARIABLE) {
      const name = node.name.value
      uses.set(name, (uses.get(name) ?? 0) + 1)
      assertUses(uses, name, documentLimits.largeVariableUses)
    }
  }
  count(value)
  return uses
}

function assertDepth(depth: number): void {
  if (depth > documentLimits.levels) {
    throw tooLarge(`be nested deeper than ${documentLimits.levels} levels, those of fragments included`)
  }
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

function fragmentsOf({ definitions }: Pick<DocumentNode, 'definitions'>): Fragments {
  const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
}

/** The refusal of a valid document that selects more of the schema than tools do. */
export type FindIntrospectionCost = (document: DocumentNode) => GraphQLError | undefined

/** The limit is twice the largest query of graphql-js: tools differ from it in a few fields only. */
export function createIntrospectionLimit(schema: GraphQLSchema): FindIntrospectionCost {
  const largest = getIntrospectionQuery({
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  })
  const limit = 2 * new IntrospectionCount(schema, parse(largest), Infinity).largest()
  return (document) =>
    new IntrospectionCount(schema, document, limit).largest() > limit
      ? new GraphQLError(`the operation asks too much of the schema: more than ${limit} fields would be answered`)
      : undefined
}

/** How often each part of the schema is reached. */
type Reached = ReadonlyMap<object, number>

/**
 * Counts the fields that a query of the schema returns, without executing it: a selection is walked once for all parts of the schema
 * that it is applied to, so the time it takes grows with the document and the schema, not with the answer.
 */
class IntrospectionCount {
  #count = 0
  readonly #schema: GraphQLSchema
  readonly #document: DocumentNode
  readonly #fragments: Fragments
  /** Counting stops here. */
  readonly #limit: number

  constructor(schema: GraphQLSchema, document: DocumentNode, limit: number) {
    this.#schema = schema
    this.#document = document
    this.#fragments = fragmentsOf(document)
    this.#limit = limit
  }

  /** The largest count of an operation: only one of them is executed. */
  largest(): number {
    const counts = this.#document.definitions.map((definition) => {
      this.#count = 0
      if (definition.kind !== Kind.OPERATION_DEFINITION || definition.operation !== OperationTypeNode.QUERY) return 0
      for (const field of this.#fieldsOf(definition.selectionSet)) {
        const name = field.name.value
        if (name === '__schema') this.#countInside(field, '__Schema', new Map([[this.#schema, 1]]))
        else if (name === '__type') this.#countInside(field, '__Type', this.#typesNamed(field))
      }
      return this.#count
    })
    return Math.max(...counts)
  }

  #countInside({ selectionSet }: FieldNode, typeName: string, reached: Reached): void {
    if (!selectionSet || reached.size === 0) return
    const type = this.#schema.getType(typeName) as GraphQLObjectType
    const times = [...reached.values()].reduce((sum, count) => sum + count, 0)
    for (const field of this.#fieldsOf(selectionSet)) {
      this.#count += times
      if (this.#count > this.#limit) return
      const definition = type.getFields()[field.name.value]
      if (!definition || !field.selectionSet) continue
      const inner = new Map<object, number>()
      for (const [part, count] of reached) {
        const info = { schema: this.#schema } as GraphQLResolveInfo
        const value: unknown = definition.resolve!(part, { includeDeprecated: true }, undefined, info)
        for (const next of [value].flat()) if (next) inner.set(next, (inner.get(next) ?? 0) + count)
      }
      this.#countInside(field, getNamedType(definition.type).name, inner)
    }
  }

  /** A variable may name any type, so it counts as all of them. */
  #typesNamed({ arguments: given }: FieldNode): Reached {
    const value = given?.[0]?.value
    const types =
      value?.kind === Kind.STRING
        ? [this.#schema.getType(value.value)].filter((type) => type !== undefined)
        : Object.values(this.#schema.getTypeMap())
    return new Map(types.map((type) => [type, 1]))
  }

  *#fieldsOf({ selections }: SelectionSetNode): Generator<FieldNode> {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) yield selection
      else if (selection.kind === Kind.INLINE_FRAGMENT) yield* this.#fieldsOf(selection.selectionSet)
      else yield* this.#fieldsOf(this.#fragments.get(selection.name.value)!.selectionSet)
    }
  }
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
