import { ChatError, closed } from '../errors.ts'
import type { RequestOptions } from '../graphql/document.ts'
import { ViewerMemberDocument } from '../graphql/generated/documents.ts'
import { inTime } from '../in-time.ts'
import { listedChanges } from '../sync/page-changes.ts'
import { ChannelHandle } from './channel.ts'
import type { HandleContext } from './context.ts'
import { join } from './join.ts'

/** A channel of the user, which is read where it is not known. */
export async function findChannel(
  context: HandleContext,
  idOrUniqueName: string,
  options?: RequestOptions,
): Promise<ChannelHandle> {
  const { host, store } = context
  const known = [...store.getSnapshot().channels.values()].find(
    ({ channel: { id, uniqueName } }) => id === idOrUniqueName || uniqueName === idOrUniqueName,
  )
  if (known) return new ChannelHandle(context, known.channel.id)
  const identity = await signedIn(context, options?.signal)
  const before = store.getSnapshot()
  const { member } = await host.request(ViewerMemberDocument, { channelId: idOrUniqueName, identity }, options)
  if (!member) throw new ChatError('NOT_FOUND', `no channel ${idOrUniqueName} of this user`)
  host.apply(listedChanges([member], before))
  return new ChannelHandle(context, member.channelId)
}

export async function joinChannel(
  context: HandleContext,
  idOrUniqueName: string,
  options?: RequestOptions,
): Promise<ChannelHandle> {
  return new ChannelHandle(context, await join(context, idOrUniqueName, options))
}

/** Resolves with the identity of the user once the server, or the copy on the device, has said it. Rejects with OFFLINE after 15 seconds. */
function signedIn({ store, env }: HandleContext, signal: AbortSignal | undefined): Promise<string> {
  return inTime(env.clock, signal, (resolve, reject) => {
    const look = (): void => {
      const { session, connection } = store.getSnapshot()
      if (connection.status === 'closed') reject(closed())
      else if (connection.status === 'refused') reject(new ChatError('UNAUTHENTICATED', connection.message))
      else if (session) resolve(session.identity)
    }
    look()
    return store.subscribe(look)
  })
}
