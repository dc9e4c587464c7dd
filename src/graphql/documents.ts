import {
  GraphQLError,
  Lexer,
  Source,
  TokenKind,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type ParseOptions,
} from 'graphql'
import { LRUCache } from 'lru-cache'

export type CheckedDocument = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] }

const tokenLimit = 10_000

/** More than the cost limits allow, and than attributes may have as a literal. */
const depthLimit = 200

/**
 * Looks at the text before anything walks the document: the parser, the rules and the executor each take levels of the stack for
 * every level of the text.
 */
export function parseDocument(text: string | Source, options?: ParseOptions): DocumentNode {
  const source = typeof text === 'string' ? new Source(text) : text
  const lexer = new Lexer(source)
  let tokens = 0
  let depth = 0
  for (let { kind } = lexer.advance(); kind !== TokenKind.EOF; { kind } = lexer.advance()) {
    if (opening.has(kind)) depth++
    else if (closing.has(kind)) depth--
    if (depth > depthLimit) throw new GraphQLError(`a document must not be nested deeper than ${depthLimit} levels`)
    if (++tokens > tokenLimit) throw new GraphQLError(`a document must not have more than ${tokenLimit} tokens`)
  }
  return parse(source, options)
}

const opening: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L])
const closing: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R])

/** Parses and validates each text once. Bounded in number and in size, since clients choose the texts. */
export class Documents {
  readonly #schema: GraphQLSchema
  readonly #checked = new LRUCache<string, CheckedDocument>({
    max: 2000,
    maxSize: 16 * 1024 * 1024,
    sizeCalculation: (_document, text) => text.length + 1,
  })

  constructor(schema: GraphQLSchema) {
    this.#schema = schema
  }

  check(text: string): CheckedDocument {
    let checked = this.#checked.get(text)
    if (!checked) {
      checked = this.#parse(text)
      this.#checked.set(text, checked)
    }
    return checked
  }

  #parse(text: string): CheckedDocument {
    try {
      const document = parseDocument(text)
      const errors = validate(this.#schema, document, specifiedRules)
      return errors.length > 0 ? { errors } : { document }
    } catch (error) {
      return { errors: [error as GraphQLError] }
    }
  }
}
