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
    summary: 'Lists the invites to a channel, oldest first.',
    parameters: { Identity: form.list(form.text('Only invites of users with one of these identities.')) },
    document: RestInvitesDocument,
    variables: ({ path, given, page }) => ({ channelId: path.ChannelSid, identities: given.Identity, ...page }),
    key: 'invites',
    from: (data) => data.channel?.invites,
    canonicalPath: (data) => ({ ChannelSid: data.channel!.id }),
  }),
  create: create(invite, {
    name: 'CreateInvite',
    summary: 'Invites a user of the service to a channel.',
    parameters: {
      Identity: form.required(form.text('Identity of the user to invite.', { maxLength: 256 })),
      RoleSid: form.sid(
        'RL',
        'SID of the channel role that the user gets by joining; by default the service’s default channel role.',
      ),
    },
    document: RestCreateInviteDocument,
    variables: ({ path, given }) => ({
      input: { channelId: path.ChannelSid, identity: given.Identity, roleId: given.RoleSid },
    }),
    from: (data) => data.createInvite.invite,
  }),
  fetch: fetch(invite, {
    name: 'FetchInvite',
    summary: 'Returns one invite, until it is used, declined or withdrawn.',
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
