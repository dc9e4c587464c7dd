import type { Share } from '../../src/domain/share.ts'
import type { UserActor } from '../../src/model/actor.ts'
import type { Kit, User } from './kit.ts'

/** Of what a user owes there is nothing left. */
export const pay = (share: Share): void => share.add(-10_000)

export async function shareOf({ server }: Kit, user: User): Promise<Share> {
  const { viewer } = await user.request<{ viewer: { user: { id: string } } }, object>('{ viewer { user { id } } }')
  return server.app.shares.of({ kind: 'user', userId: viewer.user.id } as UserActor)!
}

/** A field so many times. */
export const aliases = (count: number, field: string): string =>
  Array.from({ length: count }, (_, at) => `a${at}: ${field}`).join(' ')
