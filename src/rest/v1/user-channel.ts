import { RestUserChannelsDocument, type RestUserChannelFragment } from '../../../schema/generated/graphql.ts'
import { list } from '../operation.ts'
import {
  accountSid,
  integerOrNull,
  links,
  oneOf,
  serviceSid,
  sid,
  sidOrNull,
  type Resource,
  type LinkContext,
} from '../resource.ts'

const path = ({ channel }: RestUserChannelFragment, { serviceId }: LinkContext): string =>
  `/Services/${serviceId}/Channels/${channel.id}`

const userChannel: Resource<RestUserChannelFragment> = {
  name: 'user_channel',
  fields: {
    account_sid: accountSid,
    service_sid: serviceSid,
    channel_sid: sid('CH', ({ channel }) => channel.id),
    member_sid: sidOrNull('MB', ({ member }) => member?.id ?? null),
    status: oneOf(['joined', 'invited', 'not_participating'], ({ status }) => status),
    last_consumed_message_index: integerOrNull(({ lastReadIndex }) => lastReadIndex),
    unread_messages_count: integerOrNull(({ unreadCount }) => unreadCount),
    links: links({
      channel: path,
      member: (source, context) => source.member && `${path(source, context)}/Members/${source.member.id}`,
    }),
  },
}

export const userChannels = {
  list: list(userChannel, {
    name: 'ListUserChannel',
    summary: 'Lists the channels of which a user is a member or to which the user is invited, oldest first.',
    document: RestUserChannelsDocument,
    variables: ({ path, page }) => ({ userId: path.UserSid, ...page }),
    key: 'channels',
    from: (data) => data.user?.channels,
    canonicalPath: (data) => ({ UserSid: data.user!.id }),
  }),
}
