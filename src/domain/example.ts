import type { App } from '../app.ts'
import { createChannel } from './channel.ts'
import { addMember } from './member.ts'

/** What a newcomer finds on the embedded default: somewhere to talk, and two to do it. */
export async function createExampleChannel(app: App): Promise<void> {
  const backend = { kind: 'backend', accountId: app.accountId } as const
  const channel = await createChannel(app, backend, { uniqueName: 'general', friendlyName: 'General' })
  for (const identity of ['alice', 'bob']) await addMember(app, backend, { channelId: channel.id, identity })
}
