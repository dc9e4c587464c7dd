import { limits } from '../model/limits.ts'
import { sidPattern, type JsonSchema, type Parameters } from './form.ts'
import type { Operation, OperationKind } from './operation.ts'
import { closed } from './resource.ts'
import { slotsOf } from './slot.ts'
import type { Route } from './v1/index.ts'

const statuses: Readonly<Record<OperationKind, number>> = {
  list: 200,
  create: 201,
  fetch: 200,
  update: 200,
  remove: 204,
}

/** Describes these routes in OpenAPI 3.1, from the data that they are made of. */
export function createOpenApi(routes: readonly Route[]): (origin: string) => object {
  const paths: Record<string, Record<string, unknown>> = {}
  const schemas: Record<string, JsonSchema> = { error, meta }
  for (const { method, path, operation } of routes) {
    const item = (paths[path] ??= { parameters: pathParameters(path) })
    item[method.toLowerCase()] = describe(operation, path.includes('{'))
    const { resource } = operation
    if (resource) schemas[resource.name] = closed(schemasOf(resource.fields))
  }
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'fonechat',
      version: '1',
      description:
        'The chat server over REST, with the resources and names of Programmable Chat v1. Every operation is one of the GraphQL API.',
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

/** The description of each refusal, by its status. */
const refusals: Readonly<Record<number, string>> = {
  400: 'The request is wrong. It would be refused again.',
  401: 'The credentials are missing or wrong.',
  403: 'The caller may not do this, or a webhook of the service refuses it.',
  404: 'A resource that the path or a parameter names does not exist.',
  409: 'The state of the server contradicts the request, such as a name that is taken.',
  413: 'The body is longer than 1 MiB.',
  429: 'There were too many requests or wrong passwords. Try again later.',
  500: 'The server has a fault; `message` contains a reference to its log.',
  503: 'The database does not answer. Try again; a write may have happened.',
}

/** The statuses with which an operation of a kind can refuse. */
function refusalsOf(kind: OperationKind, hasSlots: boolean): number[] {
  const isWriting = kind !== 'list' && kind !== 'fetch'
  const hasForm = kind === 'create' || kind === 'update'
  return Object.keys(refusals)
    .map(Number)
    .filter((status) => {
      if (status === 404) return hasSlots
      if (status === 403 || status === 409) return isWriting
      return status !== 413 || hasForm
    })
}

function describe(operation: Operation, hasSlots: boolean) {
  const { name, summary, kind, parameters } = operation
  const isForm = kind === 'create' || kind === 'update'
  return {
    operationId: name,
    summary,
    parameters: [
      ...(kind === 'list' ? [...queryOf(parameters), ...paging(operation.maxPageSize)] : []),
      ...(name === 'CreateMessage' ? [idempotencyKey] : []),
      ...(kind !== 'list' && kind !== 'fetch' ? [webhookSwitch] : []),
    ],
    ...(isForm && { requestBody: bodyOf(parameters) }),
    responses: {
      [statuses[kind]]: answerOf(operation),
      ...Object.fromEntries(
        refusalsOf(kind, hasSlots).map((status) => [
          status,
          { description: refusals[status], content: jsonContent(ref('error')) },
        ]),
      ),
      default: { description: 'Any other refusal.', content: jsonContent(ref('error')) },
    },
  }
}

function answerOf({ kind, resource, key }: Operation) {
  if (!resource) return { description: 'The request is done. The body is empty.' }
  const item = ref(resource.name)
  if (kind !== 'list') return { description: `The ${resource.name} as it is now.`, content: jsonContent(item) }
  const schema = closed({ [key!]: { type: 'array', items: item }, meta: ref('meta') })
  return { description: 'One page of the list.', content: jsonContent(schema) }
}

function pathParameters(path: string) {
  return slotsOf(path).map(({ name, slot: { prefix, description, isNamed } }) => ({
    name,
    in: 'path',
    required: true,
    description,
    schema: { type: 'string', ...(!isNamed && { pattern: sidPattern(prefix) }) },
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

function paging(max: number) {
  return [
    {
      name: 'PageSize',
      schema: { type: 'integer', format: 'int32', minimum: 0, default: 50 },
      description: `The number of items on a page, from 1 to ${max}; less counts as 1, more as ${max}.`,
    },
    {
      name: 'Page',
      schema: { type: 'integer', format: 'int64', minimum: 0, default: 0 },
      description: 'The number of the page, returned in `meta`. Only `PageToken` determines where the page begins.',
    },
    {
      name: 'PageToken',
      schema: { type: 'string' },
      description: 'The position of the page, from a link in another page of the list.',
    },
  ].map((parameter) => ({ ...parameter, in: 'query', required: false }))
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The client message id, by which a repetition of the request is recognized.',
  schema: { type: 'string', minLength: 1, maxLength: limits.clientMessageIdLength },
}

const webhookSwitch = {
  name: 'X-Twilio-Webhook-Enabled',
  in: 'header',
  required: false,
  description:
    'Whether webhooks are sent for this request. `true`: post-events are sent even while the service’s `apiEnabled` is off. ' +
    '`false`: nothing is sent. When left out, the settings of the service apply.',
  schema: { type: 'string', enum: ['true', 'false'] },
}

const error: JsonSchema = closed({
  code: { type: 'integer', format: 'int32' },
  message: { type: 'string' },
  more_info: { type: 'string', format: 'uri' },
  status: { type: 'integer', format: 'int32', minimum: 400, maximum: 599 },
})

const link = { type: 'string', format: 'uri' }
const linkOrNull = { type: ['string', 'null'], format: 'uri' }

const meta: JsonSchema = closed({
  page: { type: 'integer', format: 'int64', minimum: 0 },
  page_size: { type: 'integer', format: 'int32', minimum: 1 },
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
