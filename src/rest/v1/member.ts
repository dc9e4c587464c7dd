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

const role = form.sid('RL', 'A channel role; by default the service’s.')

export const members = {
  list: list(member, {
    name: 'ListMember',
    summary: 'The members of a channel in the order they joined.',
    parameters: { Identity: form.list(form.text('Only these, as far as they are members.')) },
    document: RestMembersDocument,
    variables: ({ path, given, page }) => ({ channelId: path.ChannelSid, identities: given.Identity, ...page }),
    key: 'members',
    from: (data) => data.channel?.members,
    canonicalPath: (data) => ({ ChannelSid: data.channel!.id }),
  }),
  create: create(member, {
    name: 'CreateMember',
    summary: 'Adds a member. An identity that the service has never seen becomes a user.',
    parameters: { Identity: form.required(form.text('Who.', { maxLength: 256 })), RoleSid: role },
    document: RestAddMemberDocument,
    variables: ({ path, given }) => ({
      input: { channelId: path.ChannelSid, identity: given.Identity, roleId: given.RoleSid },
    }),
    from: (data) => data.addMember.member,
  }),
  fetch: fetch(member, {
    name: 'FetchMember',
    summary: 'One member.',
    document: RestFetchMemberDocument,
    variables: ({ path }) => ({ id: path.Sid, channelId: path.ChannelSid }),
    from: (data) => data.member,
  }),
  update: update(member, {
    name: 'UpdateMember',
    summary: 'Changes what is given; what is left out stays.',
    parameters: {
      RoleSid: role,
      LastConsumedMessageIndex: form.integer('The newest message the member has read; empty for none.', 50406, {
        minimum: 0,
      }),
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
    summary: 'Takes a member out of its channel.',
    document: RestRemoveMemberDocument,
    variables: ({ path }) => ({ input: { memberId: path.Sid, channelId: path.ChannelSid } }),
  }),
}
