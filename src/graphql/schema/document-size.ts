import {
  GraphQLError,
  Kind,
  Lexer,
  TokenKind,
  isLeafType,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
  type Source,
  type TypeNode,
  type ValueNode,
} from 'graphql'

/** The limits of a document's text, tree and errors. */
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
  fields: 360,
  aliases: 100,
  /** How often it may name one variable, and one that may hold lists, objects or JSON: each use walks the whole value. */
  variableUses: 100,
  largeVariableUses: 10,
  errors: 10,
  /** Of its variables: each error contains the whole object that it is about. */
  variableErrors: 3,
} as const

/** Checks a text before it is parsed: the parser uses the stack for every level of the text. */
export function assertSmall(source: Source): void {
  const { characters, tokens, lines, levels } = documentLimits
  if (source.body.length > characters) throw tooLarge(`have more than ${characters} characters`)
  const lexer = new Lexer(source)
  let count = 0
  let depth = 0
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    if (openingTokens.has(token.kind)) depth++
    else if (closingTokens.has(token.kind)) depth--
    if (depth > levels) throw tooLarge(`be nested deeper than ${levels} levels`)
    if (++count > tokens) throw tooLarge(`have more than ${tokens} tokens`)
  }
  if (lexer.token.line > lines) throw tooLarge(`have more than ${lines} lines`)
}

const openingTokens: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L])
const closingTokens: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R])

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

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

export function fragmentsOf({ definitions }: Pick<DocumentNode, 'definitions'>): Fragments {
  const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
}
