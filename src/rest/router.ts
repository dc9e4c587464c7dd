import type { IncomingMessage, RequestListener } from 'node:http'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { validate, type GraphQLSchema } from 'graphql'
import { Hono, type Context as HonoContext } from 'hono'
import type { Config } from '../config/config.ts'
import type { App } from '../domain/app.ts'
import { executeInTime } from '../graphql/execution/execution.ts'
import { Context } from '../graphql/schema/context.ts'
import { toCallerError } from '../graphql/schema/errors.ts'
import { authenticateBackend } from '../http/auth.ts'
import { compressed } from '../http/compression.ts'
import { exposedHeaders, RateHeaders } from '../http/rate-headers.ts'
import { nameRequest } from '../http/trace-request.ts'
import { isOwnOrigin, originOf } from './address.ts'
import { readForm } from './body.ts'
import { RestError, notFound, toRestError } from './errors.ts'
import { parseForm, readParameters, type Form } from './form.ts'
import { createOpenApi } from './openapi.ts'
import type { Call, PathValues } from './operation.ts'
import { readPage } from './page.ts'
import { readSid, slotsOf } from './slot.ts'
import { routes, type Route } from './v1/index.ts'

interface Env {
  Bindings: HttpBindings
  Variables: { rates?: RateHeaders }
}

type RestContext = HonoContext<Env>

/** Pages of other sites may read with credentials of their own, but not with those that the browser remembers. */
const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, OPTIONS',
  'access-control-allow-headers': 'Accept, Authorization',
  'access-control-expose-headers': `Allow, WWW-Authenticate, ${exposedHeaders}`,
}

const jsonHeaders = { ...cors, 'content-type': 'application/json; charset=utf-8' }

/** Everything under `/v1`: each route is a GraphQL operation of the server's own, run in process. */
export function createRest(app: App, schema: GraphQLSchema): RequestListener {
  const hono = new Hono<Env>()
  hono.use(async (context, next) => {
    await next()
    const accepted = context.env.incoming.headers['accept-encoding']?.toString()
    if (context.req.method !== 'HEAD') {
      context.res = await compressed(accepted, context.res, (body, init) => new Response(body, init))
    }
  })
  hono.use(async ({ env: { incoming } }, next) => {
    if (!isReading(incoming) && isOfOtherSite(app.config, incoming)) {
      throw new RestError(403, 20403, 'A page of another site must not change anything here')
    }
    await next()
  })
  hono.use(async (context, next) => {
    await next()
    for (const [name, value] of Object.entries(context.get('rates')?.toHeaders() ?? {}))
      context.res.headers.set(name, value)
  })
  hono.notFound((context) => refuse(notFound(pathOf(context))))
  hono.onError((error, context) => refuse(toRefusal(app, error, pathOf(context))))
  for (const [path, methods] of Map.groupBy(routes, (route) => route.path)) {
    const address = `/v1${path.replace(/\{(\w+)\}/g, ':$1')}`
    for (const route of methods) hono.on(route.method, address, createHandler(app, schema, route))
    answerOtherMethods(
      hono,
      address,
      methods.map(({ method }) => method),
    )
  }
  const openApi = createOpenApi(routes)
  hono.get('/v1/openapi.json', (context) => respond(200, openApi(originOf(app.config, context.env.incoming))))
  answerOtherMethods(hono, '/v1/openapi.json', ['GET'])
  const listener = getRequestListener(hono.fetch as Parameters<typeof getRequestListener>[0], {
    overrideGlobalObjects: false,
    // A malformed request: its path or host makes no URL.
    errorHandler: () => refuse(new RestError(400, 20001, 'The request cannot be read')),
  })
  return (request, response) => void listener(request, response)
}

function isReading({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

/**
 * A form of any page makes a browser send a request with the credentials that it remembers; the browser says from where. Another
 * subdomain is another site. Helper libraries send neither header.
 */
function isOfOtherSite(config: Config, request: IncomingMessage): boolean {
  const { origin, 'sec-fetch-site': site } = request.headers
  if (site === 'cross-site' || site === 'same-site') return true
  return origin !== undefined && !isOwnOrigin(origin, config, request)
}

/** OPTIONS lists the methods of a path. Methods that it lacks are refused. */
function answerOtherMethods(hono: Hono<Env>, address: string, methods: readonly string[]): void {
  const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS']
  const allow = { allow: allowed.join(', ') }
  hono.options(address, () => new Response(null, { status: 204, headers: { ...cors, ...allow } }))
  hono.all(address, ({ req }) => refuse(new RestError(405, 20004, `${req.method} is not allowed here`, allow)))
}

function createHandler(app: App, schema: GraphQLSchema, { path, operation }: Route) {
  const { document, kind } = operation
  const faults = validate(schema, document)
  if (faults.length > 0) throw new Error(`the operation of ${operation.name} is wrong: ${faults.join('; ')}`)
  const isInService = path.startsWith('/Services/{ServiceSid}')

  return async (context: RestContext): Promise<Response> => {
    const { incoming } = context.env
    nameRequest(context.req.method, `/v1${path}`)
    const values = readSlots(path, context.req.param())
    const serviceId = isInService ? values.ServiceSid : undefined
    const actor = await authenticateBackend(app, incoming, serviceId)
    const query = kind === 'list' ? queryOf(context) : undefined
    const form = query ?? (kind === 'create' || kind === 'update' ? await readForm(incoming) : new Map())
    const root = `${originOf(app.config, incoming)}/v1`
    const call: Call = {
      path: values,
      given: readParameters(operation.parameters, form, query ? 'query' : 'post body') as Call['given'],
      header: (name) => headerOf(incoming, name),
      links: { root, accountId: actor.accountId, serviceId: serviceId ?? '' },
    }
    const page = readPage(query ?? new Map(), operation.maxPageSize)
    const rates = new RateHeaders()
    context.set('rates', rates)
    const { data, errors } = await executeInTime({
      schema,
      document,
      variableValues: operation.variables(call, page) as Record<string, unknown>,
      contextValue: new Context(app, actor, { isPrepared: true, rates }),
    })
    if (errors) throw errors[0]!
    const body = operation.answer(data, call, {
      page,
      address: (own) => root + fill(path, { ...values, ...own }),
      filters: filtersOf(form, Object.keys(operation.parameters)),
    })
    if (body === undefined) throw notFound(pathOf(context))
    if (body === null) return new Response(null, { status: 204, headers: cors })
    return respond(kind === 'create' ? 201 : 200, body)
  }
}

/** The values of a path's slots, with SIDs in canonical case. */
function readSlots(path: string, sent: Readonly<Record<string, string>>): PathValues {
  const values = slotsOf(path).map(({ name, slot }) => [name, readSid(slot.prefix, sent[name]!)])
  return Object.fromEntries(values) as unknown as PathValues
}

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  return headers[name]?.toString()
}

function queryOf({ req }: RestContext): Form {
  const mark = req.url.indexOf('?')
  return parseForm(mark === -1 ? '' : req.url.slice(mark + 1))
}

/** The filters of a list as they were sent, for its links. */
function filtersOf(query: Form, names: readonly string[]): string[] {
  return names.flatMap((name) =>
    (query.get(name) ?? []).map((value) => (value === null ? name : `${name}=${encodeURIComponent(value)}`)),
  )
}

function fill(path: string, values: PathValues): string {
  return path.replace(/\{(\w+)\}/g, (_slot, name: keyof PathValues) => encodeURIComponent(values[name]))
}

/** The path as it was sent, without `/v1`. */
function pathOf({ req }: RestContext): string {
  return new URL(req.url).pathname.replace(/^\/v1/, '')
}

function toRefusal(app: App, error: unknown, path: string): RestError {
  return error instanceof RestError ? error : toRestError(toCallerError(error, app.logger), path)
}

function refuse(refusal: RestError): Response {
  return respond(refusal.status, refusal.body, refusal.headers)
}

function respond(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...jsonHeaders, ...headers } })
}
