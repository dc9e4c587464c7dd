import type { Channel } from '../../model/channel.ts'
import type { Member } from '../../model/member.ts'
import type { Message } from '../../model/message.ts'
import type { User } from '../../model/user.ts'
import type { WebhookParameters } from '../../model/webhook.ts'
import type { NewChannel } from '../../store/channel.ts'

/** The parameters of webhooks for each kind of thing, by the names of Programmable Chat. */

/** Null and undefined are left out. */
export type Values = Readonly<Record<string, string | number | boolean | Date | null | undefined>>

export function toParameters(values: Values): WebhookParameters {
  const parameters: Record<string, string> = {}
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined) continue
    parameters[name] = value instanceof Date ? value.toISOString() : String(value)
  }
  return parameters
}

/** Attributes that nobody has set are left out. */
const given = (attributes: string): string | undefined => (attributes === '{}' ? undefined : attributes)

export function messageParameters(
  message: Pick<Message, 'channelId' | 'body' | 'attributes' | 'author'> & Partial<Message>,
): Values {
  return {
    ChannelSid: message.channelId,
    MessageSid: message.id,
    ParentMessageSid: message.parent?.id,
    Index: message.index,
    Body: message.body,
    Attributes: given(message.attributes),
    From: message.author,
    DateCreated: message.createdAt,
  }
}

/** Of a channel that is not made yet and so has no SID. */
export function newChannelParameters({
  attributes,
  createdBy,
  friendlyName,
  uniqueName,
  type,
}: Omit<NewChannel, 'id'>) {
  return {
    Attributes: given(attributes),
    CreatedBy: createdBy,
    FriendlyName: friendlyName,
    UniqueName: uniqueName,
    ChannelType: type,
  }
}

export function channelParameters(channel: Channel): Values {
  return { ChannelSid: channel.id, DateCreated: channel.createdAt, ...newChannelParameters(channel) }
}

export function memberParameters(
  member: Pick<Member, 'channelId' | 'id' | 'identity' | 'roleId' | 'createdAt'>,
): Values {
  return {
    ChannelSid: member.channelId,
    MemberSid: member.id,
    Identity: member.identity,
    RoleSid: member.roleId,
    DateCreated: member.createdAt,
  }
}

export function updatedMemberParameters(member: Member, { lastReadIndex }: Pick<Member, 'lastReadIndex'>): Values {
  return { ...memberParameters(member), LastConsumedMessageIndex: lastReadIndex, DateUpdated: member.updatedAt }
}

type UserFields = Pick<User, 'id' | 'identity' | 'friendlyName' | 'roleId' | 'attributes' | 'createdAt'>

export function userParameters(user: UserFields): Values {
  return {
    UserSid: user.id,
    Identity: user.identity,
    FriendlyName: user.friendlyName,
    RoleSid: user.roleId,
    Attributes: given(user.attributes),
    DateCreated: user.createdAt,
  }
}
