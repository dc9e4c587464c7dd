import type { IncomingHttpHeaders } from 'node:http'
import type { App } from '../app.ts'
import { authenticate } from '../domain/authentication.ts'
import { unauthenticated } from '../domain/authority.ts'
import { heedWebhookSwitch, type Backend } from '../model/actor.ts'

/** The backend behind basic auth, kept to the service that the path names. Users have GraphQL. */
export async function authenticateBackend(
  app: App,
  headers: IncomingHttpHeaders,
  serviceId: string | undefined,
): Promise<Backend> {
  const { authorization = '' } = headers
  if (!/^basic /i.test(authorization)) throw unauthenticated('Authenticate')
  const caller = await authenticate(app, authorization)
  const actor = heedWebhookSwitch(caller, headers['x-twilio-webhook-enabled']?.toString())
  if (actor.kind !== 'backend') throw unauthenticated('Authenticate')
  return serviceId === undefined ? actor : { ...actor, serviceId }
}
