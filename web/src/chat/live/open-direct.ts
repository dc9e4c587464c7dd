import type { Client } from '@fonechat/client'
import { OpenDirectChannelDocument } from '@fonechat/client/documents'

/** Opens the direct channel with a person, and answers its id once the client has it. Rejects with the client's error. */
export async function openDirect(client: Client, identity: string): Promise<string> {
  const { openDirectChannel } = await client.request(OpenDirectChannelDocument, { input: { identities: [identity] } })
  if (!openDirectChannel) throw new Error('The server opened no channel.')
  const { id } = await client.getChannel(openDirectChannel.channel.id)
  return id
}
