import {
  GraphQLError,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type ParseOptions,
  type Source,
} from 'graphql'
import { LRUCache } from 'lru-cache'

export type CheckedDocument = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] }

/** Bounded, since the parser takes a level of the stack for every level of the text. */
export function parseDocument(text: string | Source, options: ParseOptions = {}): DocumentNode {
  try {
    return parse(text, { ...options, maxTokens: 10_000 })
  } catch (error) {
    throw error instanceof RangeError ? new GraphQLError('the document is nested too deep') : error
  }
}

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
