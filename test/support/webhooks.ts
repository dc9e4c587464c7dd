import {
  AddMemberDocument,
  CreateChannelDocument,
  CreateAccessTokenDocument,
  CreateServiceDocument,
  UpdateServiceDocument,
  type ChannelFieldsFragment,
  type CreateChannelInput,
  type WebhookEvent,
  type WebhookSettingsInput,
} from '../../schema/generated/graphql.ts'
import type { ChannelId } from '../../src/model/sid.ts'
import { isPreEvent, toConstantCase, webhookEvents, type WebhookEvent as EventName } from '../../src/model/webhook.ts'
import type { Server } from '../../src/server.ts'
import { User, uniqueName, type Caller } from './kit.ts'
import type { Receiver } from './webhook-receiver.ts'

/** The address of a receiver is not public. */
export const webhookEnvironment = { WEBHOOK_NETWORKS: '127.0.0.0/8' }

const toEnum = (event: EventName): WebhookEvent => toConstantCase(event) as WebhookEvent

/** Every event, as GraphQL has them. */
export const allEvents = webhookEvents.map(toEnum)

/** Those that one of these addresses is called for. */
const eventsFor = ({ preUrl, postUrl }: WebhookSettingsInput): WebhookEvent[] =>
  webhookEvents.filter((event) => (isPreEvent(event) ? preUrl : postUrl)).map(toEnum)

/** A service of its own with webhooks, and who and what is in it. */
export interface HookedService {
  readonly id: string
  set(webhooks: WebhookSettingsInput): Promise<void>
  user(name?: string): Promise<User>
  channel(
    members?: readonly User[],
    input?: CreateChannelInput,
  ): Promise<ChannelFieldsFragment & { readonly id: ChannelId }>
}

/** Sends the receiver every event, unless the settings say otherwise. Making its users and channels sends none. */
export async function hookService(
  kit: { readonly backend: Caller; readonly server: Pick<Server, 'url'> },
  receiver: Pick<Receiver, 'url'>,
  webhooks: WebhookSettingsInput = {},
): Promise<HookedService> {
  const { createService } = await kit.backend.request(CreateServiceDocument, {
    input: { friendlyName: uniqueName('hooked') },
  })
  const { id } = createService.service
  const set = async (settings: WebhookSettingsInput): Promise<void> => {
    await kit.backend.request(UpdateServiceDocument, { input: { serviceId: id, webhooks: settings } })
  }
  const addresses = { preUrl: receiver.url, postUrl: receiver.url, ...webhooks }
  await set({ ...addresses, filters: eventsFor(addresses), ...webhooks })
  const quiet = kit.backend.with({ 'x-twilio-webhook-enabled': 'false' })
  return {
    id,
    set,
    user: async (name = 'user') => {
      const identity = uniqueName(name)
      const { createAccessToken } = await kit.backend.request(CreateAccessTokenDocument, {
        input: { identity, serviceId: id },
      })
      return new User(kit.server, identity, createAccessToken.token)
    },
    channel: async (members = [], input = {}) => {
      const { createChannel } = await quiet.request(CreateChannelDocument, { input: { serviceId: id, ...input } })
      for (const { identity } of members) {
        await quiet.request(AddMemberDocument, { input: { channelId: createChannel.channel.id, identity } })
      }
      return { ...createChannel.channel, id: createChannel.channel.id as ChannelId }
    },
  }
}
