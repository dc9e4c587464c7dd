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
  RoleSid: form.sid('RL', 'SID of a deployment role; by default the service’s default role of users.'),
  Attributes: form.json('Data of the application, as JSON.', limits.userAttributesBytes),
  FriendlyName: form.text('A name for people.', { maxLength: 64 }),
}

export const users = {
  list: list(user, {
    name: 'ListUser',
    summary: 'Lists the users of a service, oldest first.',
    document: RestUsersDocument,
    variables: ({ page }) => page,
    key: 'users',
    from: (data) => data.users,
  }),
  create: create(user, {
    name: 'CreateUser',
    summary: 'Creates a user before its first access token is used.',
    parameters: {
      Identity: form.required(
        form.text('The application’s name for the user, unique within the service.', { maxLength: 256 }),
      ),
      ...given,
    },
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
    summary:
      'Returns one user by SID or identity. Only this operation returns values of `is_online` and `is_notifiable`.',
    document: RestFetchUserDocument,
    variables: ({ path }) => ({ id: path.Sid }),
    from: (data) => data.user,
  }),
  update: update(user, {
    name: 'UpdateUser',
    summary: 'Changes a user. Parameters that are left out keep their values.',
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
    summary: 'Deletes a user, who leaves all channels and whose tokens are refused. The user’s messages stay.',
    document: RestDeleteUserDocument,
    variables: ({ path }) => ({ input: { userId: path.Sid } }),
  }),
}
