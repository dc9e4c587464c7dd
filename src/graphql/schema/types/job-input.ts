import { jobLimits } from '../../../model/job.ts'
import { builder } from '../builder.ts'
import { ChannelType } from './channel.ts'

const some = (what: string): string =>
  `SIDs of the ${what}, from 1 to ${jobLimits.ids.toLocaleString('en')}. Pass either this or \`filter\`.`
const filterOf = (what: string): string =>
  `Finds the ${what}: those that were there when the job was started and fulfil all conditions at the moment of their change. Pass either this or the SIDs.`
const channelId = { required: true, description: 'SID or unique name of the channel.' } as const

const MessageJobFilter = builder.inputType('MessageJobFilter', {
  description: 'Finds messages of a channel. At least one condition is needed; `truncateChannel` takes away all.',
  fields: (t) => ({
    authorIdentity: t.string({ required: false, description: 'Only messages of this author.' }),
    since: t.field({ type: 'DateTime', required: false, description: 'Only messages sent at this time or later.' }),
    until: t.field({ type: 'DateTime', required: false, description: 'Only messages sent before this time.' }),
  }),
})

const DeleteMessagesTask = builder.inputType('DeleteMessagesTask', {
  description: 'Deletes messages of a channel, each as `deleteMessage` does.',
  fields: (t) => ({
    channelId: t.id(channelId),
    messageIds: t.idList({ required: false, description: some('messages') }),
    filter: t.field({ type: MessageJobFilter, required: false, description: filterOf('messages') }),
  }),
})

const MemberJobFilter = builder.inputType('MemberJobFilter', {
  description: 'Finds members of a channel; without a condition all of them.',
  fields: (t) => ({
    roleId: t.id({ required: false, description: 'Only members with the channel role of this SID.' }),
  }),
})

const RemoveMembersTask = builder.inputType('RemoveMembersTask', {
  description: 'Removes members from a channel, each as `removeMember` does.',
  fields: (t) => ({
    channelId: t.id(channelId),
    memberIds: t.idList({ required: false, description: some('members') }),
    filter: t.field({ type: MemberJobFilter, required: false, description: filterOf('members') }),
  }),
})

const UserJobFilter = builder.inputType('UserJobFilter', {
  description: 'Finds users of a service. At least one condition is needed.',
  fields: (t) => ({
    search: t.string({
      required: false,
      description:
        'Only users whom this text finds, as it does in `users`: by their very identity, or where each of its words begins a name. At most 100 characters.',
    }),
    identityPrefix: t.string({ required: false, description: 'Only users whose identity begins with this text.' }),
    roleId: t.id({ required: false, description: 'Only users with the service role of this SID.' }),
    lastSeenBefore: t.field({
      type: 'DateTime',
      required: false,
      description:
        'Only users who were last seen before this time, or were created before it and never seen. It needs a service with `reachabilityEnabled`; users who are ' +
        'invisible were last seen before they became so.',
    }),
  }),
})

const DeleteUsersTask = builder.inputType('DeleteUsersTask', {
  description: 'Deletes users of the service, each as `deleteUser` does.',
  fields: (t) => ({
    userIds: t.idList({ required: false, description: some('users') }),
    filter: t.field({ type: UserJobFilter, required: false, description: filterOf('users') }),
  }),
})

const ChannelJobFilter = builder.inputType('ChannelJobFilter', {
  description: 'Finds channels of a service, direct channels included. At least one condition is needed.',
  fields: (t) => ({
    name: t.string({
      required: false,
      description:
        'Only channels whose friendly name, or else unique name, begins with this text of at most 64 characters; the case of A to Z makes no difference.',
    }),
    onlyFrozen: t.boolean({
      required: false,
      description: 'Whether only frozen channels are meant; `false` by default.',
    }),
    uniqueNamePrefix: t.string({
      required: false,
      description: 'Only channels whose unique name begins with this text.',
    }),
    types: t.field({ type: [ChannelType], required: false, description: 'Only channels of these types.' }),
    noMessageSince: t.field({
      type: 'DateTime',
      required: false,
      description:
        'Only channels whose last message is older than this time, or that were created before it and have none.',
    }),
  }),
})

const DeleteChannelsTask = builder.inputType('DeleteChannelsTask', {
  description: 'Deletes channels of the service, each as `deleteChannel` does.',
  fields: (t) => ({
    channelIds: t.idList({ required: false, description: some('channels') }),
    filter: t.field({ type: ChannelJobFilter, required: false, description: filterOf('channels') }),
  }),
})

export const JobTask = builder.inputType('JobTask', {
  description: 'The task of a job. Exactly one field must be given.',
  fields: (t) => ({
    deleteMessages: t.field({
      type: DeleteMessagesTask,
      required: false,
      description: 'Deletes messages of a channel, by their SIDs or by a filter.',
    }),
    removeMembers: t.field({
      type: RemoveMembersTask,
      required: false,
      description: 'Removes members from a channel, by their SIDs or by a filter.',
    }),
    deleteUsers: t.field({
      type: DeleteUsersTask,
      required: false,
      description: 'Deletes users of the service, by their SIDs or by a filter.',
    }),
    deleteChannels: t.field({
      type: DeleteChannelsTask,
      required: false,
      description: 'Deletes channels of the service, by their SIDs or by a filter.',
    }),
  }),
})
