import type { Document } from '../document.ts'
import { kitTexts as texts } from '../texts/en/kit.ts'

/** Longer than the server takes for anything. */
const deadlineMs = 20_000

/** What a request failed with. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  /** As the API has it; `AWAY` where no server answered. */
  readonly code: string
  /** The argument at fault: `input.friendlyName`. */
  readonly field: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(code: string, message: string, { field, retryAfterMs }: { field?: string; retryAfterMs?: number } = {}) {
    super(message)
    this.code = code
    this.field = field
    this.retryAfterMs = retryAfterMs
  }

  /** Whether the same request fails again, whenever it is sent. */
  get isLasting(): boolean {
    return this.code === 'BAD_USER_INPUT'
  }

  /** Whether the same request can succeed once the server, or its database, is back. */
  get isOutage(): boolean {
    return this.code === 'AWAY' || this.code === 'UNAVAILABLE'
  }
}

interface ErrorBody {
  readonly message: string
  readonly extensions?: { readonly code?: string; readonly field?: string; readonly retryAfterMs?: number }
}

let credential: string | undefined

/**
 * From now on the server refuses what another person than this one would be answered or would do: another page of the browser may sign somebody else in, with
 * the same cookie.
 */
export function actAs(sid: string | undefined): void {
  credential = sid
}

/** Sends an operation with the session's cookie. Throws RequestError. */
export async function send<Result, Variables>(
  document: Document<Result, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Result> {
  const response = await ask('/console/graphql', 'POST', { query: document, variables }, signal)
  const body = (await readJson(response)) as { readonly data?: Result | null; readonly errors?: readonly ErrorBody[] }
  const [error] = body.errors ?? []
  if (error) throw errorOf(error)
  if (body.data == null) throw new RequestError('AWAY', texts.problems.unreadable)
  return body.data
}

/** Signs in. The server answers with the cookie. Throws RequestError. */
export async function signIn(sid: string, secret: string): Promise<void> {
  await expectSuccess(await ask('/console/session', 'POST', { sid, secret }))
}

/** Ends the session of this browser. Throws RequestError. */
export async function signOut(): Promise<void> {
  await expectSuccess(await ask('/console/session', 'DELETE'))
}

async function expectSuccess(response: Response): Promise<void> {
  if (response.ok) return
  const { errors } = (await readJson(response)) as { readonly errors?: readonly ErrorBody[] }
  throw errorOf(errors?.[0] ?? { message: texts.problems.unreadable })
}

async function ask(path: string, method: string, body?: object, signal?: AbortSignal): Promise<Response> {
  const deadline = AbortSignal.timeout(deadlineMs)
  try {
    return await fetch(path, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      ...(body && { headers: headersOf(credential), body: JSON.stringify(body) }),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new RequestError('AWAY', texts.problems.away)
  }
}

const headersOf = (sid: string | undefined): Record<string, string> => ({
  'content-type': 'application/json',
  ...(sid !== undefined && { 'x-console-credential': sid }),
})

/** Throws RequestError: what a proxy answers in place of the server is no JSON. */
async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    throw new RequestError('AWAY', texts.problems.away)
  }
}

function errorOf({ message, extensions = {} }: ErrorBody): RequestError {
  const { code = 'AWAY', field, retryAfterMs } = extensions
  return new RequestError(code, sentence(message), {
    ...(field !== undefined && { field }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}

/** Messages of the API begin small and end without a full stop. One that begins with the name of a field keeps that as it is. */
function sentence(text: string): string {
  const isName = /^\w+[A-Z.]/u.test(text)
  return `${isName ? text.charAt(0) : text.charAt(0).toLocaleUpperCase()}${text.slice(1).replace(/\.$/u, '')}.`
}
