import type { UserPresence } from '../../domain/chat/user-presence.ts'
import type { EventArrival } from '../../domain/realtime/group.ts'
import type { Gap as GapEvent } from '../../domain/realtime/replay.ts'
import type { StreamStart } from '../../domain/realtime/stream.ts'
import type { ViewerEvent as ViewerEventModel } from '../../domain/realtime/viewer-stream.ts'
import type { AuditEntry as AuditEntryModel } from '../../model/audit-entry.ts'
import type { Channel as ChannelModel } from '../../model/channel.ts'
import type { Credential as CredentialModel } from '../../model/credential.ts'
import type { Draft as DraftModel } from '../../model/draft.ts'
import type { ChannelEvent as ChannelEventModel, Typing as TypingModel, UserEvent } from '../../model/event.ts'
import type { Invite as InviteModel } from '../../model/invite.ts'
import type { Job as JobModel } from '../../model/job.ts'
import type { KeywordRule as KeywordRuleModel } from '../../model/keyword-rule.ts'
import type { Member as MemberModel } from '../../model/member.ts'
import type { Message as MessageModel } from '../../model/message.ts'
import type { Reaction as ReactionModel, ReactionCount } from '../../model/reaction.ts'
import type { Receipt as ReceiptModel } from '../../model/receipt.ts'
import type { SavedMessage as SavedMessageModel } from '../../model/saved-message.ts'
import type { ScheduledMessage as ScheduledMessageModel } from '../../model/scheduled-message.ts'
import type { Role as RoleModel, Service as ServiceModel } from '../../model/service.ts'
import { sidPrefixes, type ChannelId } from '../../model/sid.ts'
import type { FollowedThread } from '../../model/thread.ts'
import type { User as UserModel } from '../../model/user.ts'
import type { WebhookDelivery as WebhookDeliveryModel } from '../../model/webhook-delivery.ts'
import type { ApiKeyRow } from '../../store/account.ts'
import type { ConsoleSessionRow } from '../../store/console-session.ts'
import { builder } from './builder.ts'

/** A reference for every object before any field exists, so that the files of the types need not import each other. */
export const Channel = builder.objectRef<ChannelModel>('Channel')
export const Member = builder.objectRef<MemberModel>('Member')
export const Message = builder.objectRef<MessageModel>('Message')
export const User = builder.objectRef<UserModel>('User')
export const Role = builder.objectRef<RoleModel>('Role')
export const Service = builder.objectRef<ServiceModel>('Service')
export const Invite = builder.objectRef<InviteModel>('Invite')
export const ApiKey = builder.objectRef<ApiKeyRow>('ApiKey')
export const ConsoleSession = builder.objectRef<ConsoleSessionRow>('ConsoleSession')
export const Credential = builder.objectRef<CredentialModel>('Credential')
export const KeywordRule = builder.objectRef<KeywordRuleModel>('KeywordRule')
export const WebhookDelivery = builder.objectRef<WebhookDeliveryModel>('WebhookDelivery')
export const Typing = builder.objectRef<TypingModel>('Typing')
export const Receipt = builder.objectRef<ReceiptModel>('Receipt')
export const Reaction = builder.objectRef<ReactionModel & { readonly channelId: ChannelId }>('Reaction')
export const ReactionGroup = builder.objectRef<ReactionGroupRoot>('ReactionGroup')
export const ViewerThread = builder.objectRef<FollowedThread>('ViewerThread')
export const Draft = builder.objectRef<DraftModel>('Draft')
export const ScheduledMessage = builder.objectRef<ScheduledMessageModel>('ScheduledMessage')
export const SavedMessage = builder.objectRef<SavedMessageModel>('SavedMessage')
export const AuditEntry = builder.objectRef<AuditEntryModel>('AuditEntry')
export const Job = builder.objectRef<JobModel>('Job')
export const Delivery = builder.objectRef<MessageModel>('Delivery')

/** One kind of reaction to a message, as it stood after a change. */
export interface ReactionGroupRoot extends ReactionCount {
  readonly channelId: ChannelId
  readonly index: number
  readonly reactionsSeq: number
}

/** The root value of a subscription to channels. */
export type EventRoot =
  | (EventArrival & { readonly event: ChannelEventModel | GapEvent; readonly channelId: ChannelId })
  | { readonly event: { readonly type: 'ready' }; readonly starts: readonly StreamStart[] }

/** The root value of a subscription to the presence of users. */
export interface PresenceEventRoot {
  readonly presence: readonly UserPresence[]
}

/** The root value of a subscription to a user. */
export interface UserEventRoot {
  readonly event: UserEvent
}

/** The root value of a subscription to the caller itself. */
export interface ViewerEventRoot {
  readonly event: ViewerEventModel
  readonly cursor: string
}

const typeNames: Readonly<Record<string, string>> = {
  [sidPrefixes.channel]: 'Channel',
  [sidPrefixes.member]: 'Member',
  [sidPrefixes.message]: 'Message',
  [sidPrefixes.user]: 'User',
  [sidPrefixes.role]: 'Role',
  [sidPrefixes.service]: 'Service',
  [sidPrefixes.webhookDelivery]: 'WebhookDelivery',
  [sidPrefixes.invite]: 'Invite',
  [sidPrefixes.credential]: 'Credential',
  [sidPrefixes.apiKey]: 'ApiKey',
  [sidPrefixes.keywordRule]: 'KeywordRule',
  [sidPrefixes.scheduledMessage]: 'ScheduledMessage',
  [sidPrefixes.consoleSession]: 'ConsoleSession',
  [sidPrefixes.auditEntry]: 'AuditEntry',
  [sidPrefixes.job]: 'Job',
}

export const Node = builder.interfaceRef<{ readonly id: string }>('Node').implement({
  description: 'An object with a SID, which `node` finds.',
  resolveType: (node) => typeNames[node.id.slice(0, 2)],
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'SID of the object: two letters for its kind and 32 hexadecimal digits. Unique over all types.',
    }),
  }),
})
