import type { State } from '@fonechat/client'
import type { DraftPlace } from '@fonechat/client/later'
import type { PageClient } from './page-client.ts'

interface Read {
  readonly message: { readonly index: number } | null
}

/** The index of the message that a thread is of: as it is known, or as the server says. Undefined in the channel itself, and where the message is gone. */
export async function threadIndex(
  client: PageClient,
  channels: State['channels'],
  { channelId, parentId }: DraftPlace,
): Promise<number | undefined> {
  if (parentId == null) return undefined
  const known = channels.get(channelId)?.messages.find(({ id }) => id === parentId)
  if (known) return known.index
  const read = client.request<Read, object>('query ($id: ID!) { message(id: $id) { index } }', { id: parentId })
  return (await read.catch(() => null))?.message?.index
}
