/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** The state of a recorded change. */
export type AuditState =
  /** The change was made. */
  | 'DONE'
  /** The change was refused; `errorCode` is the reason. */
  | 'FAILED'
  /** The change is under way. An entry that stays so for longer than a minute is of a process that ended before it could record the outcome: the change may or may not have been made. */
  | 'STARTED';

/** Input of `cancelJob`. */
export type CancelJobInput = {
  /** SID of the job to cancel. */
  jobId: string;
};

/** Finds channels of a service, direct channels included. At least one condition is needed. */
export type ChannelJobFilter = {
  /** Only channels whose last message is older than this time, or that were created before it and have none. */
  noMessageSince?: string | null | undefined;
  /** Only channels of these types. */
  types?: Array<ChannelType> | null | undefined;
  /** Only channels whose unique name begins with this text. */
  uniqueNamePrefix?: string | null | undefined;
};

/** The visibility of a channel. */
export type ChannelType =
  /** Only members, invited users and the backend see the channel. */
  | 'PRIVATE'
  /** Every user of the service sees the channel and, with the permission `joinChannel`, may join it. */
  | 'PUBLIC';

/** Input of `createApiKey`. */
export type CreateApiKeyInput = {
  /** A name for people, of at most 64 characters. */
  friendlyName?: string | null | undefined;
  /** The rate at which fields may be asked for with this key. There is no limit when this is left out or null. */
  rate?: RateInput | null | undefined;
};

/** Input of `createService`. All other settings have their default values. */
export type CreateServiceInput = {
  /** A name for people, from 1 to 64 characters (50000, 50003). */
  friendlyName: string;
};

/** Input of `deleteApiKey`. */
export type DeleteApiKeyInput = {
  /** SID of the API key to revoke. */
  apiKeyId: string;
};

/** Deletes channels of the service, each as `deleteChannel` does. */
export type DeleteChannelsTask = {
  /** SIDs of the channels, from 1 to 1,000. Pass either this or `filter`. */
  channelIds?: Array<string> | null | undefined;
  /** Finds the channels: those that were there when the job was started and fulfil all conditions. Pass either this or the SIDs. */
  filter?: ChannelJobFilter | null | undefined;
};

/** Deletes messages of a channel, each as `deleteMessage` does. */
export type DeleteMessagesTask = {
  /** SID or unique name of the channel. */
  channelId: string;
  /** Finds the messages: those that were there when the job was started and fulfil all conditions. Pass either this or the SIDs. */
  filter?: MessageJobFilter | null | undefined;
  /** SIDs of the messages, from 1 to 1,000. Pass either this or `filter`. */
  messageIds?: Array<string> | null | undefined;
};

/** Input of `deleteService`. */
export type DeleteServiceInput = {
  /** SID of the service to delete. */
  serviceId: string;
};

/** Deletes users of the service, each as `deleteUser` does. */
export type DeleteUsersTask = {
  /** Finds the users: those that were there when the job was started and fulfil all conditions. Pass either this or the SIDs. */
  filter?: UserJobFilter | null | undefined;
  /** SIDs of the users, from 1 to 1,000. Pass either this or `filter`. */
  userIds?: Array<string> | null | undefined;
};

/** The former versions of edited messages that a service keeps. */
export type EditHistory =
  /** All versions since the setting was made, the newest 100 of each message. */
  | 'ALL'
  /** The version before the last edit. */
  | 'LAST'
  /** The text that an edit replaces is gone. */
  | 'NONE';

/** Input of `endConsoleSession`. */
export type EndConsoleSessionInput = {
  /** SID of the session to end. */
  consoleSessionId: string;
};

/** The kinds of jobs, by what is done to each of their things. */
export type JobKind =
  /** The job deletes channels of the service. */
  | 'DELETE_CHANNELS'
  /** The job deletes messages of a channel. */
  | 'DELETE_MESSAGES'
  /** The job deletes users of the service. */
  | 'DELETE_USERS'
  /** The job removes members from a channel. */
  | 'REMOVE_MEMBERS';

/** The state of a job. */
export type JobState =
  /** The job was cancelled. What it had done stays done. */
  | 'CANCELLED'
  /** The job has gone through all of its things. `failed` says how many of them were refused. */
  | 'DONE'
  /** The job ended early; `failureCode` and `failureReason` say why. */
  | 'FAILED'
  /** The job waits for a process, or for a part of the server that does not answer. */
  | 'QUEUED'
  /** A process works on the job. */
  | 'RUNNING';

/** The task of a job. Exactly one field must be given. */
export type JobTask = {
  /** Deletes channels of the service, by their SIDs or by a filter. */
  deleteChannels?: DeleteChannelsTask | null | undefined;
  /** Deletes messages of a channel, by their SIDs or by a filter. */
  deleteMessages?: DeleteMessagesTask | null | undefined;
  /** Deletes users of the service, by their SIDs or by a filter. */
  deleteUsers?: DeleteUsersTask | null | undefined;
  /** Removes members from a channel, by their SIDs or by a filter. */
  removeMembers?: RemoveMembersTask | null | undefined;
};

/** Finds members of a channel; without a condition all of them. */
export type MemberJobFilter = {
  /** Only members with the channel role of this SID. */
  roleId?: string | null | undefined;
};

/** Finds messages of a channel. At least one condition is needed; `truncateChannel` takes away all. */
export type MessageJobFilter = {
  /** Only messages of this author. */
  authorIdentity?: string | null | undefined;
  /** Only messages sent at this time or later. */
  since?: string | null | undefined;
  /** Only messages sent before this time. */
  until?: string | null | undefined;
};

/** Changes to the setting of one kind of push notification. Fields that are left out keep their values. */
export type NotificationSettingInput = {
  /** Whether users receive this notification. */
  enabled?: boolean | null | undefined;
  /** The text of the notification, at most 2,048 characters (50058); null removes it. */
  template?: string | null | undefined;
};

/** Changes to the push notifications of a service. Fields that are left out keep their values. */
export type NotificationSettingsInput = {
  /** Notification that the user was added to a channel. */
  addedToChannel?: NotificationSettingInput | null | undefined;
  /** Notification that the user was invited to a channel. */
  invitedToChannel?: NotificationSettingInput | null | undefined;
  /** Notification of a new message in a channel of the user. */
  newMessage?: NotificationSettingInput | null | undefined;
  /** Notification that the user was removed from a channel. */
  removedFromChannel?: NotificationSettingInput | null | undefined;
};

/** At most so many within so many seconds, which begin with the first of them. */
export type RateInput = {
  /** The number that is accepted within the time, from 1 to 100,000. */
  limit: number;
  /** The time in seconds, from 1 to 60. */
  seconds: number;
};

/** Removes members from a channel, each as `removeMember` does. */
export type RemoveMembersTask = {
  /** SID or unique name of the channel. */
  channelId: string;
  /** Finds the members: those that were there when the job was started and fulfil all conditions. Pass either this or the SIDs. */
  filter?: MemberJobFilter | null | undefined;
  /** SIDs of the members, from 1 to 1,000. Pass either this or `filter`. */
  memberIds?: Array<string> | null | undefined;
};

/** The kind of object to which a role is assigned. */
export type RoleType =
  /** A role of members of a channel. */
  | 'CHANNEL'
  /** A role of users of a service. */
  | 'DEPLOYMENT';

/** Changes to the upper limits of a service. Fields that are left out keep their values. Members and channels above a new limit stay. */
export type ServiceLimitsInput = {
  /** The largest number of members of one channel, from 1 to 1,000 (50061). */
  channelMembers?: number | null | undefined;
  /** The largest number of channels of one user, from 1 to 1,000 (50060). */
  userChannels?: number | null | undefined;
  /** The rate at which one user may ask one process for other fields of Query and Mutation. Null brings the default back. */
  userOperations?: RateInput | null | undefined;
  /** The rate at which one user may call `sendMessage` in one process. Null brings the default back. */
  userSends?: RateInput | null | undefined;
  /** The largest number of WebSockets that one user may have open in one process, from 1 to 1,000. Null brings the default back. Open ones stay. */
  userSockets?: number | null | undefined;
  /** The largest number of subscriptions that one user may have open in one process, from 1 to 10,000. Null brings the default back. Open ones stay. */
  userSubscriptions?: number | null | undefined;
  /** The rate at which one user may call `startTyping` in one process. Null brings the default back. */
  userTyping?: RateInput | null | undefined;
};

/** Input of `startJob`. */
export type StartJobInput = {
  /** SID of the service; the account’s default service when left out. */
  serviceId?: string | null | undefined;
  /** The task of the job. */
  task: JobTask;
};

/** Input of `updateApiKey`. Fields that are left out keep their values. */
export type UpdateApiKeyInput = {
  /** SID of the API key to change. */
  apiKeyId: string;
  /** The new name for people, of at most 64 characters. Null removes it. */
  friendlyName?: string | null | undefined;
  /** The rate at which fields may be asked for with this key, on every process within 5 seconds. Null removes the limit. */
  rate?: RateInput | null | undefined;
};

/** Input of `updateService`. Fields that are left out keep their values. */
export type UpdateServiceInput = {
  /** The length in seconds of the intervals in each of which the reads of one member cause at most one webhook, from 1 to 86,400 (50052). */
  consumptionReportInterval?: number | null | undefined;
  /** SID of the channel role of a user in channels that the user creates, which must be of this service (50106). */
  defaultChannelCreatorRoleId?: string | null | undefined;
  /** SID of the channel role of new members, which must be of this service (50101). */
  defaultChannelRoleId?: string | null | undefined;
  /** SID of the deployment role of new users, which must be of this service (50102). */
  defaultServiceRoleId?: string | null | undefined;
  /** The former versions of messages that are kept from now on. What a narrower setting does not show stays stored until the next edit, or the deletion, of its message. */
  editHistory?: EditHistory | null | undefined;
  /** A name for people, from 1 to 64 characters (50000, 50003). */
  friendlyName?: string | null | undefined;
  /** The language in which most people write in the service, as a BCP 47 language tag of at most 64 characters, which is stored in its canonical form. */
  language?: string | null | undefined;
  /** Changes to the upper limits. */
  limits?: ServiceLimitsInput | null | undefined;
  /** Changes to the push notifications. */
  notifications?: NotificationSettingsInput | null | undefined;
  /** Whether `isOnline` and `isNotifiable` of users are reported. */
  reachabilityEnabled?: boolean | null | undefined;
  /** The largest number of members of a channel in which receipts are reported, from 0 (in none) to 250. 100 by default. */
  readReceiptsMaxMembers?: number | null | undefined;
  /** Whether members have a read horizon, the index up to which they have read. */
  readStatusEnabled?: boolean | null | undefined;
  /** SID of the service to change. */
  serviceId: string;
  /** The number of seconds after which typing ends unless it is repeated, from 1 to 600 (50053). */
  typingIndicatorTimeout?: number | null | undefined;
  /** The users whom users find with `users`, `presence` and `quickSwitcher`. */
  userDirectory?: UserDirectory | null | undefined;
  /** Changes to the webhooks. */
  webhooks?: WebhookSettingsInput | null | undefined;
};

/** The users whom the users of a service find. */
export type UserDirectory =
  /** Users find all users of the service. */
  | 'ALL'
  /** Users find those with whom they share a channel, and themselves. */
  | 'OFF';

/** Finds users of a service. At least one condition is needed. */
export type UserJobFilter = {
  /** Only users whose identity begins with this text. */
  identityPrefix?: string | null | undefined;
  /** Only users who were last seen before this time, or were created before it and never seen. */
  lastSeenBefore?: string | null | undefined;
  /** Only users with the service role of this SID. */
  roleId?: string | null | undefined;
};

/** The format of the parameters in the body of a POST to a webhook. A GET has them in its query. */
export type WebhookBodyFormat =
  /** A form: `application/x-www-form-urlencoded`. */
  | 'FORM'
  /** One JSON object (`application/json`) with the names and texts of the form. */
  | 'JSON';

/** The events of webhooks. Pre-events are sent before an action and can refuse or change it, post-events are sent after it. */
export type WebhookEvent =
  /** Pre-event `onChannelAdd`, sent before the action. */
  | 'ON_CHANNEL_ADD'
  /** Post-event `onChannelAdded`, sent after the action. */
  | 'ON_CHANNEL_ADDED'
  /** Pre-event `onChannelDestroy`, sent before the action. */
  | 'ON_CHANNEL_DESTROY'
  /** Post-event `onChannelDestroyed`, sent after the action. */
  | 'ON_CHANNEL_DESTROYED'
  /** Pre-event `onChannelUpdate`, sent before the action. */
  | 'ON_CHANNEL_UPDATE'
  /** Post-event `onChannelUpdated`, sent after the action. */
  | 'ON_CHANNEL_UPDATED'
  /** Pre-event `onMemberAdd`, sent before the action. */
  | 'ON_MEMBER_ADD'
  /** Post-event `onMemberAdded`, sent after the action. */
  | 'ON_MEMBER_ADDED'
  /** Pre-event `onMemberRemove`, sent before the action. */
  | 'ON_MEMBER_REMOVE'
  /** Post-event `onMemberRemoved`, sent after the action. */
  | 'ON_MEMBER_REMOVED'
  /** Post-event `onMemberUpdated`, sent after the action. */
  | 'ON_MEMBER_UPDATED'
  /** Pre-event `onMessageRemove`, sent before the action. */
  | 'ON_MESSAGE_REMOVE'
  /** Post-event `onMessageRemoved`, sent after the action. */
  | 'ON_MESSAGE_REMOVED'
  /** Pre-event `onMessageSend`, sent before the action. */
  | 'ON_MESSAGE_SEND'
  /** Post-event `onMessageSent`, sent after the action. */
  | 'ON_MESSAGE_SENT'
  /** Pre-event `onMessageUpdate`, sent before the action. */
  | 'ON_MESSAGE_UPDATE'
  /** Post-event `onMessageUpdated`, sent after the action. */
  | 'ON_MESSAGE_UPDATED'
  /** Post-event `onUserAdded`, sent after the action. */
  | 'ON_USER_ADDED'
  /** Pre-event `onUserUpdate`, sent before the action. */
  | 'ON_USER_UPDATE'
  /** Post-event `onUserUpdated`, sent after the action. */
  | 'ON_USER_UPDATED';

/** The HTTP method of requests to a webhook. */
export type WebhookMethod =
  /** The parameters are in the query. */
  | 'GET'
  /** The parameters are in the body, in the format of `bodyFormat`. */
  | 'POST';

/** Changes to the webhooks of a service. Fields that are left out keep their values; null removes an address. Settings with which an address or event would never be used are BAD_USER_INPUT. */
export type WebhookSettingsInput = {
  /** Whether actions of the backend are sent like those of users. */
  apiEnabled?: boolean | null | undefined;
  /** The format of the body when the method is POST; FORM when null. Deliveries that already wait keep their format. */
  bodyFormat?: WebhookBodyFormat | null | undefined;
  /** Whether events are sent at all. */
  enabled?: boolean | null | undefined;
  /** The events that are sent to the two addresses. They replace all previous ones; null for none. Each event must have an address, its own or the one of its kind. */
  filters?: Array<WebhookEvent> | null | undefined;
  /** The HTTP method of requests to both addresses; POST when null. */
  method?: WebhookMethod | null | undefined;
  /** The address of post-events, http or https, of at most 2,048 characters; null for none. `filters` must contain a post-event that is sent to it. */
  postUrl?: string | null | undefined;
  /** Whether an action is refused when a pre-event is not answered in time. False by default. */
  preRequired?: boolean | null | undefined;
  /** The number of milliseconds for which an action waits for the answer to a pre-event, from 1 to 5,000; 5,000 by default. */
  preTimeoutMilliseconds?: number | null | undefined;
  /** The address of pre-events, http or https, of at most 2,048 characters; null for none. `filters` must contain a pre-event that is sent to it. */
  preUrl?: string | null | undefined;
  /** The events whose address or method changes. An event with only a method must be in `filters`. */
  targets?: Array<WebhookTargetInput> | null | undefined;
};

/** The address or method of one event. Null removes it; fields that are left out keep their values. */
export type WebhookTargetInput = {
  /** The event to change. */
  event: WebhookEvent;
  /** The HTTP method of the event; null for the service’s own. */
  method?: WebhookMethod | null | undefined;
  /** The address of the event, http or https, of at most 2,048 characters; null for the service’s own. */
  url?: string | null | undefined;
};

export type AuditEntriesQueryVariables = Exact<{
  mutation?: string | null | undefined;
  subjectId?: string | null | undefined;
  credentialId?: string | null | undefined;
  consoleSessionId?: string | null | undefined;
  since?: string | null | undefined;
  until?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type AuditEntriesQuery = { auditEntries: { nodes: Array<{ id: string, mutation: string, subjectId: string | null, credentialId: string, address: string | null, state: AuditState, errorCode: string | null, startedAt: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type AuditEntryQueryVariables = Exact<{
  id: string;
}>;


export type AuditEntryQuery = { auditEntry: { id: string, mutation: string, subjectId: string | null, consoleSessionId: string, credentialId: string, address: string | null, state: AuditState, errorCode: string | null, before: unknown, after: unknown, startedAt: string, endedAt: string | null } | null };

export type PageFieldsFragment = { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null };

export type JobRowFieldsFragment = { id: string, kind: JobKind, task: unknown, state: JobState, isCancelling: boolean, total: number | null, done: number, failed: number, createdAt: string, endedAt: string | null };

export type JobsQueryVariables = Exact<{
  serviceId?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type JobsQuery = { jobs: { nodes: Array<{ id: string, kind: JobKind, task: unknown, state: JobState, isCancelling: boolean, total: number | null, done: number, failed: number, createdAt: string, endedAt: string | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type JobQueryVariables = Exact<{
  id: string;
}>;


export type JobQuery = { job: { failureCode: string | null, failureReason: string | null, credentialId: string, consoleSessionId: string | null, startedAt: string | null, id: string, kind: JobKind, task: unknown, state: JobState, isCancelling: boolean, total: number | null, done: number, failed: number, createdAt: string, endedAt: string | null, errors: Array<{ subjectId: string, code: string, message: string }> } | null };

export type PreviewJobQueryVariables = Exact<{
  serviceId?: string | null | undefined;
  task: JobTask;
}>;


export type PreviewJobQuery = { previewJob: { count: number, isComplete: boolean, examples: Array<
      | { id: string }
      | { id: string }
      | { friendlyName: string | null, uniqueName: string | null, id: string }
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
      | { identity: string, id: string }
      | { authorIdentity: string, body: string, id: string }
      | { id: string }
      | { id: string }
      | { id: string }
      | { identity: string, id: string }
      | { id: string }
     | null> } | null };

export type StartJobMutationVariables = Exact<{
  input: StartJobInput;
}>;


export type StartJobMutation = { startJob: { job: { id: string, total: number | null } } | null };

export type CancelJobMutationVariables = Exact<{
  input: CancelJobInput;
}>;


export type CancelJobMutation = { cancelJob: { job: { id: string, state: JobState } } | null };

export type KeyFieldsFragment = { id: string, friendlyName: string | null, createdAt: string, lastUsedAt: string | null, rate: { limit: number, seconds: number } | null };

export type KeysQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type KeysQuery = { apiKeys: { nodes: Array<{ id: string, friendlyName: string | null, createdAt: string, lastUsedAt: string | null, rate: { limit: number, seconds: number } | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type KeyQueryVariables = Exact<{
  id: string;
}>;


export type KeyQuery = { apiKey: { id: string, friendlyName: string | null, createdAt: string, lastUsedAt: string | null, rate: { limit: number, seconds: number } | null } | null };

export type CreateKeyMutationVariables = Exact<{
  input: CreateApiKeyInput;
}>;


export type CreateKeyMutation = { createApiKey: { secret: string, apiKey: { id: string, friendlyName: string | null } } | null };

export type UpdateKeyMutationVariables = Exact<{
  input: UpdateApiKeyInput;
}>;


export type UpdateKeyMutation = { updateApiKey: { apiKey: { id: string, friendlyName: string | null, createdAt: string, lastUsedAt: string | null, rate: { limit: number, seconds: number } | null } } | null };

export type DeleteKeyMutationVariables = Exact<{
  input: DeleteApiKeyInput;
}>;


export type DeleteKeyMutation = { deleteApiKey: { apiKey: { id: string } } | null };

export type ServicesQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ServicesQuery = { services: { nodes: Array<{ id: string, friendlyName: string, isDefault: boolean, createdAt: string, updatedAt: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type InputDescriptionsFragment = { inputFields: Array<{ name: string, description: string | null }> | null };

export type ServiceSettingsQueryVariables = Exact<{
  id: string;
}>;


export type ServiceSettingsQuery = { service: { id: string, friendlyName: string, isDefault: boolean, createdAt: string, updatedAt: string, readStatusEnabled: boolean, readReceiptsMaxMembers: number, reachabilityEnabled: boolean, userDirectory: UserDirectory, editHistory: EditHistory, language: string, typingIndicatorTimeout: number, consumptionReportInterval: number, defaultServiceRole: { id: string }, defaultChannelRole: { id: string }, defaultChannelCreatorRole: { id: string }, roles: { nodes: Array<{ id: string, friendlyName: string, type: RoleType }> }, limits: { channelMembers: number, userChannels: number, userSockets: number, userSubscriptions: number, userSends: { limit: number, seconds: number }, userOperations: { limit: number, seconds: number }, userTyping: { limit: number, seconds: number } }, webhooks: { preUrl: string | null, postUrl: string | null, method: WebhookMethod, bodyFormat: WebhookBodyFormat, filters: Array<WebhookEvent>, enabled: boolean, apiEnabled: boolean, preTimeoutMilliseconds: number, preRequired: boolean, targets: Array<{ event: WebhookEvent, url: string | null, method: WebhookMethod | null }> } | null, notifications: { newMessage: { enabled: boolean, template: string | null }, addedToChannel: { enabled: boolean, template: string | null }, removedFromChannel: { enabled: boolean, template: string | null }, invitedToChannel: { enabled: boolean, template: string | null } } | null } | null, settings: { inputFields: Array<{ name: string, description: string | null }> | null } | null, limits: { inputFields: Array<{ name: string, description: string | null }> | null } | null, webhooks: { inputFields: Array<{ name: string, description: string | null }> | null } | null, notifications: { inputFields: Array<{ name: string, description: string | null }> | null } | null, notification: { inputFields: Array<{ name: string, description: string | null }> | null } | null, events: { enumValues: Array<{ name: string }> | null } | null };

export type SigningSecretQueryVariables = Exact<{
  id: string;
}>;


export type SigningSecretQuery = { service: { webhooks: { signingSecret: string } | null } | null };

export type CreateServiceMutationVariables = Exact<{
  input: CreateServiceInput;
}>;


export type CreateServiceMutation = { createService: { service: { id: string } } | null };

export type UpdateServiceMutationVariables = Exact<{
  input: UpdateServiceInput;
}>;


export type UpdateServiceMutation = { updateService: { service: { id: string } } | null };

export type DeleteServiceMutationVariables = Exact<{
  input: DeleteServiceInput;
}>;


export type DeleteServiceMutation = { deleteService: { service: { id: string } } | null };

export type SessionsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type SessionsQuery = { consoleSessions: { nodes: Array<{ id: string, credential: string, userAgent: string | null, address: string, isCurrent: boolean, createdAt: string, lastUsedAt: string, expiresAt: string, apiKey: { id: string, friendlyName: string | null } | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type EndSessionMutationVariables = Exact<{
  input: EndConsoleSessionInput;
}>;


export type EndSessionMutation = { endConsoleSession: { consoleSession: { id: string } } | null };

export type SessionQueryVariables = Exact<{ [key: string]: never; }>;


export type SessionQuery = { viewer: { id: string, accountId: string, consoleSession: { id: string, credential: string, expiresAt: string } | null } | null };

export type ServiceChoicesQueryVariables = Exact<{ [key: string]: never; }>;


export type ServiceChoicesQuery = { services: { nodes: Array<{ id: string, friendlyName: string, isDefault: boolean }>, pageInfo: { hasNextPage: boolean } } | null };

export type ServiceChoiceQueryVariables = Exact<{
  id: string;
}>;


export type ServiceChoiceQuery = { service: { id: string, friendlyName: string, isDefault: boolean } | null };
