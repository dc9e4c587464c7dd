import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import twilio from 'twilio'
import { ViewerDocument } from '../../schema/generated/graphql.ts'
import type { Server } from '../../src/server.ts'
import original from '../rest/programmable-chat-v1.json' with { type: 'json' }
import type { Kit } from './kit.ts'

export interface RestAnswer<Body = Record<string, unknown>> {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

export type FormValue = string | number | boolean | null | undefined | readonly string[]

/** A form as helper libraries send it. */
function encodeForm(form: Readonly<Record<string, FormValue>>): string {
  return Object.entries(form)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value as string]).map((one) => ({ name, one })))
    .filter(({ one }) => one !== undefined)
    .map(({ name, one }) => `${name}=${encodeURIComponent(String(one ?? ''))}`)
    .join('&')
}

/** Calls `/v1` as the backend. Every answer is held against the server's own OpenAPI description. */
export class Rest {
  readonly server: Server
  readonly authorization: string
  readonly description: Description
  /** The account's default service. */
  readonly serviceId: string

  constructor({ server, backend: { authorization } }: Kit, description: Description, serviceId: string) {
    this.server = server
    this.authorization = authorization
    this.description = description
    this.serviceId = serviceId
  }

  /** A path in the default service. */
  in(path: string): string {
    return `/Services/${this.serviceId}${path}`
  }

  async call<Body = Record<string, unknown>>(
    method: string,
    path: string,
    form?: Readonly<Record<string, FormValue>> | string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<RestAnswer<Body>> {
    const text = form === undefined || typeof form === 'string' ? form : encodeForm(form)
    const url = path.startsWith('http') ? path : `${this.server.url}/v1${path}`
    const isQuery = method === 'GET' && text !== undefined
    const response = await fetch(isQuery ? `${url}?${text}` : url, {
      method,
      headers: {
        authorization: this.authorization,
        ...(text !== undefined && !isQuery && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(text !== undefined && !isQuery && { body: text }),
    })
    const answer = await response.text()
    const body: unknown = answer === '' ? undefined : JSON.parse(answer)
    if (method !== 'HEAD' && method !== 'OPTIONS') this.description.check(method, url, response.status, body)
    return { status: response.status, headers: response.headers, body: body as Body }
  }

  get<Body = Record<string, unknown>>(path: string, query?: Readonly<Record<string, FormValue>>) {
    return this.call<Body>('GET', path, query)
  }

  post<Body = Record<string, unknown>>(path: string, form: Readonly<Record<string, FormValue>> = {}) {
    return this.call<Body>('POST', path, form)
  }
}

interface Schema {
  readonly [key: string]: unknown
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

interface Operation {
  readonly operationId: string
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { readonly properties: object } }>>
  }
  readonly responses: Readonly<
    Record<string, { readonly content?: { readonly 'application/json': { readonly schema: Schema } } }>
  >
}

/** What the server says of itself, and whether its answers are so, and as the fields of Programmable Chat v1 are, each of them present. */
export class Description {
  readonly document: Document
  /** Operations that have answered without refusing. */
  readonly seen = new Set<string>()
  readonly #original: Description | undefined
  readonly #ajv: Ajv2020
  readonly #validators = new Map<string, ValidateFunction>()

  /** `original`: what else its answers must be. */
  constructor(document: Document, original?: Description) {
    this.document = document
    this.#original = original
    const formats = {
      uri: (text: string) => URL.canParse(text),
      'date-time': (text: string) => !Number.isNaN(Date.parse(text)),
      int32: true,
      int64: true,
    } as const
    this.#ajv = new Ajv2020({ allErrors: true, strict: false, formats })
    this.#ajv.addSchema({ $id: 'openapi', ...document })
  }

  static async of(server: Server): Promise<Description> {
    const response = await fetch(`${server.url}/v1/openapi.json`)
    return new Description((await response.json()) as Document, new Description(original as unknown as Document))
  }

  /** The names that each operation takes in its query and its form. */
  get parameters(): Record<string, string[]> {
    const operations = Object.values(this.document.paths).flatMap((item) => Object.values(item))
    return Object.fromEntries(
      operations
        .filter(({ operationId }) => operationId !== undefined)
        .map(({ operationId, parameters = [], requestBody }) => {
          const query = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name)
          const form = Object.values(requestBody?.content ?? {}).flatMap(({ schema }) => Object.keys(schema.properties))
          return [operationId, [...query, ...form].sort()]
        }),
    )
  }

  get operationIds(): string[] {
    return Object.values(this.document.paths).flatMap((item) =>
      Object.values(item).flatMap(({ operationId }) => (operationId === undefined ? [] : [operationId])),
    )
  }

  /** Throws when this answer is not what the description says. */
  check(method: string, url: string, status: number, body: unknown): void {
    const path = new URL(url).pathname.replace(/^.*?\/v1(?=\/)/, '')
    if (path === '/openapi.json') return
    const found = this.#find(method, path)
    if (!found) return this.#validate('#/components/schemas/error', body)
    const { template, operation } = found
    const key = Object.hasOwn(operation.responses, String(status)) ? String(status) : 'default'
    if (status < 400 && key === 'default') throw new Error(`${operation.operationId} answered ${status}`)
    if (status < 400) {
      this.seen.add(operation.operationId)
      this.#original?.check(method, url, status, body)
    }
    if (!operation.responses[key]!.content) {
      if (body !== undefined) throw new Error(`${operation.operationId} answered a body: ${JSON.stringify(body)}`)
      return
    }
    const escaped = template.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')
    this.#validate(`#/paths/${escaped}/${method.toLowerCase()}/responses/${key}/content/application~1json/schema`, body)
  }

  #find(method: string, path: string) {
    const parts = path.split('/')
    for (const [template, item] of Object.entries(this.document.paths)) {
      const slots = template.split('/')
      const fits =
        slots.length === parts.length && slots.every((slot, at) => slot.startsWith('{') || slot === parts[at])
      const operation = item[method.toLowerCase()]
      if (fits && operation) return { template, operation }
    }
    return undefined
  }

  #validate(pointer: string, body: unknown): void {
    let validate = this.#validators.get(pointer)
    if (!validate) {
      validate = this.#ajv.compile({ $ref: `openapi${pointer}` })
      this.#validators.set(pointer, validate)
    }
    if (validate(body)) return
    throw new Error(`${pointer}: ${this.#ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`)
  }
}

export async function openRest(kit: Kit): Promise<Rest> {
  const { viewer } = await kit.backend.request(ViewerDocument)
  return new Rest(kit, await Description.of(kit.server), viewer.service.id)
}

/** The official helper library, pointed at this server as its users do it. */
export function openTwilio({ server, description }: Rest) {
  const { accountId, authToken } = server.account
  const client = twilio(accountId, authToken, { httpClient: new CheckedClient(description) })
  client.chat.baseUrl = server.url
  client.ipMessaging.baseUrl = server.url
  return client
}

/** The library's own client, with a look at each answer. */
class CheckedClient extends twilio.RequestClient {
  readonly #description: Description

  constructor(description: Description) {
    super()
    this.#description = description
  }

  override async request<Data>(options: Parameters<typeof twilio.RequestClient.prototype.request<Data>>[0]) {
    const response = await super.request<Data>(options)
    const body = response.body as unknown
    this.#description.check(options.method, options.uri, response.statusCode, body === '' ? undefined : body)
    return response
  }
}
