import {
  RestCreateUserDocument,
  RestDeleteUserDocument,
  RestFetchUserDocument,
  RestUpdateUserDocument,
  RestUsersDocument,
  type RestUserFragment,
} from '../../../schema/generated/graphql.ts'
import { limits } from '../../model/limits.ts'
import * as form from '../form.ts'
import { create, fetch, list, remove, update } from '../operation.ts'
import {
  accountSid,
  date,
  flagOrNull,
  integer,
  json,
  links,
  serviceSid,
  sid,
  sidOrNull,
  text,
  textOrNull,
  url,
  type Resource,
  type LinkContext,
} from '../resource.ts'

/** Only the resource of a single user says whether it can be reached. */
interface Reachable {
  readonly isOnline?: boolean | null
  readonly isNotifiable?: boolean | null
}

const path = ({ id }: { readonly id: string }, { serviceId }: LinkContext): string =>
  `/Services/${serviceId}/Users/${id}`

const user: Resource<RestUserFragment & Reachable> = {
  name: 'user',
  fields: {
    sid: sid('US', ({ id }) => id),
    account_sid: accountSid,
    service_sid: serviceSid,
    identity: text(({ identity }) => identity),
    friendly_name: textOrNull(({ friendlyName }) => friendlyName),
    attributes: json(({ attributes }) => attributes),
    role_sid: sidOrNull('RL', ({ role }) => role.id),
    is_online: flagOrNull(({ isOnline = null }) => isOnline),
    is_notifiable: flagOrNull(({ isNotifiable = null }) => isNotifiable),
    joined_channels_count: integer(({ joinedChannelsCount }) => joinedChannelsCount),
    date_created: date(({ createdAt }) => createdAt),
    date_updated: date(({ updatedAt }) => updatedAt),
    url: url(path),
    links: links({ user_channels: (source, context) => `${path(source, context)}/Channels` }),
  },
}

const given = {
  RoleSid: form.sid('RL', 'A deployment role; by default the service’s.'),
  Attributes: form.json('Whatever the application keeps with the user.', limits.userAttributesBytes),
  FriendlyName: form.text('For people.', { maxLength: 64 }),
}

export const users = {
  list: list(user, {
    name: 'ListUser',
    summary: 'The users of a service, oldest first.',
    document: RestUsersDocument,
    variables: ({ page }) => page,
    key: 'users',
    from: (data) => data.users,
  }),
  create: create(user, {
    name: 'CreateUser',
    summary: 'Makes a user before it first comes with a token.',
    parameters: { Identity: form.required(form.text('Unique within the service.', { maxLength: 256 })), ...given },
    document: RestCreateUserDocument,
    variables: ({ given }) => ({
      input: {
        identity: given.Identity,
        roleId: given.RoleSid,
        attributes: given.Attributes,
        friendlyName: given.FriendlyName,
      },
    }),
    from: (data) => data.createUser.user,
  }),
  fetch: fetch(user, {
    name: 'FetchUser',
    summary: 'One user, by SID or identity. Only here `is_online` and `is_notifiable` have values.',
    document: RestFetchUserDocument,
    variables: ({ path }) => ({ id: path.Sid }),
    from: (data) => data.user,
  }),
  update: update(user, {
    name: 'UpdateUser',
    summary: 'Changes what is given; what is left out stays.',
    parameters: given,
    document: RestUpdateUserDocument,
    variables: ({ path, given }) => ({
      input: {
        userId: path.Sid,
        roleId: given.RoleSid,
        attributes: given.Attributes,
        friendlyName: given.FriendlyName,
      },
    }),
    from: (data) => data.updateUser.user,
  }),
  remove: remove({
    name: 'DeleteUser',
    summary: 'Deletes a user: it leaves its channels, and its tokens are refused. What it has said stays.',
    document: RestDeleteUserDocument,
    variables: ({ path }) => ({ input: { userId: path.Sid } }),
  }),
}
