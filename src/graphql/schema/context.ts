import type { IncomingMessage } from 'node:http'
import { GraphQLError } from 'graphql'
import type { App } from '../../domain/app.ts'
import { authenticate } from '../../domain/chat/sign-in.ts'
import type { Transport } from '../../domain/instruments.ts'
import type { Share } from '../../domain/share.ts'
import { readClientAddress } from '../../http/client-address.ts'
import { RateHeaders } from '../../http/rate-headers.ts'
import { retryAfterHeader } from '../../http/retry-after.ts'
import { applyWebhookHeader, type Actor, type UserActor } from '../../model/actor.ts'
import { ChatError } from '../../model/error.ts'
import { toCallerError } from './errors.ts'
import { Loaders } from './loaders.ts'

/** What an operation can do to the connection it came over. */
export interface Session {
  /** Takes a new token for the same user. */
  renew(actor: UserActor): void
}

interface ContextOptions {
  readonly session?: Session
  readonly isPrepared?: boolean
  readonly share?: Share | undefined
  readonly characters?: number
  readonly rates?: RateHeaders
}

/** The context of every resolver. */
export class Context {
  readonly app: App
  /** Whether the document is the server's own: the limits of costs are for documents of callers. */
  readonly isPrepared: boolean
  /** The socket the operation came over, if any. */
  readonly session: Session | undefined
  /** The history of the database for cursors, taken before anything is read: one older than the position's own skips nothing. */
  readonly history: number
  /** Counts the time of the execution; undefined for a backend, and for an event that several users receive. */
  readonly share: Share | undefined
  /** The length of its request. */
  readonly characters: number
  /** What was counted of the request, for the headers of its answer. */
  readonly rates: RateHeaders | undefined
  readonly #actor: Actor | undefined
  #loaders: Loaders | undefined

  constructor(
    app: App,
    actor: Actor | undefined,
    { session, isPrepared = false, share, characters = 0, rates }: ContextOptions = {},
  ) {
    this.app = app
    this.session = session
    this.isPrepared = isPrepared
    this.history = app.history.stamp
    this.share = share ?? app.shares.of(actor)
    this.characters = characters
    this.rates = rates
    this.#actor = actor
  }

  /** Which way the operation came. */
  get transport(): Transport {
    if (this.isPrepared) return 'rest'
    return this.session ? 'websocket' : 'http'
  }

  /** Undefined without credentials. */
  get caller(): Actor | undefined {
    return this.#actor
  }

  /** The caller. Without credentials only the schema can be read. */
  get actor(): Actor {
    if (!this.#actor) throw new ChatError('UNAUTHENTICATED', 'this needs an Authorization header', 20003)
    return this.#actor
  }

  /**
   * The caller as a person, for fields whose value depends on it. Such a field says `perViewer`; one that does not reaches this in
   * an execution that many share, and throws.
   */
  get viewer(): Exclude<Actor, { kind: 'audience' }> {
    const { actor } = this
    if (actor.kind === 'audience') throw new Error('a field that depends on its viewer is not marked perViewer')
    return actor
  }

  /** Shared executions are checked when the subscription is made, not at every event. */
  get isShared(): boolean {
    return this.#actor?.kind === 'audience'
  }

  get hasBackend(): boolean {
    return this.#actor?.kind === 'backend'
  }

  get loaders(): Loaders {
    return (this.#loaders ??= new Loaders(this.app, this.#actor))
  }
}

const statuses: Readonly<Record<string, number>> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
}

/** The status of a refusal before anything was executed. Anything else that keeps a caller from being known is a fault of the server. */
export const statusOf = (code: unknown): number => statuses[String(code)] ?? 500

/** Status and headers of a refusal over HTTP. They are in `extensions.http`, where Yoga looks for them. */
export interface HttpRefusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

export type AuthenticateRequest = (request: IncomingMessage) => Promise<Actor>

/** Authenticates an HTTP request, by its header `Authorization` unless told otherwise. Answers the refusal when that fails. */
export async function readOperationContext(
  app: App,
  request: IncomingMessage,
  characters = 0,
  authenticateRequest?: AuthenticateRequest,
): Promise<Context | GraphQLError> {
  const { authorization } = request.headers
  if (!authenticateRequest && !authorization) return new Context(app, undefined, { characters })
  try {
    const actor = await (authenticateRequest?.(request) ??
      authenticate(app, authorization!, readClientAddress(app.config, request)))
    return new Context(app, applyWebhookHeader(actor, request.headers['x-twilio-webhook-enabled']?.toString()), {
      characters,
      rates: new RateHeaders(),
    })
  } catch (error) {
    const refusal = toCallerError(error, app.logger)
    const status = statusOf(refusal.extensions['code'])
    const headers = retryAfterHeader(refusal.extensions['retryAfterMs'])
    const http: HttpRefusal = { status, headers }
    return new GraphQLError(refusal.message, { extensions: { ...refusal.extensions, http } })
  }
}
