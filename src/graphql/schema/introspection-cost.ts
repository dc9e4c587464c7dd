import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  getIntrospectionQuery,
  getNamedType,
  parse,
  type DocumentNode,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import { fragmentsOf, type Fragments } from './document-size.ts'

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
