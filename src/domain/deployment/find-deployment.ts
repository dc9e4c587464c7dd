import type { Actor } from '../../model/actor.ts'
import { requireOperator } from '../access/authority.ts'
import type { App } from '../app.ts'
import type { Reading } from '../shared-reading.ts'
import type { Deployment } from './deployment.ts'

/**
 * The deployment, whose parts are read when they are asked for.
 * Needs the backend of the server's own account. Throws FORBIDDEN.
 */
export function findDeployment(app: App, actor: Actor): Deployment {
  requireOperator(app, actor)
  return app.deployment
}

/** When something was read, by the app's clock. */
export function timeOf({ clock }: App, { at }: Reading<unknown>): Date {
  return new Date(clock.now() - (performance.now() - at))
}
