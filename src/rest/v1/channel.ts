import {
  RestChannelsDocument,
  RestCreateChannelDocument,
  RestDeleteChannelDocument,
  RestFetchChannelDocument,
  RestUpdateChannelDocument,
  type RestChannelFragment,
} from '../../../schema/generated/graphql.ts'
import { limits } from '../../model/limits.ts'
import * as form from '../form.ts'
import { create, fetch, list, remove, update } from '../operation.ts'
import {
  accountSid,
  date,
  integer,
  json,
  links,
  oneOf,
  serviceSid,
  sid,
  text,
  textOrNull,
  url,
  type Resource,
  type LinkContext,
} from '../resource.ts'

const types = { public: 'PUBLIC', private: 'PRIVATE' } as const

const path = ({ id }: { readonly id: string }, { serviceId }: LinkContext): string =>
  `/Services/${serviceId}/Channels/${id}`

const channel: Resource<RestChannelFragment> = {
  name: 'channel',
  fields: {
    sid: sid('CH', ({ id }) => id),
    account_sid: accountSid,
    service_sid: serviceSid,
    friendly_name: textOrNull(({ friendlyName }) => friendlyName),
    unique_name: textOrNull(({ uniqueName }) => uniqueName),
    attributes: json(({ attributes }) => attributes),
    type: oneOf(Object.keys(types), ({ type }) => type),
    date_created: date(({ createdAt }) => createdAt),
    date_updated: date(({ updatedAt }) => updatedAt),
    created_by: text(({ createdBy }) => createdBy),
    members_count: integer(({ membersCount }) => membersCount),
    messages_count: integer(({ messagesCount }) => messagesCount),
    url: url(path),
    links: links({
      members: (source, context) => `${path(source, context)}/Members`,
      messages: (source, context) => `${path(source, context)}/Messages`,
      invites: (source, context) => `${path(source, context)}/Invites`,
      last_message: (source, context) =>
        source.lastMessage && `${path(source, context)}/Messages/${source.lastMessage.id}`,
    }),
  },
}

const given = {
  FriendlyName: form.text('A name for people.', { maxLength: 64 }),
  UniqueName: form.text('A name that can be used instead of the SID, unique within the service. Empty removes it.', {
    maxLength: 64,
  }),
  Attributes: form.json('Data of the application, as JSON.', limits.channelAttributesBytes, 50304),
}

export const channels = {
  list: list(channel, {
    name: 'ListChannel',
    summary: 'Lists the channels of a service, oldest first.',
    parameters: { Type: form.list(form.oneOf('Only channels of these types; all by default.', types)) },
    document: RestChannelsDocument,
    // If all values are empty, there is no filter.
    variables: ({ given, page }) => ({ types: given.Type?.length === 0 ? undefined : given.Type, ...page }),
    key: 'channels',
    from: (data) => data.channels,
  }),
  create: create(channel, {
    name: 'CreateChannel',
    summary: 'Creates a channel.',
    parameters: {
      ...given,
      Type: form.oneOf('The visibility of the channel; public by default. It never changes.', types),
    },
    document: RestCreateChannelDocument,
    variables: ({ given }) => ({
      input: {
        friendlyName: given.FriendlyName,
        uniqueName: given.UniqueName,
        attributes: given.Attributes,
        type: given.Type,
      },
    }),
    from: (data) => data.createChannel.channel,
  }),
  fetch: fetch(channel, {
    name: 'FetchChannel',
    summary: 'Returns one channel by SID or unique name.',
    document: RestFetchChannelDocument,
    variables: ({ path }) => ({ id: path.Sid }),
    from: (data) => data.channel,
  }),
  update: update(channel, {
    name: 'UpdateChannel',
    summary: 'Changes a channel. Parameters that are left out keep their values.',
    parameters: given,
    document: RestUpdateChannelDocument,
    variables: ({ path, given }) => ({
      input: {
        channelId: path.Sid,
        friendlyName: given.FriendlyName,
        uniqueName: given.UniqueName,
        attributes: given.Attributes,
      },
    }),
    from: (data) => data.updateChannel.channel,
  }),
  remove: remove({
    name: 'DeleteChannel',
    summary: 'Deletes a channel for all users.',
    document: RestDeleteChannelDocument,
    variables: ({ path }) => ({ input: { channelId: path.Sid } }),
  }),
}
