import type { IncomingMessage } from 'node:http'
import type { App } from '../app.ts'
import { readClientAddress } from '../client-address.ts'
import { authenticate } from '../domain/authentication.ts'
import { unauthenticated } from '../domain/authority.ts'
import { heedWebhookSwitch, type Backend } from '../model/actor.ts'

/** The backend behind basic auth, kept to the service that the path names. Users have GraphQL. */
export async function authenticateBackend(
  app: App,
  request: IncomingMessage,
  serviceId: string | undefined,
): Promise<Backend> {
  const { authorization = '' } = request.headers
  if (!/^basic /i.test(authorization)) throw unauthenticated('Authenticate')
  const caller = await authenticate(app, authorization, readClientAddress(app.config, request))
  const actor = heedWebhookSwitch(caller, request.headers['x-twilio-webhook-enabled']?.toString())
  if (actor.kind !== 'backend') throw unauthenticated('Authenticate')
  return serviceId === undefined ? actor : { ...actor, serviceId }
}
