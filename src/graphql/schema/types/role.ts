import { nullIfHidden } from '../../../domain/access/authority.ts'
import { createRole, deleteRole, findReachableRole, updateRole } from '../../../domain/access/role.ts'
import {
  channelPermissions,
  deploymentPermissions,
  ownPermissions,
  sharedPermissions,
  v1Permissions,
} from '../../../model/permission.ts'
import { builder } from '../builder.ts'
import { payloadOf } from '../payload.ts'
import { Node, Role } from '../refs.ts'

export const RoleType = builder.enumType('RoleType', {
  description: 'The kind of object to which a role is assigned.',
  values: {
    CHANNEL: { value: 'channel', description: 'A role of members of a channel.' },
    DEPLOYMENT: { value: 'deployment', description: 'A role of users of a service.' },
  } as const,
})

Role.implement({
  description: 'A named set of permissions, assigned to users of a service or members of a channel.',
  interfaces: [Node],
  fields: (t) => ({
    friendlyName: t.exposeString('friendlyName', { description: 'A name for people, from 1 to 64 characters.' }),
    serviceId: t.exposeID('serviceId', { description: 'SID of the role’s service.' }),
    type: t.field({
      type: RoleType,
      description: 'The kind of object to which the role is assigned. It never changes.',
      resolve: (role) => role.type,
    }),
    permissions: t.stringList({
      complexity: 10,
      description: 'Names of the permissions, such as `sendMessage`, as `CreateRoleInput` lists them.',
      resolve: (role) => [...role.permissions],
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'The time at which the role was created.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'The time at which the permissions of the role last changed.',
    }),
  }),
})

const RoleEdge = builder.edgeObject({
  type: Role,
  name: 'RoleEdge',
  description: 'A role and its position in the list.',
})

export const roleConnection = [
  builder.connectionObject({ type: Role, name: 'RoleConnection', description: 'A page of roles.' }, RoleEdge),
  RoleEdge,
] as const

const listed = (names: readonly string[]): string => `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`

const permissionNames =
  `Names of the permissions. Deployment roles have ${listed(deploymentPermissions)}. Channel roles have ` +
  `${listed(channelPermissions)}. Both have ${sharedPermissions.filter((name) => v1Permissions.includes(name)).join(', ')} ` +
  `and, which Programmable Chat does not have, ${listed(ownPermissions)}. Any other is BAD_USER_INPUT 50104.`

builder.queryFields((t) => ({
  role: t.field({
    type: Role,
    nullable: true,
    description: 'The role with this SID; null when it does not exist for the caller.',
    args: { id: t.arg.id({ required: true, description: 'SID of the role.' }) },
    resolve: (_root, { id }, { app, actor }) => nullIfHidden(() => findReachableRole(app, actor, id)),
  }),
}))

const CreateRoleInput = builder.inputType('CreateRoleInput', {
  description: 'Input of `createRole`.',
  fields: (t) => ({
    serviceId: t.id({
      required: false,
      description: 'SID of the service; the account’s default service when left out.',
    }),
    friendlyName: t.string({
      required: true,
      description: 'A name for people, from 1 to 64 characters (50000, 50003).',
    }),
    type: t.field({ type: RoleType, required: true, description: 'The kind of object to which the role is assigned.' }),
    permissions: t.stringList({ required: true, description: permissionNames }),
  }),
})

const UpdateRoleInput = builder.inputType('UpdateRoleInput', {
  description: 'Input of `updateRole`.',
  fields: (t) => ({
    roleId: t.id({ required: true, description: 'SID of the role to change.' }),
    permissions: t.stringList({
      required: true,
      description: 'Names of the permissions, as in CreateRoleInput. They replace all previous ones.',
    }),
    among: t.stringList({
      required: false,
      description:
        'Names of the permissions that are decided: `permissions` may name no others (BAD_USER_INPUT 50104), and all others stay as they ' +
        'are. All permissions by default.',
    }),
  }),
})

const payload = payloadOf('role', Role)

builder.mutationFields((t) => ({
  createRole: t.field({
    type: payload('createRole', 'The created role.'),
    description: 'Backend only: creates a role.',
    args: { input: t.arg({ type: CreateRoleInput, required: true, description: 'The role to create.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ role: await createRole(app, actor, input) }),
  }),
  updateRole: t.field({
    type: payload('updateRole', 'The changed role.'),
    description:
      'Backend only: replaces the permissions of a role, for all who have it and on every process within 5 seconds.',
    args: { input: t.arg({ type: UpdateRoleInput, required: true, description: 'The role and its new permissions.' }) },
    resolve: async (_root, { input: { roleId, ...change } }, { app, actor }) => ({
      role: await updateRole(app, actor, { id: roleId, ...change }),
    }),
  }),
  deleteRole: t.field({
    type: payload('deleteRole', 'The deleted role, as it was before.'),
    description:
      'Backend only: deletes a role. CONFLICT while it is a default role of its service, a user or member has it, or a pending invite gives it.',
    args: {
      input: t.arg({
        required: true,
        description: 'The role to delete.',
        type: builder.inputType('DeleteRoleInput', {
          description: 'Input of `deleteRole`.',
          fields: (f) => ({ roleId: f.id({ required: true, description: 'SID of the role to delete.' }) }),
        }),
      }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({ role: await deleteRole(app, actor, input.roleId) }),
  }),
}))
