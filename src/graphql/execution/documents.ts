import { GraphQLError, Source, parse, specifiedRules, validate, type DocumentNode, type GraphQLSchema } from 'graphql'
import { LRUCache } from 'lru-cache'
import { badInput, notFound } from '../../model/error.ts'
import { assertSmall, documentLimits, findOversize } from '../schema/document-size.ts'
import { persistedOnlyCode } from '../schema/errors.ts'
import { createIntrospectionLimit, type FindIntrospectionCost } from '../schema/introspection-cost.ts'

export type CheckedDocument = { readonly document: DocumentNode } | { readonly errors: readonly Error[] }

/** How a request names its document. Over WebSocket `query` is required and may be empty. */
export interface DocumentRequest {
  readonly query?: unknown
  readonly documentId?: unknown
}

/** The memory of a parsed document, in bytes, depends on its tokens, 240 to 480 each, rather than on its text. */
const keptBytes = 64 * 1024 * 1024
const tokenBytes = 500

/**
 * Parses and validates each text once. The cache is bounded in number and size, since clients choose the texts; invalid documents are not
 * kept. The known documents, of the client and the operator, are kept for good, and can be made the only ones allowed.
 */
export class Documents {
  readonly #schema: GraphQLSchema
  readonly #findIntrospectionCost: FindIntrospectionCost
  readonly #kept = new LRUCache<string, DocumentNode>({
    max: 2000,
    maxSize: keptBytes,
    sizeCalculation: (document, text) => text.length + countTokens(document) * tokenBytes,
  })
  readonly #errors = new WeakMap<DocumentNode, readonly GraphQLError[]>()
  readonly #texts: ReadonlyMap<string, string>
  readonly #persisted: Map<string, DocumentNode | undefined>
  readonly #persistedOnly: boolean

  /** `persisted` holds the known documents by id. */
  constructor(schema: GraphQLSchema, persisted: ReadonlyMap<string, string> = new Map(), persistedOnly = false) {
    this.#schema = schema
    this.#findIntrospectionCost = createIntrospectionLimit(schema)
    this.#texts = persisted
    this.#persisted = new Map([...persisted.values()].map((text) => [text, undefined]))
    this.#persistedOnly = persistedOnly
  }

  /** The text of a request: found by `documentId`, with or without `sha256:`, or its `query`. */
  textOf({ query, documentId }: DocumentRequest): unknown {
    if (documentId === undefined || documentId === null) return query
    if (typeof documentId !== 'string') throw badInput('documentId must be a string')
    if (query) throw badInput('documentId and query cannot be used together')
    const text = this.#texts.get(documentId.replace(/^sha256:/, ''))
    if (text === undefined) throw notFound('the document')
    return text
  }

  /** The result of `check` for a document that has been parsed and validated before. */
  findKnown(request: DocumentRequest): CheckedDocument | undefined {
    try {
      const document = this.#find(String(this.textOf(request)))
      return document && this.#toChecked(document)
    } catch {
      return undefined
    }
  }

  #find(text: string): DocumentNode | undefined {
    return this.#persisted.get(text) ?? this.#kept.get(text)
  }

  /** Throws for a text that cannot be parsed or is not allowed; `validate` returns all other errors. */
  parse(text: string): DocumentNode {
    const known = this.#find(text)
    if (known) return known
    const isPersisted = this.#persisted.has(text)
    if (this.#persistedOnly && !isPersisted) {
      const extensions = { code: persistedOnlyCode }
      throw new GraphQLError('only documents that the server knows are answered; send a documentId', { extensions })
    }
    const source = new Source(text)
    assertSmall(source)
    const document = parse(source)
    const errors = this.validate(document)
    if (isPersisted) this.#persisted.set(text, document)
    else if (errors.length === 0) this.#kept.set(text, document)
    return document
  }

  validate(document: DocumentNode): readonly GraphQLError[] {
    let errors = this.#errors.get(document)
    if (!errors) {
      errors = this.#findErrors(document)
      this.#errors.set(document, errors)
    }
    return errors
  }

  /** Each check relies on what those before it have bounded. */
  #findErrors(document: DocumentNode): readonly GraphQLError[] {
    const oversize = findOversize(this.#schema, document)
    if (oversize) return [oversize]
    const errors = validate(this.#schema, document, specifiedRules, { maxErrors: documentLimits.errors })
    if (errors.length > 0) return errors
    const cost = this.#findIntrospectionCost(document)
    return cost ? [cost] : []
  }

  /** Parses and validates the document of a request. */
  check(request: DocumentRequest): CheckedDocument {
    try {
      return this.#toChecked(this.parse(String(this.textOf(request))))
    } catch (error) {
      return { errors: [error as Error] }
    }
  }

  #toChecked(document: DocumentNode): CheckedDocument {
    const errors = this.validate(document)
    return errors.length > 0 ? { errors } : { document }
  }
}

function countTokens({ loc }: DocumentNode): number {
  let tokens = 0
  for (let token = loc?.startToken ?? null; token; token = token.next) tokens++
  return tokens
}
