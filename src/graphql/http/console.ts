import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { GraphQLSchema } from 'graphql'
import { unauthenticated } from '../../domain/access/authority.ts'
import { authenticateConsole, closeConsoleSession, openConsoleSession } from '../../domain/access/console-session.ts'
import type { App } from '../../domain/app.ts'
import { readClientAddress } from '../../http/client-address.ts'
import { readConsoleToken, readOwnOrigin, toConsoleCookie } from '../../http/console-cookie.ts'
import type { BodyListener } from '../../http/http.ts'
import { retryAfterHeader } from '../../http/retry-after.ts'
import type { Actor } from '../../model/actor.ts'
import { badInput, ChatError } from '../../model/error.ts'
import type { Documents } from '../execution/documents.ts'
import { statusOf } from '../schema/context.ts'
import { toCallerError } from '../schema/errors.ts'
import { createHttpPost } from './http-post.ts'

/** Longer than any SID and any secret. */
const maxLength = 1000

/** What the console's page asks: signing in and out, and the API with the session's cookie as credentials. */
export interface ConsoleListeners {
  readonly session: BodyListener
  readonly graphql: BodyListener
}

export function createConsole(app: App, schema: GraphQLSchema, documents: Documents): ConsoleListeners {
  const httpPost = createHttpPost(app, schema, documents, {
    authenticate: (request) => authenticateRequest(app, request),
    headers: privateHeaders,
  })
  const signIn = async (request: IncomingMessage, response: ServerResponse, body: string): Promise<void> => {
    const origin = requireOwnOrigin(app, request)
    const { session, token } = await openConsoleSession(app, {
      ...readLogin(body),
      address: readClientAddress(app.config, request),
      userAgent: request.headers['user-agent'],
    })
    const { id, expiresAt } = session
    answer(response, 200, { id, expiresAt }, { 'set-cookie': toConsoleCookie(token, origin) })
  }
  const signOut = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const origin = requireOwnOrigin(app, request)
    const token = readConsoleToken(request)
    if (token !== undefined) await closeConsoleSession(app, token)
    response.writeHead(204, { ...privateHeaders, 'set-cookie': toConsoleCookie(undefined, origin) }).end()
  }
  return {
    session: (request, response, body) => {
      const { method } = request
      if (method !== 'POST' && method !== 'DELETE') return refuseMethod(response, 'POST, DELETE')
      const done = method === 'POST' ? signIn(request, response, body) : signOut(request, response)
      done.catch((error: unknown) => refuse(app, response, error))
    },
    graphql: (request, response, body) => {
      if (request.method !== 'POST') return refuseMethod(response, 'POST')
      // One way to answer: what browsers and their extensions accept besides changes nothing.
      request.headers.accept = 'application/json'
      httpPost(request, response, body)
    },
  }
}

/** Neither a page of another site nor a cache gets these. */
const privateHeaders = { 'cross-origin-resource-policy': 'same-origin', 'x-content-type-options': 'nosniff' }

/** Has the SID with which the page knows that it was signed in. Pages of a browser share the cookie. */
const credentialHeader = 'x-console-credential'

/** Never the header `Authorization`: browsers may remember it for this server. */
async function authenticateRequest(app: App, request: IncomingMessage): Promise<Actor> {
  requireOwnOrigin(app, request)
  const token = readConsoleToken(request)
  if (token === undefined) throw unauthenticated('sign in first')
  return authenticateConsole(app, {
    token,
    signedInWith: request.headers[credentialHeader]?.toString(),
    address: readClientAddress(app.config, request),
  })
}

function requireOwnOrigin(app: App, request: IncomingMessage): string {
  const origin = readOwnOrigin(app.config, request)
  if (origin !== undefined) return origin
  throw new ChatError(
    'FORBIDDEN',
    'the Origin of the request is not this server’s address; behind a proxy set PUBLIC_URL, or TRUST_PROXY',
  )
}

function readLogin(body: string): { readonly sid: string; readonly secret: string } {
  let login: unknown
  try {
    login = JSON.parse(body)
  } catch {
    throw badInput('the body must be JSON')
  }
  const { sid, secret } = (typeof login === 'object' && login !== null ? login : {}) as Record<string, unknown>
  for (const [field, value] of Object.entries({ sid, secret })) {
    if (typeof value !== 'string' || value === '' || value.length > maxLength) {
      throw badInput(`${field} must be a text of 1 to ${maxLength} characters`, field)
    }
  }
  return { sid: sid as string, secret: secret as string }
}

function refuse(app: App, response: ServerResponse, error: unknown): void {
  const { message, extensions } = toCallerError(error, app.logger)
  const status = statusOf(extensions['code'])
  answer(response, status, { errors: [{ message, extensions }] }, retryAfterHeader(extensions['retryAfterMs']))
}

function refuseMethod(response: ServerResponse, allow: string): void {
  const { message, code } = badInput(`only ${allow} is answered here`)
  answer(response, 405, { errors: [{ message, extensions: { code } }] }, { allow })
}

function answer(response: ServerResponse, status: number, body: object, headers: OutgoingHttpHeaders): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...privateHeaders,
    ...headers,
  })
  response.end(text)
}
