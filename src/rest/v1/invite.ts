import {
  RestCreateInviteDocument,
  RestDeleteInviteDocument,
  RestFetchInviteDocument,
  RestInvitesDocument,
  type RestInviteFragment,
} from '../../../schema/generated/graphql.ts'
import * as form from '../form.ts'
import { create, fetch, list, remove } from '../operation.ts'
import { accountSid, date, serviceSid, sid, sidOrNull, text, url, type Resource } from '../resource.ts'

const invite: Resource<RestInviteFragment> = {
  name: 'invite',
  fields: {
    sid: sid('IN', ({ id }) => id),
    account_sid: accountSid,
    service_sid: serviceSid,
    channel_sid: sid('CH', ({ channelId }) => channelId),
    identity: text(({ identity }) => identity),
    role_sid: sidOrNull('RL', ({ role }) => role.id),
    created_by: text(({ createdBy }) => createdBy),
    date_created: date(({ createdAt }) => createdAt),
    date_updated: date(({ updatedAt }) => updatedAt),
    url: url(({ id, channelId }, { serviceId }) => `/Services/${serviceId}/Channels/${channelId}/Invites/${id}`),
  },
}

export const invites = {
  list: list(invite, {
    name: 'ListInvite',
    summary: 'Who is invited to a channel, in the order of the invites.',
    parameters: { Identity: form.list(form.text('Only these, as far as they are invited.')) },
    document: RestInvitesDocument,
    variables: ({ path, given, page }) => ({ channelId: path.ChannelSid, identities: given.Identity, ...page }),
    key: 'invites',
    from: (data) => data.channel?.invites,
    canonicalPath: (data) => ({ ChannelSid: data.channel!.id }),
  }),
  create: create(invite, {
    name: 'CreateInvite',
    summary: 'Invites a user that the service knows.',
    parameters: {
      Identity: form.required(form.text('Who.', { maxLength: 256 })),
      RoleSid: form.sid('RL', 'The channel role of the member; by default the service’s.'),
    },
    document: RestCreateInviteDocument,
    variables: ({ path, given }) => ({
      input: { channelId: path.ChannelSid, identity: given.Identity, roleId: given.RoleSid },
    }),
    from: (data) => data.createInvite.invite,
  }),
  fetch: fetch(invite, {
    name: 'FetchInvite',
    summary: 'One invite, until it is used, declined or withdrawn.',
    document: RestFetchInviteDocument,
    variables: ({ path }) => ({ id: path.Sid, channelId: path.ChannelSid }),
    from: (data) => data.invite,
  }),
  remove: remove({
    name: 'DeleteInvite',
    summary: 'Withdraws an invite.',
    document: RestDeleteInviteDocument,
    variables: ({ path }) => ({ input: { inviteId: path.Sid, channelId: path.ChannelSid } }),
  }),
}
