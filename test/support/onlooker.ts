import type { Server } from '../../src/server.ts'
import { services } from '../../src/store/tables/service.ts'
import type { Kit, User } from './kit.ts'
import { waitFor } from './wait.ts'

export async function userIdOf(user: User): Promise<string> {
  const { viewer } = await user.request<{ viewer: { user: { id: string } } }, unknown>('{ viewer { user { id } } }')
  return viewer.user.id
}

/** Someone who sees who is online, at two servers of a service that reports it. */
export interface Onlooker {
  readonly other: Server
  /** Whether it sees the user online, asking at a server. */
  isOnline(id: string, at: Pick<Server, 'url'>): Promise<boolean | null>
  /** What both servers say, once they say what is expected, or in the end. */
  seenEverywhere(id: string, expected: boolean): Promise<(boolean | null)[]>
}

export async function openOnlooker(kit: Kit): Promise<Onlooker> {
  await kit.store.db.orm.update(services).set({ reachabilityEnabled: true, userDirectory: 'all' })
  kit.server.app.caches.services.clear()
  const other = await kit.another()
  const onlooker = await kit.user('onlooker')
  const isOnline = async (id: string, at: Pick<Server, 'url'>): Promise<boolean | null> => {
    const { node } = await onlooker
      .at(at)
      .request<{ node: { isOnline: boolean | null } }, unknown>(`{ node(id: "${id}") { ... on User { isOnline } } }`)
    return node.isOnline
  }
  return {
    other,
    isOnline,
    seenEverywhere: async (id, expected) => {
      const answers = () => Promise.all([kit.server, other].map((server) => isOnline(id, server)))
      const agree = async () => (await answers()).every((answer) => answer === expected)
      await waitFor(agree, { timeout: 5000 }).catch(() => {})
      return answers()
    },
  }
}
