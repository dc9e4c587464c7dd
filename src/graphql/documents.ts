import { parse, specifiedRules, validate, type DocumentNode, type GraphQLError, type GraphQLSchema } from 'graphql'
import { LRUCache } from 'lru-cache'

export type CheckedDocument = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] }

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
      const document = parse(text, { maxTokens: 10_000 })
      const errors = validate(this.#schema, document, specifiedRules)
      return errors.length > 0 ? { errors } : { document }
    } catch (error) {
      return { errors: [error as GraphQLError] }
    }
  }
}
