import { limits } from '../../model/limits.ts'
import { createAccessToken } from '../access/access-token.ts'
import type { App } from '../app.ts'
import { createChannel } from './channel.ts'
import { addMember } from './member.ts'

/** Makes a channel with the members alice and bob, for the first start of the embedded engine. Answers a token for alice, valid for a day. */
export async function seedChat(app: App): Promise<string> {
  const backend = { kind: 'backend', accountId: app.accountId } as const
  const channel = await createChannel(app, backend, { uniqueName: 'general', friendlyName: 'General' })
  for (const identity of ['alice', 'bob']) await addMember(app, backend, { channelId: channel.id, identity })
  const { token } = await createAccessToken(app, backend, { identity: 'alice', ttlSeconds: limits.tokenSeconds })
  return token
}
