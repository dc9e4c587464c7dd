import { createAccessToken, type AccessToken } from '../access/access-token.ts'
import { findUser } from '../access/authority.ts'
import type { App } from '../app.ts'
import type { Person } from './seed-content.ts'

/** Whom the page shows side by side. */
const demoIdentities: readonly Person[] = ['alice', 'bob']

export interface DemoUser extends AccessToken {
  readonly identity: string
  /** The identity where the user has no name. */
  readonly friendlyName: string
}

/** A token for each user of the demo that exists, valid for an hour. Whoever may call this is those users, so the caller must be certain. */
export async function createDemoUsers(app: App): Promise<DemoUser[]> {
  const backend = { kind: 'backend', accountId: app.accountId } as const
  const users = await Promise.all(demoIdentities.map((identity) => findUser(app, backend, identity)))
  return Promise.all(
    users
      .filter((user) => user !== undefined)
      .map(async ({ identity, friendlyName }) => ({
        identity,
        friendlyName: friendlyName ?? identity,
        ...(await createAccessToken(app, backend, { identity })),
      })),
  )
}
