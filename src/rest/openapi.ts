import type { JsonSchema, Parameters } from './form.ts'
import type { Operation, OperationKind } from './operation.ts'
import { closed } from './resource.ts'
import type { Route } from './v1/index.ts'

const statuses: Readonly<Record<OperationKind, number>> = {
  list: 200,
  create: 201,
  fetch: 200,
  update: 200,
  remove: 204,
}

/** What each slot of a path takes, by the part of the path before it. */
const slots: Readonly<Record<string, string>> = {
  Services: 'SID of the service.',
  Channels: 'SID or unique name of the channel.',
  Members: 'SID of the member.',
  Messages: 'SID of the message.',
  Invites: 'SID of the invite.',
  Users: 'SID or identity of the user.',
  Roles: 'SID of the role.',
  Credentials: 'SID of the credential.',
}

/** OpenAPI 3.1 of these routes: what is written is what they are made of. */
export function createOpenApi(routes: readonly Route[]): (origin: string) => object {
  const paths: Record<string, Record<string, unknown>> = {}
  const schemas: Record<string, JsonSchema> = { error, meta }
  for (const { method, path, operation } of routes) {
    const item = (paths[path] ??= { parameters: slotsOf(path) })
    item[method.toLowerCase()] = describe(operation)
    const { resource } = operation
    if (resource) schemas[resource.name] = closed(schemasOf(resource.fields))
  }
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'fonechat',
      version: '1',
      description:
        'The chat server by REST, in the words of Programmable Chat v1. Every operation is one of the GraphQL API.',
    },
    security: [{ basic: [] }],
    paths,
    components: {
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic', description: 'Account SID and auth token, or API key SID and secret.' },
      },
      schemas,
    },
  }
  return (origin) => ({ ...document, servers: [{ url: `${origin}/v1` }] })
}

function describe(operation: Operation) {
  const { name, summary, kind, parameters } = operation
  const isForm = kind === 'create' || kind === 'update'
  return {
    operationId: name,
    summary,
    ...(kind === 'list' && { parameters: [...queryOf(parameters), ...paging(operation.mostPageSize)] }),
    ...(name === 'CreateMessage' && { parameters: [idempotencyKey] }),
    ...(isForm && { requestBody: bodyOf(parameters) }),
    responses: {
      [statuses[kind]]: answerOf(operation),
      default: { description: 'A refusal.', content: jsonContent(ref('error')) },
    },
  }
}

function answerOf({ kind, resource, key }: Operation) {
  if (!resource) return { description: 'Done; nothing to tell.' }
  const item = ref(resource.name)
  if (kind !== 'list') return { description: `The ${resource.name}.`, content: jsonContent(item) }
  const schema = closed({ [key!]: { type: 'array', items: item }, meta: ref('meta') })
  return { description: 'One page of the list.', content: jsonContent(schema) }
}

function slotsOf(path: string) {
  return [...path.matchAll(/(\w+)\/\{(\w+)\}/g)].map(([, parent, name]) => ({
    name,
    in: 'path',
    required: true,
    description: slots[parent!],
    schema: { type: 'string' },
  }))
}

function queryOf(parameters: Parameters) {
  return Object.entries(parameters).map(([name, { schema, isRequired }]) => {
    const { description, ...rest } = schema
    return { name, in: 'query', required: isRequired, description, schema: rest }
  })
}

function bodyOf(parameters: Parameters) {
  const names = Object.keys(parameters)
  const required = names.filter((name) => parameters[name]!.isRequired)
  const schema = {
    type: 'object',
    properties: schemasOf(parameters),
    ...(required.length > 0 && { required }),
  }
  return { required: required.length > 0, content: { 'application/x-www-form-urlencoded': { schema } } }
}

function paging(most: number) {
  return [
    {
      name: 'PageSize',
      schema: { type: 'integer', default: 50 },
      description: `At most ${most}; more counts as ${most}.`,
    },
    {
      name: 'Page',
      schema: { type: 'integer', default: 0 },
      description: 'Told back in `meta`; the token is the place.',
    },
    { name: 'PageToken', schema: { type: 'string' }, description: 'Only from a link of the list.' },
  ].map((parameter) => ({ ...parameter, in: 'query', required: false }))
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The client message id.',
  schema: { type: 'string', maxLength: 128 },
}

const error: JsonSchema = closed({
  code: { type: 'integer' },
  message: { type: 'string' },
  more_info: { type: 'string', format: 'uri' },
  status: { type: 'integer' },
})

const link = { type: 'string', format: 'uri' }
const linkOrNull = { type: ['string', 'null'], format: 'uri' }

const meta: JsonSchema = closed({
  page: { type: 'integer' },
  page_size: { type: 'integer' },
  key: { type: 'string' },
  url: link,
  first_page_url: link,
  previous_page_url: linkOrNull,
  next_page_url: linkOrNull,
})

function schemasOf(described: Readonly<Record<string, { readonly schema: JsonSchema }>>) {
  return Object.fromEntries(Object.entries(described).map(([name, { schema }]) => [name, schema]))
}

function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` }
}

function jsonContent(schema: JsonSchema) {
  return { 'application/json': { schema } }
}
