import type { User } from '../../../test/support/kit.ts'
import { waitFor } from '../../../test/support/wait.ts'
import { createClient, type Client, type Module } from '../../src/index.ts'
import type { ModulesOf } from '../../src/modules/types.ts'

/** A client of this user, which is closed at the end of the block. */
export function clientOf<const Modules extends readonly Module[] = readonly []>(
  user: User,
  modules?: Modules,
): Client & ModulesOf<Modules> & AsyncDisposable {
  const client = createClient({
    url: user.server.url,
    identity: user.identity,
    token: () => user.token,
    ...(modules && { modules }),
  })
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() }) as never
}

export const isLive = ({ getSnapshot }: Client): boolean => getSnapshot().connection.status === 'live'

/** Waits until all are live. */
export async function live(...clients: readonly Client[]): Promise<void> {
  await waitFor(() => clients.every(isLive))
}
