import type { IncomingMessage } from 'node:http'
import { unauthenticated } from '../domain/access/authority.ts'
import type { App } from '../domain/app.ts'
import { authenticate } from '../domain/chat/sign-in.ts'
import { applyWebhookHeader, type Backend } from '../model/actor.ts'
import { notFound } from '../model/error.ts'
import { isSid } from '../model/sid.ts'
import { readClientAddress } from './client-address.ts'

/** The backend behind basic auth, limited to the service in the path. Users cannot sign in here. */
export async function authenticateBackend(
  app: App,
  request: IncomingMessage,
  serviceId: string | undefined,
): Promise<Backend> {
  const { authorization = '' } = request.headers
  if (!/^basic /i.test(authorization)) throw unauthenticated('Authenticate')
  const caller = await authenticate(app, authorization, readClientAddress(app.config, request))
  const actor = applyWebhookHeader(caller, request.headers['x-twilio-webhook-enabled']?.toString())
  if (actor.kind !== 'backend') throw unauthenticated('Authenticate')
  if (serviceId === undefined) return actor
  if (!isSid('IS', serviceId)) throw notFound('the service', 50050)
  return { ...actor, serviceId }
}
