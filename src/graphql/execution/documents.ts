import { GraphQLError, Source, parse, specifiedRules, validate, type DocumentNode, type GraphQLSchema } from 'graphql'
import { LRUCache } from 'lru-cache'
import { badInput, notFound } from '../../model/error.ts'
import {
  assertSmall,
  createIntrospectionLimit,
  documentLimits,
  findOversize,
  type FindIntrospectionCost,
} from '../schema/cost.ts'
import { persistedOnlyCode } from '../schema/errors.ts'

export type CheckedDocument = { readonly document: DocumentNode } | { readonly errors: readonly Error[] }

/** What a request says about its document. Over WebSocket a text must be there, and may be empty. */
export interface DocumentRequest {
  readonly query?: unknown
  readonly documentId?: unknown
}

/** What a parsed document takes up in memory, in bytes: by its tokens, 240 to 480 each, rather than by its text. */
const keptBytes = 64 * 1024 * 1024
const tokenBytes = 500

/**
 * Parses and validates each text once. What is kept is bounded in number and in size, since clients choose the texts; what is
 * wrong is not kept. The operator's own documents are kept for good, and may be the only ones.
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

  /** `persisted` has the operator's documents by id. */
  constructor(schema: GraphQLSchema, persisted: ReadonlyMap<string, string> = new Map(), persistedOnly = false) {
    this.#schema = schema
    this.#findIntrospectionCost = createIntrospectionLimit(schema)
    this.#texts = persisted
    this.#persisted = new Map([...persisted.values()].map((text) => [text, undefined]))
    this.#persistedOnly = persistedOnly
  }

  /** The text that a request means: by `documentId`, with or without its algorithm, or as it is. */
  textOf({ query, documentId }: DocumentRequest): unknown {
    if (documentId === undefined || documentId === null) return query
    if (typeof documentId !== 'string') throw badInput('documentId must be a string')
    if (query) throw badInput('documentId and query cannot be used together')
    const text = this.#texts.get(documentId.replace(/^sha256:/, ''))
    if (text === undefined) throw notFound('the document')
    return text
  }

  /** What `check` answers, where the document has been parsed and validated already. */
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

  /** Throws what is wrong with the text itself; `validate` answers what else is. */
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

  /** In this order: each check may rely on what those before it have bounded. */
  #findErrors(document: DocumentNode): readonly GraphQLError[] {
    const oversize = findOversize(this.#schema, document)
    if (oversize) return [oversize]
    const errors = validate(this.#schema, document, specifiedRules, { maxErrors: documentLimits.errors })
    if (errors.length > 0) return errors
    const cost = this.#findIntrospectionCost(document)
    return cost ? [cost] : []
  }

  /** Both at once, of what a request says. */
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
