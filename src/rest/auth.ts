import type { App } from '../app.ts'
import { authenticate } from '../domain/authentication.ts'
import { unauthenticated } from '../domain/authority.ts'
import type { Backend } from '../model/actor.ts'

/** The backend behind basic auth, kept to the service that the path names. Users have GraphQL. */
export async function authenticateBackend(
  app: App,
  authorization: string | undefined,
  serviceId: string | undefined,
): Promise<Backend> {
  if (!/^basic /i.test(authorization ?? '')) throw unauthenticated('Authenticate')
  const actor = await authenticate(app, authorization!)
  if (actor.kind !== 'backend') throw unauthenticated('Authenticate')
  return serviceId === undefined ? actor : { ...actor, serviceId }
}
