import {
  execute,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  parse,
  type DocumentNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql'
import type { ShownThing } from '../../domain/access/audit.ts'
import { requireService } from '../../domain/access/authority.ts'
import type { App } from '../../domain/app.ts'
import type { Backend } from '../../model/actor.ts'
import { personalFields } from '../../model/audit-entry.ts'
import { isSid, sidPrefixes, type Sid, type SidPrefix } from '../../model/sid.ts'
import { Context } from './context.ts'

/** What a mutation changes, told from its types: the object of its payload, or else of an argument, that has a SID; or a connection. */
interface AuditedThing {
  /** The field of the payload that has it; undefined where the payload has none. */
  readonly field: string | undefined
  /** The field of the input that names it; undefined where it is made. */
  readonly key: string | undefined
  readonly document: DocumentNode | undefined
}

/** In which order the fields of an input are looked at where the payload does not say what is changed. */
const keys = ['connectionId', 'messageId', 'parentId', 'scheduledMessageId', 'channelId', 'userId', 'serviceId']

const things = new WeakMap<GraphQLSchema, Map<string, AuditedThing>>()

function auditedThing(schema: GraphQLSchema, mutation: string): AuditedThing {
  let known = things.get(schema)
  if (!known) things.set(schema, (known = new Map()))
  let thing = known.get(mutation)
  if (!thing) known.set(mutation, (thing = findThing(schema, schema.getMutationType()!.getFields()[mutation]!)))
  return thing
}

function findThing(schema: GraphQLSchema, mutation: GraphQLField<unknown, unknown>): AuditedThing {
  const payload = getNamedType(mutation.type)
  const input = mutation.args.map(({ type }) => getNamedType(type)).find((type) => isInputObjectType(type))
  const names = input ? Object.keys(input.getFields()) : []
  const fields = isObjectType(payload) ? Object.values(payload.getFields()) : []
  const changed = fields.find(({ type }) => isNode(schema, getNullableType(type)))
  if (changed) {
    const own = `${changed.name}Id`
    const key = names.find((name) => name === own) ?? (changed.name === 'member' ? 'identity' : undefined)
    const type = getNamedType(changed.type) as GraphQLObjectType
    return { field: changed.name, key, document: documentOf(schema, type) }
  }
  const key = keys.find((name) => names.includes(name))
  if (key === 'connectionId') return { field: undefined, key, document: connectionDocument(schema) }
  const type = key && schema.getType(typeOf(key === 'parentId' ? 'messageId' : key))
  return { field: undefined, key, document: isObjectType(type) ? documentOf(schema, type) : undefined }
}

/** `Message` of `messageId`. */
const typeOf = (key: string): string => key[0]!.toUpperCase() + key.slice(1, -2)

const isNode = (schema: GraphQLSchema, type: unknown): type is GraphQLObjectType =>
  isObjectType(type) && schema.getPossibleTypes(schema.getType('Node') as never).includes(type)

/** A query of all that the API shows of a thing, without what it only leads to, and without what an entry does not keep (`auditedInput`). */
function documentOf(schema: GraphQLSchema, type: GraphQLObjectType): DocumentNode {
  const root = type.name[0]!.toLowerCase() + type.name.slice(1)
  const selection = selectionOf(schema, type, 3)
  const [variables, field] =
    root === 'member'
      ? ['$id: ID, $channelId: ID, $identity: String', 'member(id: $id, channelId: $channelId, identity: $identity)']
      : ['$id: ID!', schema.getQueryType()!.getFields()[root] ? `${root}(id: $id)` : 'node(id: $id)']
  return parse(`query (${variables}) { thing: ${field} { id ... on ${type.name} { ${selection} } } }`)
}

/** A connection has no SID, and is found in the list of them. */
function connectionDocument(schema: GraphQLSchema): DocumentNode {
  const selection = selectionOf(schema, schema.getType('LiveConnection') as GraphQLObjectType, 1)
  return parse(`query ($id: ID!) { things: connections(connectionId: $id, first: 1) { nodes { ${selection} } } }`)
}

/** Names for people, by which another thing is shown. */
const nameFields = ['friendlyName', 'identity', 'name', 'uniqueName']

/** A user may be deleted, and its entries are then found by its own SID alone. */
const namesOf = (type: GraphQLObjectType): string[] =>
  nameFields.filter((name) => name in type.getFields() && !(type.name === 'User' && personalFields.includes(name)))

function selectionOf(schema: GraphQLSchema, type: GraphQLObjectType, depth: number): string {
  const fields = type.getFields()
  return Object.values(fields)
    .map(({ name, args, type: outer, extensions }) => {
      const inner = getNamedType(outer)
      if (extensions['isSecret'] === true || extensions['isContent'] === true) return ''
      // A page of a list has arguments.
      if (args.some((argument) => isRequiredArgument(argument)) || args.length > 0 || name === 'cursor') return ''
      if (isLeafType(inner)) return name
      if (!isObjectType(inner) || depth === 0 || `${name}Id` in fields) return ''
      if (!isNode(schema, inner)) return `${name} { ${selectionOf(schema, inner, depth - 1)} }`
      if (isListType(getNullableType(outer)) && depth < 3) return ''
      return `${name} { id ${namesOf(inner).join(' ')} }`
    })
    .filter((text) => text !== '')
    .join(' ')
}

type Fields = Readonly<Record<string, unknown>>

interface Found {
  readonly thing?: Fields | null
  readonly things?: { readonly nodes: readonly Fields[] } | null
}

/** How the API shows a thing to a backend. The reads count for no rate, and for no use of the key. */
export class ThingReader {
  readonly #app: App
  readonly #actor: Backend
  readonly #schema: GraphQLSchema
  readonly #thing: AuditedThing
  readonly #input: Fields

  constructor(app: App, { accountId, serviceId }: Backend, schema: GraphQLSchema, mutation: string, args: Fields) {
    this.#app = app
    this.#actor = { kind: 'backend', accountId, ...(serviceId !== undefined && { serviceId }) }
    this.#schema = schema
    this.#thing = auditedThing(schema, mutation)
    this.#input = (args['input'] ?? args) as Fields
  }

  /** The SID by which the arguments name the thing, whether there is one or not. */
  get namedSid(): Sid | undefined {
    const { key } = this.#thing
    const kind = key === 'parentId' ? 'message' : key?.slice(0, -2)
    const prefix = sidPrefixes[kind as keyof typeof sidPrefixes] as SidPrefix | undefined
    const id = key === undefined ? undefined : this.#input[key]
    return prefix !== undefined && typeof id === 'string' && isSid(prefix, id) ? id : undefined
  }

  /** What the arguments name. Throws what the read is refused with. */
  async readNamed(): Promise<ShownThing | undefined> {
    const { field, key } = this.#thing
    const { channelId, identity, memberId } = this.#input
    if (key === undefined) return undefined
    if (field === 'member') {
      return memberId == null && identity == null ? undefined : this.#read({ id: memberId, channelId, identity })
    }
    const id = this.#input[key] ?? (key === 'serviceId' ? await this.#defaultService() : undefined)
    return id == null ? undefined : this.#read({ id })
  }

  /** What the payload has, or else what the arguments name, read anew. */
  async readChanged(payload: unknown): Promise<ShownThing | undefined> {
    const { field, key } = this.#thing
    // Of its connection nothing is left, and all processes would be asked.
    if (key === 'connectionId') return undefined
    if (field === undefined) return this.readNamed()
    const id = this.subjectOf(payload)
    return id === undefined ? this.readNamed() : this.#read({ id })
  }

  subjectOf(payload: unknown): string | undefined {
    const { field } = this.#thing
    // What takes no arguments changes the account.
    if (field === undefined) return Object.keys(this.#input).length === 0 ? this.#actor.accountId : undefined
    const thing = (payload as Record<string, { readonly id?: unknown }>)[field]
    return typeof thing?.id === 'string' ? thing.id : undefined
  }

  async #defaultService(): Promise<string> {
    return (await requireService(this.#app, this.#actor, undefined)).id
  }

  async #read(variableValues: Record<string, unknown>): Promise<ShownThing | undefined> {
    const { document } = this.#thing
    if (!document) return undefined
    const contextValue = new Context(this.#app, this.#actor, { isPrepared: true })
    const { data, errors } = await execute({ schema: this.#schema, document, variableValues, contextValue })
    const { thing, things } = (data ?? {}) as Found
    if (thing) return { id: thing['id'] as string, fields: thing }
    const [connection] = things?.nodes ?? []
    if (connection) return { id: (connection['userId'] as string | null) ?? undefined, fields: connection }
    const [error] = errors ?? []
    if (error) throw error.originalError ?? error
    return undefined
  }
}
