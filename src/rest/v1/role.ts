import {
  RestCreateRoleDocument,
  RestDeleteRoleDocument,
  RestFetchRoleDocument,
  RestRolesDocument,
  RestUpdateRoleDocument,
  type RestRoleFragment,
} from '../../../schema/generated/graphql.ts'
import { v1Permissions } from '../../model/permission.ts'
import * as form from '../form.ts'
import { create, fetch, list, remove, update } from '../operation.ts'
import {
  accountSid,
  date,
  field,
  oneOf,
  serviceSid,
  sid,
  text,
  textListSchema,
  url,
  type Resource,
} from '../resource.ts'

const types = { channel: 'CHANNEL', deployment: 'DEPLOYMENT' } as const

/** Permissions that Programmable Chat does not have are neither shown nor changed. */
const v1Names: readonly string[] = v1Permissions

const role: Resource<RestRoleFragment> = {
  name: 'role',
  fields: {
    sid: sid('RL', ({ id }) => id),
    account_sid: accountSid,
    service_sid: serviceSid,
    friendly_name: text(({ friendlyName }) => friendlyName),
    type: oneOf(Object.keys(types), ({ type }) => type),
    permissions: field(textListSchema, ({ permissions }) => permissions.filter((name) => v1Names.includes(name))),
    date_created: date(({ createdAt }) => createdAt),
    date_updated: date(({ updatedAt }) => updatedAt),
    url: url(({ id }, { serviceId }) => `/Services/${serviceId}/Roles/${id}`),
  },
}

const permissions = form.required(
  form.list(form.oneOf('Names of the permissions.', Object.fromEntries(v1Names.map((name) => [name, name])), 50104)),
)

export const roles = {
  list: list(role, {
    name: 'ListRole',
    summary: 'Lists the roles of a service, oldest first.',
    document: RestRolesDocument,
    variables: ({ page }) => page,
    key: 'roles',
    from: (data) => data.service?.roles,
  }),
  create: create(role, {
    name: 'CreateRole',
    summary: 'Creates a role.',
    parameters: {
      FriendlyName: form.required(form.text('A name for people.', { minLength: 1, maxLength: 64 })),
      Type: form.required(
        form.oneOf('The kind of role: of members of channels, or of users. It never changes.', types, 50105),
      ),
      Permission: permissions,
    },
    document: RestCreateRoleDocument,
    variables: ({ given }) => ({
      input: { friendlyName: given.FriendlyName, type: given.Type, permissions: given.Permission },
    }),
    from: (data) => data.createRole.role,
  }),
  fetch: fetch(role, {
    name: 'FetchRole',
    summary: 'Returns one role.',
    document: RestFetchRoleDocument,
    variables: ({ path }) => ({ id: path.Sid }),
    from: (data) => data.role,
  }),
  update: update(role, {
    name: 'UpdateRole',
    summary: 'Replaces the permissions of a role.',
    parameters: { Permission: permissions },
    document: RestUpdateRoleDocument,
    variables: ({ path, given }) => ({
      input: { roleId: path.Sid, permissions: given.Permission, among: [...v1Names] },
    }),
    from: (data) => data.updateRole.role,
  }),
  remove: remove({
    name: 'DeleteRole',
    summary: 'Deletes a role. Default roles and roles that somebody has cannot be deleted.',
    document: RestDeleteRoleDocument,
    variables: ({ path }) => ({ input: { roleId: path.Sid } }),
  }),
}
