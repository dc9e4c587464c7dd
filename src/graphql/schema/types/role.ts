import { nullIfHidden } from '../../../domain/access/authority.ts'
import { createRole, deleteRole, findReachableRole, updateRole } from '../../../domain/access/role.ts'
import { builder } from '../builder.ts'
import { Node, Role } from '../refs.ts'

const RoleType = builder.enumType('RoleType', {
  description: 'What a role is given to.',
  values: {
    CHANNEL: { value: 'channel', description: 'To members of a channel.' },
    DEPLOYMENT: { value: 'deployment', description: 'To users of a service.' },
  } as const,
})

Role.implement({
  description: 'A set of permissions.',
  interfaces: [Node],
  fields: (t) => ({
    friendlyName: t.exposeString('friendlyName', { description: 'For people.' }),
    type: t.field({ type: RoleType, description: 'What it is given to. Never changes.', resolve: (role) => role.type }),
    permissions: t.stringList({
      complexity: 10,
      description: 'Names such as `sendMessage`, as Programmable Chat v1 has them.',
      resolve: (role) => [...role.permissions],
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When its permissions last changed.' }),
  }),
})

const RoleEdge = builder.edgeObject({
  type: Role,
  name: 'RoleEdge',
  description: 'A role and its place in the list.',
})

export const roleConnection = [
  builder.connectionObject({ type: Role, name: 'RoleConnection', description: 'A page of roles.' }, RoleEdge),
  RoleEdge,
] as const

const permissionNames =
  'Of deployment roles: createChannel, joinChannel. Of channel roles: sendMessage, sendMediaMessage, leaveChannel, ' +
  'deleteOwnMessage. Of both: destroyChannel, inviteMember, removeMember, editChannelName, editChannelAttributes, ' +
  'addMember, editOwnMessage, editAnyMessage, editOwnMessageAttributes, editAnyMessageAttributes, deleteAnyMessage, ' +
  'editOwnUserInfo, editAnyUserInfo. Any other is BAD_USER_INPUT 50104.'

builder.queryFields((t) => ({
  role: t.field({
    type: Role,
    nullable: true,
    description: 'One role, or null when it does not exist for the caller.',
    args: { id: t.arg.id({ required: true, description: 'SID of the role.' }) },
    resolve: (_root, { id }, { app, actor }) => nullIfHidden(() => findReachableRole(app, actor, id)),
  }),
}))

const CreateRoleInput = builder.inputType('CreateRoleInput', {
  description: 'What a new role is.',
  fields: (t) => ({
    serviceId: t.id({ required: false, description: 'The account’s default service when left out.' }),
    friendlyName: t.string({ required: true, description: 'From 1 to 64 characters (50000, 50003).' }),
    type: t.field({ type: RoleType, required: true, description: 'What it is given to.' }),
    permissions: t.stringList({ required: true, description: permissionNames }),
  }),
})

const UpdateRoleInput = builder.inputType('UpdateRoleInput', {
  description: 'What a role permits from now on.',
  fields: (t) => ({
    roleId: t.id({ required: true, description: 'SID of the role.' }),
    permissions: t.stringList({ required: true, description: 'Replaces all; names as in CreateRoleInput.' }),
  }),
})

const payload = (name: string, description: string, state: string) =>
  builder.simpleObject(name, {
    description,
    fields: (t) => ({ role: t.field({ type: Role, description: state }) }),
  })

builder.mutationFields((t) => ({
  createRole: t.field({
    type: payload('CreateRolePayload', 'The new role.', 'As it was made.'),
    description: 'Backend only: makes a role.',
    args: { input: t.arg({ type: CreateRoleInput, required: true, description: 'What it is.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ role: await createRole(app, actor, input) }),
  }),
  updateRole: t.field({
    type: payload('UpdateRolePayload', 'The changed role.', 'As it is now.'),
    description: 'Backend only: changes what a role permits to all who have it, within 5 seconds everywhere.',
    args: { input: t.arg({ type: UpdateRoleInput, required: true, description: 'What it permits.' }) },
    resolve: async (_root, { input: { roleId, permissions } }, { app, actor }) => ({
      role: await updateRole(app, actor, { id: roleId, permissions }),
    }),
  }),
  deleteRole: t.field({
    type: payload('DeleteRolePayload', 'The deleted role.', 'As it was.'),
    description:
      'Backend only: deletes a role. CONFLICT while it is a default of its service, or a user or a member has it.',
    args: {
      input: t.arg({
        required: true,
        description: 'Which.',
        type: builder.inputType('DeleteRoleInput', {
          description: 'Which role to delete.',
          fields: (f) => ({ roleId: f.id({ required: true, description: 'SID of the role.' }) }),
        }),
      }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({ role: await deleteRole(app, actor, input.roleId) }),
  }),
}))
