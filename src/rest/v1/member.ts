import {
  RestAddMemberDocument,
  RestFetchMemberDocument,
  RestMembersDocument,
  RestRemoveMemberDocument,
  RestUpdateMemberDocument,
  type RestMemberFragment,
} from '../../../schema/generated/graphql.ts'
import * as form from '../form.ts'
import { create, fetch, list, remove, update } from '../operation.ts'
import {
  accountSid,
  date,
  dateOrNull,
  integerOrNull,
  serviceSid,
  sid,
  sidOrNull,
  text,
  url,
  type Resource,
} from '../resource.ts'

const member: Resource<RestMemberFragment> = {
  name: 'member',
  fields: {
    sid: sid('MB', ({ id }) => id),
    account_sid: accountSid,
    service_sid: serviceSid,
    channel_sid: sid('CH', ({ channelId }) => channelId),
    identity: text(({ identity }) => identity),
    role_sid: sidOrNull('RL', ({ role }) => role.id),
    last_consumed_message_index: integerOrNull(({ lastReadIndex }) => lastReadIndex),
    last_consumption_timestamp: dateOrNull(({ lastReadAt }) => lastReadAt),
    date_created: date(({ createdAt }) => createdAt),
    date_updated: date(({ updatedAt }) => updatedAt),
    url: url(({ id, channelId }, { serviceId }) => `/Services/${serviceId}/Channels/${channelId}/Members/${id}`),
  },
}

const role = form.sid('RL', 'SID of a channel role; by default the service’s default channel role.')

export const members = {
  list: list(member, {
    name: 'ListMember',
    summary: 'Lists the members of a channel in the order in which they joined.',
    parameters: { Identity: form.list(form.text('Only members with one of these identities.')) },
    document: RestMembersDocument,
    variables: ({ path, given, page }) => ({ channelId: path.ChannelSid, identities: given.Identity, ...page }),
    key: 'members',
    from: (data) => data.channel?.members,
    canonicalPath: (data) => ({ ChannelSid: data.channel!.id }),
  }),
  create: create(member, {
    name: 'CreateMember',
    summary: 'Adds a user to a channel. A user with an unknown identity is created.',
    parameters: {
      Identity: form.required(form.text('Identity of the user to add.', { maxLength: 256 })),
      RoleSid: role,
    },
    document: RestAddMemberDocument,
    variables: ({ path, given }) => ({
      input: { channelId: path.ChannelSid, identity: given.Identity, roleId: given.RoleSid },
    }),
    from: (data) => data.addMember.member,
  }),
  fetch: fetch(member, {
    name: 'FetchMember',
    summary: 'Returns one member.',
    document: RestFetchMemberDocument,
    variables: ({ path }) => ({ id: path.Sid, channelId: path.ChannelSid }),
    from: (data) => data.member,
  }),
  update: update(member, {
    name: 'UpdateMember',
    summary: 'Changes a member. Parameters that are left out keep their values.',
    parameters: {
      RoleSid: role,
      LastConsumedMessageIndex: form.integer(
        'Index of the newest message that the member has read; empty for none.',
        50406,
        {
          minimum: 0,
        },
      ),
    },
    document: RestUpdateMemberDocument,
    variables: ({ path, given }) => ({
      input: {
        memberId: path.Sid,
        channelId: path.ChannelSid,
        roleId: given.RoleSid,
        lastReadIndex: given.LastConsumedMessageIndex,
      },
    }),
    from: (data) => data.updateMember.member,
  }),
  remove: remove({
    name: 'DeleteMember',
    summary: 'Removes a member from its channel.',
    document: RestRemoveMemberDocument,
    variables: ({ path }) => ({ input: { memberId: path.Sid, channelId: path.ChannelSid } }),
  }),
}
