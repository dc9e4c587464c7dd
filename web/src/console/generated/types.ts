/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** Input of `addMember`. */
export type AddMemberInput = {
  /** SID or unique name of the channel. */
  channelId: string;
  /** Identity of the user to add, of at most 256 characters (50207) and not shaped like a user SID (50206). A user with an unknown identity is created. */
  identity: string;
  /** Backend only (50205): SID of a channel role; by default the service’s default channel role. */
  roleId?: string | null | undefined;
};

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

/** Input of `cancelMessage`. */
export type CancelMessageInput = {
  /** SID of a message whose text is being written. */
  messageId: string;
};

/** Input of `cancelScheduledMessage`. */
export type CancelScheduledMessageInput = {
  /** The `version` that the caller has seen. When the scheduled message has another one, nothing is changed: CONFLICT, with that one as `currentVersion` in its extensions. */
  expectedVersion?: number | null | undefined;
  /** SID of the scheduled message. */
  scheduledMessageId: string;
};

/** A filter for a list of channels. */
export type ChannelFilter = {
  /** Backend only: only channels whose friendly name, or else unique name, begins with this text of at most 64 characters; the case of A to Z makes no difference. The list is then ordered by NAME. */
  name?: string | null | undefined;
  /** Backend only: whether only frozen channels are listed; `false` by default. Needs the order CREATED_AT, and cannot be combined with `types`. */
  onlyFrozen?: boolean | null | undefined;
  /** Backend only: only channels whose unique name begins with this text, in the same case. The list is then ordered by UNIQUE_NAME. */
  uniqueNamePrefix?: string | null | undefined;
};

/** Finds channels of a service, direct channels included. At least one condition is needed. */
export type ChannelJobFilter = {
  /** Only channels whose friendly name, or else unique name, begins with this text of at most 64 characters; the case of A to Z makes no difference. */
  name?: string | null | undefined;
  /** Only channels whose last message is older than this time, or that were created before it and have none. */
  noMessageSince?: string | null | undefined;
  /** Whether only frozen channels are meant; `false` by default. */
  onlyFrozen?: boolean | null | undefined;
  /** Only channels of these types. */
  types?: Array<ChannelType> | null | undefined;
  /** Only channels whose unique name begins with this text. */
  uniqueNamePrefix?: string | null | undefined;
};

/** The order of a list of channels. */
export type ChannelOrder = {
  /** The direction of the order. */
  direction: OrderDirection;
  /** The field by which the list is ordered. */
  field: ChannelOrderField;
};

/** The fields by which channels can be ordered. */
export type ChannelOrderField =
  /** The time at which the channel was created. */
  | 'CREATED_AT'
  /** Backend only: the friendly name, or else the unique name, with A to Z in lower case and compared by its bytes in UTF-8. Channels without a name are left out. Cannot be combined with `types`. */
  | 'NAME'
  /** Backend only: the unique name, compared by its bytes in UTF-8. Channels without a unique name are left out. Cannot be combined with `types`. */
  | 'UNIQUE_NAME'
  /** Backend only: the time at which the names, the attributes or `isFrozen` of the channel last changed. Cannot be combined with `types`. */
  | 'UPDATED_AT';

/** The visibility of a channel. */
export type ChannelType =
  /** Only members, invited users and the backend see the channel. */
  | 'PRIVATE'
  /** Every user of the service sees the channel and, with the permission `joinChannel`, may join it. */
  | 'PUBLIC';

/** The actions of a user that `permissionCheck` decides about. */
export type CheckedAction =
  /** Add another user to the channel. */
  | 'ADD_MEMBER'
  /** Make a channel. */
  | 'CREATE_CHANNEL'
  /** Delete the channel. */
  | 'DELETE_CHANNEL'
  /** Delete the message. */
  | 'DELETE_MESSAGE'
  /** Change the attributes of the channel. */
  | 'EDIT_CHANNEL_ATTRIBUTES'
  /** Change the names of the channel. */
  | 'EDIT_CHANNEL_NAME'
  /** Give a member another role. Beyond what is checked here, a user neither gives nor takes a role that allows what it may not do itself. */
  | 'EDIT_MEMBER_ROLE'
  /** Edit the text of the message. */
  | 'EDIT_MESSAGE'
  /** Change the attributes of the message. */
  | 'EDIT_MESSAGE_ATTRIBUTES'
  /** Change the name, profile or attributes of another user. */
  | 'EDIT_OTHER_USER'
  /** Change its own name, profile or attributes. */
  | 'EDIT_OWN_USER'
  /** Freeze the channel, or end its freezing. */
  | 'FREEZE_CHANNEL'
  /** Invite another user to the channel. */
  | 'INVITE_MEMBER'
  /** Join the channel. */
  | 'JOIN_CHANNEL'
  /** Leave the channel. */
  | 'LEAVE_CHANNEL'
  /** Send a message that names the whole channel. */
  | 'MENTION_CHANNEL'
  /** Pin the message, or unpin it. */
  | 'PIN_MESSAGE'
  /** Add a reaction to the message. */
  | 'REACT'
  /** Read the messages and the members of the channel. */
  | 'READ_CHANNEL'
  /** Remove another member from the channel. */
  | 'REMOVE_MEMBER'
  /** Send a message to the channel. */
  | 'SEND_MESSAGE'
  /** Send a message whose text is written while it is read. */
  | 'STREAM_MESSAGE'
  /** Take away the oldest messages of the channel. */
  | 'TRUNCATE_CHANNEL';

/** Input of `closeConnection`. */
export type CloseConnectionInput = {
  /** Id of the connection to close, as `connections` lists it. */
  connectionId: string;
};

/** The ways in which a client stays connected. */
export type ConnectionProtocol =
  /** An event stream over HTTP, which carries one subscription. */
  | 'SERVER_SENT_EVENTS'
  /** A WebSocket, which carries any number of operations. */
  | 'WEBSOCKET';

/** Input of `createApiKey`. */
export type CreateApiKeyInput = {
  /** A name for people, of at most 64 characters. */
  friendlyName?: string | null | undefined;
  /** The rate at which fields may be asked for with this key. There is no limit when this is left out or null. */
  rate?: RateInput | null | undefined;
};

/** Input of `createChannel`. */
export type CreateChannelInput = {
  /** Data of the application, at most 16 KiB as JSON. */
  attributes?: unknown;
  /** A name for people, of at most 64 characters. */
  friendlyName?: string | null | undefined;
  /** SID of the service. By default that of the access token, and for the backend the account’s default service. */
  serviceId?: string | null | undefined;
  /** The visibility of the channel; PUBLIC by default. */
  type?: ChannelType | null | undefined;
  /** A name that can be used instead of the SID, of at most 64 characters. It must be unique in the service (CONFLICT 50307), not shaped like a channel SID (50306), and not `.` or `..`. */
  uniqueName?: string | null | undefined;
};

/** Input of `createCredential`: what the push service has issued. A field that belongs to another push service is refused (BAD_USER_INPUT). */
export type CreateCredentialInput = {
  /** GCM only: the API key; at most 16 KiB. */
  apiKey?: string | null | undefined;
  /** APN only: the certificate in PEM; at most 16 KiB. */
  certificate?: string | null | undefined;
  /** A name for people, of at most 64 characters (50003). */
  friendlyName?: string | null | undefined;
  /** APN only: the private key of the certificate in PEM, without a passphrase; at most 16 KiB. */
  privateKey?: string | null | undefined;
  /** APN only: whether the credential is for Apple’s sandbox. False by default. */
  sandbox?: boolean | null | undefined;
  /** FCM only: the server key; at most 16 KiB. */
  secret?: string | null | undefined;
  /** The push service to which the credential belongs. */
  type: CredentialType;
};

/** Input of `createInvite`. */
export type CreateInviteInput = {
  /** SID or unique name of the channel. */
  channelId: string;
  /** Identity of the user to invite, which must exist in the service (50200). */
  identity: string;
  /** Backend only (50205): SID of the channel role that the user gets by joining (50101); by default the service’s default channel role. */
  roleId?: string | null | undefined;
};

/** Input of `createKeywordRule`. A rule has words, a pattern, or both. */
export type CreateKeywordRuleInput = {
  /** The effect on a message that matches. */
  action: KeywordAction;
  /** A name for people, from 1 to 64 characters. */
  name: string;
  /** A regular expression in the syntax of RE2, of at most 500 characters, matched whatever the case. It has no back-references and no look-around. It must compile to at most 600 instructions; `a{3}` counts as `aaa`. */
  pattern?: string | null | undefined;
  /** SID of the service; the account’s default service when left out. */
  serviceId?: string | null | undefined;
  /** At most 1,000 words of at most 64 characters each. They match as whole words, whatever their case or width; an entry may be several words in a row. In scripts without spaces between words they match anywhere, exactly as written. */
  words?: Array<string> | null | undefined;
};

/** Input of `createRole`. */
export type CreateRoleInput = {
  /** A name for people, from 1 to 64 characters (50000, 50003). */
  friendlyName: string;
  /** Names of the permissions. Deployment roles have createChannel and joinChannel. Channel roles have sendMessage, sendMediaMessage, leaveChannel and deleteOwnMessage. Both have destroyChannel, inviteMember, removeMember, editChannelName, editChannelAttributes, addMember, editOwnMessage, editAnyMessage, editOwnMessageAttributes, editAnyMessageAttributes, deleteAnyMessage, editOwnUserInfo, editAnyUserInfo and, which Programmable Chat does not have, freezeChannel, sendToFrozenChannel, truncateChannel, editMemberRole, pinMessage, react, mentionChannel and streamMessage. Any other is BAD_USER_INPUT 50104. */
  permissions: Array<string>;
  /** SID of the service; the account’s default service when left out. */
  serviceId?: string | null | undefined;
  /** The kind of object to which the role is assigned. */
  type: RoleType;
};

/** Input of `createService`. All other settings have their default values. */
export type CreateServiceInput = {
  /** A name for people, from 1 to 64 characters (50000, 50003). */
  friendlyName: string;
};

/** Input of `createUser`. */
export type CreateUserInput = {
  /** Data of the application, at most 4 KiB as JSON. */
  attributes?: unknown;
  /** The http or https URL of the user’s picture, of at most 2,048 characters and without credentials; null removes it. */
  avatarUrl?: string | null | undefined;
  /** A name for people, of at most 64 characters (50003). */
  friendlyName?: string | null | undefined;
  /** The application’s name for the user, of at most 256 characters (50207). It must be unique in the service (CONFLICT 50201), not empty (50204), not shaped like a user SID (50206), and not `system` (50203). */
  identity: string;
  /** The language of the user as a BCP 47 language tag, such as `pt-BR`, which is stored in its canonical form; null removes it. */
  locale?: string | null | undefined;
  /** SID of a deployment role (50102); by default the service’s default role of users. */
  roleId?: string | null | undefined;
  /** SID of the service; the account’s default service when left out. */
  serviceId?: string | null | undefined;
  /** The present status of the user; null removes it. */
  status?: UserStatusInput | null | undefined;
  /** The time zone of the user as a name of the IANA time zone database, such as `Europe/Berlin`; null removes it. */
  timeZone?: string | null | undefined;
};

/** The push service to which a credential belongs. */
export type CredentialType =
  /** Apple Push Notification service. Its credentials have a certificate and a private key. */
  | 'APN'
  /** Firebase Cloud Messaging. Its credentials have a server key, in `secret`. */
  | 'FCM'
  /** Google Cloud Messaging, the predecessor of Firebase Cloud Messaging. Its credentials have an API key. */
  | 'GCM';

/** The kinds of databases. */
export type DatabaseEngine =
  /** The engine within the process, which has no connections and no standbys. */
  | 'EMBEDDED'
  /** A Postgres of its own. */
  | 'POSTGRES';

/** Input of `deleteApiKey`. */
export type DeleteApiKeyInput = {
  /** SID of the API key to revoke. */
  apiKeyId: string;
};

/** Input of `deleteChannel`. */
export type DeleteChannelInput = {
  /** SID or unique name of the channel to delete. */
  channelId: string;
};

/** Deletes channels of the service, each as `deleteChannel` does. */
export type DeleteChannelsTask = {
  /** SIDs of the channels, from 1 to 1,000. Pass either this or `filter`. */
  channelIds?: Array<string> | null | undefined;
  /** Finds the channels: those that were there when the job was started and fulfil all conditions at the moment of their change. Pass either this or the SIDs. */
  filter?: ChannelJobFilter | null | undefined;
};

/** Input of `deleteCredential`. */
export type DeleteCredentialInput = {
  /** SID of the credential to delete. */
  credentialId: string;
};

/** Input of `deleteInvite`. */
export type DeleteInviteInput = {
  /** SID or unique name of a channel. An invite to another channel is NOT_FOUND. */
  channelId?: string | null | undefined;
  /** SID of the invite to withdraw. */
  inviteId: string;
};

/** Input of `deleteKeywordRule`. */
export type DeleteKeywordRuleInput = {
  /** SID of the keyword rule to delete. */
  keywordRuleId: string;
  /** SID of the service; the account’s default service when left out. */
  serviceId?: string | null | undefined;
};

/** Input of `deleteMessage`. */
export type DeleteMessageInput = {
  /** SID or unique name of a channel. A message of another channel is NOT_FOUND. */
  channelId?: string | null | undefined;
  /** SID of the message to delete. */
  messageId: string;
};

/** Deletes messages of a channel, each as `deleteMessage` does. */
export type DeleteMessagesTask = {
  /** SID or unique name of the channel. */
  channelId: string;
  /** Finds the messages: those that were there when the job was started and fulfil all conditions at the moment of their change. Pass either this or the SIDs. */
  filter?: MessageJobFilter | null | undefined;
  /** SIDs of the messages, from 1 to 1,000. Pass either this or `filter`. */
  messageIds?: Array<string> | null | undefined;
};

/** Input of `deleteRole`. */
export type DeleteRoleInput = {
  /** SID of the role to delete. */
  roleId: string;
};

/** Input of `deleteService`. */
export type DeleteServiceInput = {
  /** SID of the service to delete. */
  serviceId: string;
};

/** Input of `deleteUser`. */
export type DeleteUserInput = {
  /** SID of the user, or its identity within the caller’s service. */
  userId: string;
};

/** Deletes users of the service, each as `deleteUser` does. */
export type DeleteUsersTask = {
  /** Finds the users: those that were there when the job was started and fulfil all conditions at the moment of their change. Pass either this or the SIDs. */
  filter?: UserJobFilter | null | undefined;
  /** SIDs of the users, from 1 to 1,000. Pass either this or `filter`. */
  userIds?: Array<string> | null | undefined;
};

/** A keyword rule that is tried without being created. It has words, a pattern, or both. */
export type DryRunRuleInput = {
  /** A regular expression in the syntax of RE2, of at most 500 characters, matched whatever the case. It has no back-references and no look-around. It must compile to at most 600 instructions; `a{3}` counts as `aaa`. */
  pattern?: string | null | undefined;
  /** SID of the service; the account’s default service when left out. */
  serviceId?: string | null | undefined;
  /** At most 1,000 words of at most 64 characters each. They match as whole words, whatever their case or width; an entry may be several words in a row. In scripts without spaces between words they match anywhere, exactly as written. */
  words?: Array<string> | null | undefined;
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

/** The severities of findings. */
export type FindingSeverity =
  /** Something breaks or is lost now. */
  | 'ERROR'
  /** Something is worth knowing; nothing has to be done. */
  | 'NOTICE'
  /** Something will break or be lost unless somebody acts. */
  | 'WARNING';

/** Input of `finishMessage`. */
export type FinishMessageInput = {
  /** SID of a message whose text is being written. */
  messageId: string;
  /** The length that the text must have, in UTF-16 code units: best given, since a server that died may have lost its end. Otherwise nothing is finished: CONFLICT, with the length that it has as `currentOffset` in its extensions. */
  offset?: number | null | undefined;
};

/** Input of `freezeChannel`. */
export type FreezeChannelInput = {
  /** SID or unique name of the channel to freeze. */
  channelId: string;
};

/** A filter for a list of invites. */
export type InviteFilter = {
  /** SID or unique name of a channel of the service (50300). Only invites to this channel are listed. */
  channelId?: string | null | undefined;
  /** Identity of a user. Only invites of this user are listed; none when there is no such user. */
  identity?: string | null | undefined;
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
  /** The job has gone through all of its things. `failed` says how many of them were refused, `skipped` how many no longer matched. */
  | 'DONE'
  /** The job ended early; `failureCode` and `failureReason` say why. */
  | 'FAILED'
  /** The job waits for its turn, or for a part of the server that does not answer. */
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

/** The effect of a keyword rule on a message that it matches. */
export type KeywordAction =
  /** The message is sent unchanged, and `flaggedMessages` lists it. */
  | 'FLAG'
  /** The message is sent with a star for every character of every match. */
  | 'MASK'
  /** The message is refused: FORBIDDEN 50056. */
  | 'REFUSE';

/** Finds members of a channel; without a condition all of them. */
export type MemberJobFilter = {
  /** Only members with the channel role of this SID. */
  roleId?: string | null | undefined;
};

/** The members whom a message is to name. */
export type MentionsInput = {
  /** Whether the message names all members of the channel; needs the permission `mentionChannel`. `false` by default. */
  channel?: boolean | null | undefined;
  /** Identities of members of the channel, at most 50. Others are left out, and named by `droppedMentions`. */
  identities?: Array<string> | null | undefined;
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

/** A filter for `searchMessages`. All of its fields must be met. */
export type MessageSearchFilter = {
  /** Only messages of these authors, at most 100, by identity. `system` is the backend. */
  authors?: Array<string> | null | undefined;
  /** Only messages in these channels, at most 100, each by SID or unique name. */
  channelIds?: Array<string> | null | undefined;
  /** Only messages that were committed at this time or later. */
  from?: string | null | undefined;
  /** Only messages that have all of this now. */
  has?: Array<SearchedAddition> | null | undefined;
  /** Only replies to this message, by its SID, also those that the channel does not show. NOT_FOUND 50500 where there is no such message for the caller. */
  parentId?: string | null | undefined;
  /** Only messages that were committed before this time. */
  to?: string | null | undefined;
};

/** A place in a channel: exactly one of these. */
export type MessagesAround =
  {   /** Any cursor of the channel. */
  cursor: string; index?: never; moment?: never; }
  |  { cursor?: never;   /** Index of a message, from 0 on. */
  index: number; moment?: never; }
  |  { cursor?: never; index?: never;   /** The place of the first message that was committed at this time or later. */
  moment: string; };

/** The messages of a channel that a user wants to be notified of. */
export type NotificationLevel =
  /** All of its messages. */
  | 'ALL'
  /** Those of its messages that mention the user. */
  | 'MENTIONS'
  /** None of its messages. */
  | 'NONE';

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

/** The direction of a list. */
export type OrderDirection =
  /** Ascending: from the smallest or oldest on. */
  | 'ASC'
  /** Descending: from the greatest or newest on. */
  | 'DESC';

/** Input of `pinMessage`. */
export type PinMessageInput = {
  /** SID of the message to pin. */
  messageId: string;
};

/** The states of a process of the server. */
export type ProcessState =
  /** The process has written its figures within the last two and a half minutes. */
  | 'RUNNING'
  /** The process has written no figures for two and a half minutes although the database was there: it has died, hangs, or does not reach the database. */
  | 'SILENT'
  /** The process was stopped and has ended in order. */
  | 'STOPPED';

/** At most so many within so many seconds, which begin with the first of them. */
export type RateInput = {
  /** The number that is accepted within the time, from 1 to 100,000. */
  limit: number;
  /** The time in seconds, from 1 to 60. */
  seconds: number;
};

/** The kinds of Redis that REDIS_URL can lead to. */
export type RedisMode =
  /** A Redis Cluster. */
  | 'CLUSTER'
  /** The primary that sentinels name. */
  | 'SENTINEL'
  /** One server alone. */
  | 'SINGLE';

/** The limits that something can meet which is refused with RATE_LIMITED or 4412, or dropped. */
export type RefusalKind =
  /** Too many fields that were asked for with one API key. */
  | 'KEY'
  /** Too many other fields of Query and Mutation of a user. */
  | 'OPERATIONS'
  /** Too many calls of `sendMessage` of a user. */
  | 'SENDS'
  /** Too many open WebSockets of a user. */
  | 'SOCKETS'
  /** Too many operations under way on one WebSocket. */
  | 'SOCKET_OPERATIONS'
  /** Too many open subscriptions of a user. */
  | 'SUBSCRIPTIONS'
  /** Too much of the time of the process for one user. */
  | 'TIME'
  /** Too many calls of `startTyping` of a user, which have had no effect. */
  | 'TYPING';

/** The reason why a user may not do something. */
export type RefusalReason =
  /** The channel is frozen, and none of the user’s roles has `sendToFrozenChannel`. */
  | 'CHANNEL_FROZEN'
  /** The user is not a member of the channel, or neither that nor invited where it is to join a private one. */
  | 'NOT_MEMBER'
  /** No user of the service has the identity; it may have been deleted. */
  | 'NO_USER'
  /** The state of the channel or the message forbids it, as `message` says: the channel is a direct one, the user is a member already, or the text is being written. */
  | 'OTHER'
  /** None of the user’s roles has the last one of `permissions`. */
  | 'PERMISSION_MISSING';

/** Input of `removeMember`. */
export type RemoveMemberInput = {
  /** SID or unique name of the channel. Optional beside the SID of a member, who must then be in this channel. */
  channelId?: string | null | undefined;
  /** Identity of the member. Pass it together with `channelId`. */
  identity?: string | null | undefined;
  /** SID of the member. Pass either this, or `channelId` and `identity`. */
  memberId?: string | null | undefined;
};

/** Removes members from a channel, each as `removeMember` does. */
export type RemoveMembersTask = {
  /** SID or unique name of the channel. */
  channelId: string;
  /** Finds the members: those that were there when the job was started and fulfil all conditions at the moment of their change. Pass either this or the SIDs. */
  filter?: MemberJobFilter | null | undefined;
  /** SIDs of the members, from 1 to 1,000. Pass either this or `filter`. */
  memberIds?: Array<string> | null | undefined;
};

/** Input of `replayWebhookDeliveries`. */
export type ReplayWebhookDeliveriesInput = {
  /** SID of the service; the account’s default service when left out. */
  serviceId?: string | null | undefined;
  /** Only deliveries of events that happened at this time or later. */
  since: string;
  /** Only deliveries with this status, DELIVERED or DEAD; both by default. */
  status?: WebhookDeliveryStatus | null | undefined;
};

/** Input of `replayWebhookDelivery`. */
export type ReplayWebhookDeliveryInput = {
  /** SID of the webhook delivery to send again. */
  webhookDeliveryId: string;
};

/** The kind of object to which a role is assigned. */
export type RoleType =
  /** A role of members of a channel. */
  | 'CHANNEL'
  /** A role of users of a service. */
  | 'DEPLOYMENT';

/** The states of a scheduled message. */
export type ScheduledMessageState =
  /** Its author or the backend has cancelled it. */
  | 'CANCELLED'
  /** It could not be sent: `failureCode` and `failureReason` say why. */
  | 'FAILED'
  /** It is being sent, and cannot be changed any more. */
  | 'SENDING'
  /** It was sent: `messageId` is the message. */
  | 'SENT'
  /** Its time has not come. */
  | 'WAITING';

/** The order of messages that a search has found. */
export type SearchOrder =
  /** The newest first. */
  | 'RECENT'
  /** The best matches among the newest 2,000, newer ones before older ones that match as well. Of words that are in more than one of a hundred messages, those among the newest 20,000 messages are ranked. */
  | 'RELEVANCE';

/** A kind of addition that others make to a message, which a search can ask for. */
export type SearchedAddition =
  /** At least one reaction. */
  | 'REACTIONS'
  /** At least one reply that is not deleted. */
  | 'THREAD';

/** Input of `sendTestWebhook`. */
export type SendTestWebhookInput = {
  /** The event of which a sample is sent. */
  event: WebhookEvent;
  /** SID of the service; the account’s default service when left out. */
  serviceId?: string | null | undefined;
};

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

/** The states of a text that is written while it is read. */
export type StreamState =
  /** Its writer has cancelled it, the message was deleted, or a rule or webhook of the service has refused its text. */
  | 'CANCELLED'
  /** Its writer has finished it. */
  | 'COMPLETED'
  /** Its writer was silent for as long as the setting `STREAM_SILENCE_SECONDS` says. */
  | 'INTERRUPTED'
  /** It is being written: `appendToMessage` goes on with it. */
  | 'STREAMING';

/** Input of `truncateChannel`. */
export type TruncateChannelInput = {
  /** Messages with a smaller index are taken away; from 0 to one more than the index of the newest message. By default all messages that the channel has at that moment. */
  beforeIndex?: number | null | undefined;
  /** SID or unique name of the channel to truncate. */
  channelId: string;
};

/** Input of `unfreezeChannel`. */
export type UnfreezeChannelInput = {
  /** SID or unique name of the channel to unfreeze. */
  channelId: string;
};

/** Input of `unpinMessage`. */
export type UnpinMessageInput = {
  /** SID of the message to unpin. */
  messageId: string;
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

/** Input of `updateChannel`. Fields that are left out keep their values; null removes a name. */
export type UpdateChannelInput = {
  /** Data of the application, at most 16 KiB as JSON. It replaces all previous attributes. */
  attributes?: unknown;
  /** SID or unique name of the channel to change. */
  channelId: string;
  /** The new name for people, of at most 64 characters; null removes it. */
  friendlyName?: string | null | undefined;
  /** The new unique name, of at most 64 characters; null removes it. It must be unique in the service (CONFLICT 50307), not shaped like a channel SID (50306), and not `.` or `..`. */
  uniqueName?: string | null | undefined;
};

/** Input of `updateKeywordRule`. Fields that are left out keep their values; the rule must keep words, a pattern, or both. */
export type UpdateKeywordRuleInput = {
  /** The effect on a message that matches. */
  action?: KeywordAction | null | undefined;
  /** SID of the keyword rule to change. */
  keywordRuleId: string;
  /** A name for people, from 1 to 64 characters. */
  name?: string | null | undefined;
  /** A regular expression in the syntax of RE2, of at most 500 characters, matched whatever the case. It has no back-references and no look-around. It must compile to at most 600 instructions; `a{3}` counts as `aaa`. Null removes it. */
  pattern?: string | null | undefined;
  /** SID of the service; the account’s default service when left out. */
  serviceId?: string | null | undefined;
  /** At most 1,000 words of at most 64 characters each. They match as whole words, whatever their case or width; an entry may be several words in a row. In scripts without spaces between words they match anywhere, exactly as written. An empty list removes them. */
  words?: Array<string> | null | undefined;
};

/** Input of `updateMember`. Fields that are left out keep their values. */
export type UpdateMemberInput = {
  /** SID or unique name of the channel. Optional beside the SID of a member, who must then be in this channel. */
  channelId?: string | null | undefined;
  /** Identity of the member. Pass it together with `channelId`. */
  identity?: string | null | undefined;
  /** Index of the newest message that the member has read; null for none. It may be lower than before, and ends what `markUnread` has set. CONFLICT while the service’s `readStatusEnabled` is off. */
  lastReadIndex?: number | null | undefined;
  /** SID of the member. Pass either this, or `channelId` and `identity`. */
  memberId?: string | null | undefined;
  /** SID of the new channel role. Needs the permission `editMemberRole`. FORBIDDEN when this role or the present one allows what the caller may not do (50205 for this one); of one’s own role, when it allows more than the present one. CONFLICT when one of the roles has changed meanwhile. */
  roleId?: string | null | undefined;
};

/** Input of `updateMessage`. Fields that are left out keep their values. */
export type UpdateMessageInput = {
  /** Data of the application, at most 4 KiB as JSON. It replaces all previous attributes. */
  attributes?: unknown;
  /** The new text, at most 32 KiB in UTF-8 (50504). It may be empty and must not contain U+0000. */
  body?: string | null | undefined;
  /** SID or unique name of a channel. A message of another channel is NOT_FOUND. */
  channelId?: string | null | undefined;
  /** The `version` that the caller has seen. When the message has another one, nothing is changed: CONFLICT, with that one as `currentVersion` in its extensions. */
  expectedVersion?: number | null | undefined;
  /** The members whom the message names from now on. When left out, it names those whom it has named. */
  mentions?: MentionsInput | null | undefined;
  /** SID of the message to edit. */
  messageId: string;
};

/** Input of `updateRole`. */
export type UpdateRoleInput = {
  /** Names of the permissions that are decided: `permissions` may name no others (BAD_USER_INPUT 50104), and all others stay as they are. All permissions by default. */
  among?: Array<string> | null | undefined;
  /** Names of the permissions, as in CreateRoleInput. They replace all previous ones. */
  permissions: Array<string>;
  /** SID of the role to change. */
  roleId: string;
};

/** Input of `updateService`. Fields that are left out keep their values. */
export type UpdateServiceInput = {
  /** The length in seconds of the intervals in each of which the reads of one member cause at most one webhook, from 1 to 86,400 (50052). */
  consumptionReportInterval?: number | null | undefined;
  /** SID of the channel role of a user in channels that the user creates, which must be of this service (50106). */
  defaultChannelCreatorRoleId?: string | null | undefined;
  /** SID of the channel role of new members, which must be of this service (50101). */
  defaultChannelRoleId?: string | null | undefined;
  /** SID of the service role (type DEPLOYMENT) of new users, which must be of this service (50102). */
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

/** Input of `updateUser`. Fields that are left out keep their values. */
export type UpdateUserInput = {
  /** Data of the application, at most 4 KiB as JSON. It replaces all previous attributes. */
  attributes?: unknown;
  /** The http or https URL of the user’s picture, of at most 2,048 characters and without credentials; null removes it. */
  avatarUrl?: string | null | undefined;
  /** The new name for people, of at most 64 characters (50003); null removes it. */
  friendlyName?: string | null | undefined;
  /** Whether the user is shown as offline to other users. Only the user itself and the backend may change it, whatever the roles are. */
  isInvisible?: boolean | null | undefined;
  /** The language of the user as a BCP 47 language tag, such as `pt-BR`, which is stored in its canonical form; null removes it. */
  locale?: string | null | undefined;
  /** Whether other users see what the user has read; what it has received they see in either case. Only the user itself and the backend may change it, whatever the roles are. */
  readReceiptsEnabled?: boolean | null | undefined;
  /** Backend only (50205): SID of the new deployment role (50102). */
  roleId?: string | null | undefined;
  /** The present status of the user; null removes it. */
  status?: UserStatusInput | null | undefined;
  /** The time zone of the user as a name of the IANA time zone database, such as `Europe/Berlin`; null removes it. */
  timeZone?: string | null | undefined;
  /** SID of the user, or its identity within the caller’s service. */
  userId: string;
};

/** The relation of a user to a channel. */
export type UserChannelStatus =
  /** The user is invited to the channel and may join it. */
  | 'INVITED'
  /** The user is a member of the channel. */
  | 'JOINED';

/** The users whom the users of a service find. */
export type UserDirectory =
  /** Users find all users of the service. */
  | 'ALL'
  /** Users find those with whom they share a channel, and themselves. */
  | 'OFF';

/** A filter for a list of users. */
export type UserFilter = {
  /** Only users whose identity begins with this text, in the same case. The list is then ordered by IDENTITY. */
  identityPrefix?: string | null | undefined;
  /** Only users of whose friendly name or identity some word begins with each word of this text, of at most 100 characters. Case, width and accents make no difference; in scripts without spaces any two characters that follow each other are a word. The user with this very identity comes first, then the others by the word that matches. Cannot be combined with `orderBy`. A page is found among the next 10,000 names that begin with the longest word, and may be short for that. */
  search?: string | null | undefined;
};

/** Finds users of a service. At least one condition is needed. */
export type UserJobFilter = {
  /** Only users whose identity begins with this text. */
  identityPrefix?: string | null | undefined;
  /** Only users who were last seen before this time, or were created before it and never seen. It needs a service with `reachabilityEnabled`; users who are invisible were last seen before they became so. */
  lastSeenBefore?: string | null | undefined;
  /** Only users with the service role of this SID. */
  roleId?: string | null | undefined;
  /** Only users whom this text finds, as it does in `users`: by their very identity, or where each of its words begins a name. At most 100 characters. */
  search?: string | null | undefined;
};

/** The order of a list of users. */
export type UserOrder = {
  /** The direction of the order. */
  direction: OrderDirection;
  /** The field by which the list is ordered. */
  field: UserOrderField;
};

/** The fields by which users can be ordered. */
export type UserOrderField =
  /** The time at which the user was created. */
  | 'CREATED_AT'
  /** The identity, compared by its bytes in UTF-8. */
  | 'IDENTITY';

/** A status, which replaces the one before. It must have a text or an emoji. */
export type UserStatusInput = {
  /** An emoji, or its name as the application knows it, of at most 64 characters. */
  emoji?: string | null | undefined;
  /** The text, of at most 100 characters. */
  text?: string | null | undefined;
  /** The time at which the status ends by itself, which must be in the future; never when left out. */
  until?: string | null | undefined;
};

/** The format of the parameters in the body of a POST to a webhook. A GET has them in its query. */
export type WebhookBodyFormat =
  /** A form: `application/x-www-form-urlencoded`. */
  | 'FORM'
  /** One JSON object (`application/json`) with the names and texts of the form. */
  | 'JSON';

/** The states of a circuit breaker. */
export type WebhookCircuitState =
  /** Pre-events are sent. */
  | 'CLOSED'
  /** The next pre-event is sent, and its answer decides. */
  | 'HALF_OPEN'
  /** Five pre-events in a row had no answer in time: for 30 seconds none is sent, and what they would ask about is decided without them. */
  | 'OPEN';

/** The status of a webhook delivery. */
export type WebhookDeliveryStatus =
  /** The server has given up after `WEBHOOK_RETRY_HOURS`. `replayWebhookDelivery` sends it again. */
  | 'DEAD'
  /** The receiver has answered with a status of 2xx. */
  | 'DELIVERED'
  /** The delivery waits for earlier ones or for the next attempt. */
  | 'PENDING';

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
  identity?: string | null | undefined;
  credentialId?: string | null | undefined;
  consoleSessionId?: string | null | undefined;
  since?: string | null | undefined;
  until?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type AuditEntriesQuery = { auditEntries: { nodes: Array<{ id: string, mutation: string, subjectId: string | null, identity: string | null, credentialId: string, address: string | null, state: AuditState, errorCode: string | null, startedAt: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type AuditEntryQueryVariables = Exact<{
  id: string;
}>;


export type AuditEntryQuery = { auditEntry: { id: string, mutation: string, subjectId: string | null, identity: string | null, input: unknown, consoleSessionId: string, credentialId: string, address: string | null, state: AuditState, errorCode: string | null, before: unknown, after: unknown, startedAt: string, endedAt: string | null } | null };

export type ChannelRowFieldsFragment = { isFrozen: boolean, membersCount: number, messagesCount: number, createdAt: string, updatedAt: string, id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean };

export type ChannelRowsQueryVariables = Exact<{
  serviceId?: string | null | undefined;
  types?: Array<ChannelType> | ChannelType | null | undefined;
  filter?: ChannelFilter | null | undefined;
  orderBy?: ChannelOrder | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ChannelRowsQuery = { channels: { nodes: Array<{ isFrozen: boolean, membersCount: number, messagesCount: number, createdAt: string, updatedAt: string, id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type ChannelItemFieldsFragment = { attributes: unknown, createdBy: string, firstIndex: number, isFrozen: boolean, membersCount: number, messagesCount: number, createdAt: string, updatedAt: string, id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean, lastMessage: { id: string, index: number, body: string, authorIdentity: string, createdAt: string } | null };

export type ChannelItemQueryVariables = Exact<{
  id: string;
}>;


export type ChannelItemQuery = { channel: { attributes: unknown, createdBy: string, firstIndex: number, isFrozen: boolean, membersCount: number, messagesCount: number, createdAt: string, updatedAt: string, id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean, lastMessage: { id: string, index: number, body: string, authorIdentity: string, createdAt: string } | null } | null };

export type CreateChannelItemMutationVariables = Exact<{
  input: CreateChannelInput;
}>;


export type CreateChannelItemMutation = { createChannel: { channel: { id: string } } | null };

export type UpdateChannelItemMutationVariables = Exact<{
  input: UpdateChannelInput;
}>;


export type UpdateChannelItemMutation = { updateChannel: { channel: { id: string } } | null };

export type DeleteChannelItemMutationVariables = Exact<{
  input: DeleteChannelInput;
}>;


export type DeleteChannelItemMutation = { deleteChannel: { channel: { id: string } } | null };

export type FreezeChannelItemMutationVariables = Exact<{
  input: FreezeChannelInput;
}>;


export type FreezeChannelItemMutation = { freezeChannel: { channel: { id: string } } | null };

export type UnfreezeChannelItemMutationVariables = Exact<{
  input: UnfreezeChannelInput;
}>;


export type UnfreezeChannelItemMutation = { unfreezeChannel: { channel: { id: string } } | null };

export type TruncateChannelItemMutationVariables = Exact<{
  input: TruncateChannelInput;
}>;


export type TruncateChannelItemMutation = { truncateChannel: { channel: { id: string } } | null };

export type CredentialFieldsFragment = { id: string, type: CredentialType, friendlyName: string | null, sandbox: boolean | null, createdAt: string, updatedAt: string };

export type CredentialsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type CredentialsQuery = { credentials: { nodes: Array<{ id: string, type: CredentialType, friendlyName: string | null, sandbox: boolean | null, createdAt: string, updatedAt: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type CredentialQueryVariables = Exact<{
  id: string;
}>;


export type CredentialQuery = { credential: { id: string, type: CredentialType, friendlyName: string | null, sandbox: boolean | null, createdAt: string, updatedAt: string } | null };

export type CreateCredentialMutationVariables = Exact<{
  input: CreateCredentialInput;
}>;


export type CreateCredentialMutation = { createCredential: { credential: { id: string } } | null };

export type DeleteCredentialMutationVariables = Exact<{
  input: DeleteCredentialInput;
}>;


export type DeleteCredentialMutation = { deleteCredential: { credential: { id: string } } | null };

export type DeliveriesQueryVariables = Exact<{
  serviceId?: string | null | undefined;
  status?: WebhookDeliveryStatus | null | undefined;
  event?: WebhookEvent | null | undefined;
  subjectId?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type DeliveriesQuery = { webhookDeliveries: { nodes: Array<{ id: string, event: WebhookEvent, status: WebhookDeliveryStatus, subjectId: string, url: string, attempts: number, answerStatus: number | null, ahead: number | null, createdAt: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type DeliveryQueryVariables = Exact<{
  id: string;
}>;


export type DeliveryQuery = { webhookDelivery: { id: string, event: WebhookEvent, status: WebhookDeliveryStatus, subjectId: string, url: string, method: WebhookMethod, bodyFormat: WebhookBodyFormat, parameters: unknown, attempts: number, answerStatus: number | null, answer: string | null, ahead: number | null, behind: number | null, nextAttemptAt: string | null, createdAt: string, attemptedAt: string | null, heldBackBy: { id: string, event: WebhookEvent, attempts: number } | null } | null };

export type ReplayDeliveryMutationVariables = Exact<{
  input: ReplayWebhookDeliveryInput;
}>;


export type ReplayDeliveryMutation = { replayWebhookDelivery: { webhookDelivery: { id: string, status: WebhookDeliveryStatus } } | null };

export type ReplayDryRunQueryVariables = Exact<{
  input: ReplayWebhookDeliveriesInput;
}>;


export type ReplayDryRunQuery = { dryRunReplay: { count: number, isComplete: boolean, targets: Array<{ url: string, count: number }> } | null };

export type ReplayDeliveriesMutationVariables = Exact<{
  input: ReplayWebhookDeliveriesInput;
}>;


export type ReplayDeliveriesMutation = { replayWebhookDeliveries: { count: number } | null };

export type EndpointsQueryVariables = Exact<{
  serviceId?: string | null | undefined;
}>;


export type EndpointsQuery = { webhookEndpoints: Array<{ url: string, events: Array<WebhookEvent>, waiting: number, queues: number, failingQueues: number, waitingSince: string | null, silentProcessIds: Array<string>, circuits: Array<{ processId: string, state: WebhookCircuitState, openUntil: string | null, timeouts: number, running: number, waiting: number }> }> | null };

export type TestWebhookMutationVariables = Exact<{
  input: SendTestWebhookInput;
}>;


export type TestWebhookMutation = { sendTestWebhook: { url: string, method: WebhookMethod, answerStatus: number | null, answer: string, milliseconds: number } | null };

export type PageFieldsFragment = { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null };

export type ChannelNameFieldsFragment = { id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean };

export type GoNodeQueryVariables = Exact<{
  id: string;
}>;


export type GoNodeQuery = { node:
    | { __typename: 'ApiKey', id: string }
    | { __typename: 'AuditEntry', id: string }
    | { __typename: 'Channel', serviceId: string, id: string }
    | { __typename: 'ConsoleSession', id: string }
    | { __typename: 'Credential', id: string }
    | { __typename: 'Invite', id: string, channel: { id: string, serviceId: string } }
    | { __typename: 'Job', id: string }
    | { __typename: 'KeywordRule', id: string }
    | { __typename: 'Member', id: string, channel: { id: string, serviceId: string } }
    | { __typename: 'Message', index: number, id: string, channel: { id: string, serviceId: string } }
    | { __typename: 'Role', serviceId: string, type: RoleType, id: string }
    | { __typename: 'ScheduledMessage', id: string }
    | { __typename: 'Service', id: string }
    | { __typename: 'User', serviceId: string, id: string }
    | { __typename: 'WebhookDelivery', id: string }
   | null };

export type GoNameQueryVariables = Exact<{
  text: string;
  mayBeChannel: boolean;
  serviceId?: string | null | undefined;
}>;


export type GoNameQuery = { users: { nodes: Array<{ id: string, identity: string }> } | null, channels?: { nodes: Array<{ id: string, uniqueName: string | null }> } | null };

export type InviteRowFieldsFragment = { id: string, identity: string, createdBy: string, createdAt: string, role: { id: string, friendlyName: string }, user: { id: string, friendlyName: string | null }, channel: { serviceId: string, id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean } };

export type InviteRowsQueryVariables = Exact<{
  serviceId?: string | null | undefined;
  filter?: InviteFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type InviteRowsQuery = { invites: { nodes: Array<{ id: string, identity: string, createdBy: string, createdAt: string, role: { id: string, friendlyName: string }, user: { id: string, friendlyName: string | null }, channel: { serviceId: string, id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type InviteItemQueryVariables = Exact<{
  id: string;
}>;


export type InviteItemQuery = { invite: { id: string, identity: string, createdBy: string, createdAt: string, role: { id: string, friendlyName: string }, user: { id: string, friendlyName: string | null }, channel: { serviceId: string, id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean } } | null };

export type CreateInviteItemMutationVariables = Exact<{
  input: CreateInviteInput;
}>;


export type CreateInviteItemMutation = { createInvite: { invite: { id: string } } | null };

export type DeleteInviteItemMutationVariables = Exact<{
  input: DeleteInviteInput;
}>;


export type DeleteInviteItemMutation = { deleteInvite: { invite: { id: string } } | null };

export type JobRowFieldsFragment = { id: string, kind: JobKind | null, task: unknown, state: JobState, isCancelling: boolean, total: number | null, done: number, failed: number, skipped: number, createdAt: string, endedAt: string | null };

export type JobsQueryVariables = Exact<{
  serviceId?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type JobsQuery = { jobs: { nodes: Array<{ id: string, kind: JobKind | null, task: unknown, state: JobState, isCancelling: boolean, total: number | null, done: number, failed: number, skipped: number, createdAt: string, endedAt: string | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type JobQueryVariables = Exact<{
  id: string;
}>;


export type JobQuery = { job: { failureCode: string | null, failureReason: string | null, credentialId: string, consoleSessionId: string | null, startedAt: string | null, id: string, kind: JobKind | null, task: unknown, state: JobState, isCancelling: boolean, total: number | null, done: number, failed: number, skipped: number, createdAt: string, endedAt: string | null, errors: Array<{ subjectId: string, code: string, message: string }> } | null };

export type DryRunJobQueryVariables = Exact<{
  serviceId?: string | null | undefined;
  task: JobTask;
}>;


export type DryRunJobQuery = { dryRunJob: { count: number, isComplete: boolean, examples: Array<
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

export type SilentFieldsFragment = { id: string, host: string, lastHeardAt: string };

export type ConnectionRowFragment = { id: string, processId: string, protocol: ConnectionProtocol | null, isSignedIn: boolean, identity: string | null, apiKeyId: string | null, deviceId: string | null, address: string, connectedAt: string, subscriptionCount: number, bufferedBytes: number | null, queuedEvents: number | null, unansweredMs: number | null };

export type LiveConnectionsQueryVariables = Exact<{
  serviceId?: string | null | undefined;
  identity?: string | null | undefined;
  processId?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type LiveConnectionsQuery = { connections: { totalCount: number, silentProcesses: Array<{ id: string, host: string, lastHeardAt: string }>, nodes: Array<{ id: string, processId: string, protocol: ConnectionProtocol | null, isSignedIn: boolean, identity: string | null, apiKeyId: string | null, deviceId: string | null, address: string, connectedAt: string, subscriptionCount: number, bufferedBytes: number | null, queuedEvents: number | null, unansweredMs: number | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type LiveConnectionQueryVariables = Exact<{
  id: string;
}>;


export type LiveConnectionQuery = { connections: { silentProcesses: Array<{ id: string, host: string, lastHeardAt: string }>, nodes: Array<{ serviceId: string | null, userId: string | null, id: string, processId: string, protocol: ConnectionProtocol | null, isSignedIn: boolean, identity: string | null, apiKeyId: string | null, deviceId: string | null, address: string, connectedAt: string, subscriptionCount: number, bufferedBytes: number | null, queuedEvents: number | null, unansweredMs: number | null }> } | null };

export type CloseLiveConnectionMutationVariables = Exact<{
  input: CloseConnectionInput;
}>;


export type CloseLiveConnectionMutation = { closeConnection: { wasFound: boolean, silentProcesses: Array<{ id: string, host: string, lastHeardAt: string }> } | null };

export type ProcessNamesQueryVariables = Exact<{ [key: string]: never; }>;


export type ProcessNamesQuery = { processes: Array<{ id: string, host: string, pid: number, worker: number | null, state: ProcessState }> | null };

export type DefaultServiceQueryVariables = Exact<{ [key: string]: never; }>;


export type DefaultServiceQuery = { viewer: { service: { id: string } } | null };

export type BacklogRowFragment = { memberId: string, userId: string, identity: string, deviceId: string | null, deliveredIndex: number | null, pendingCount: number, hasMore: boolean, oldestIndex: number | null, oldestAt: string | null, lastSeenAt: string, channel: { id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean } };

export type BacklogsQueryVariables = Exact<{
  serviceId?: string | null | undefined;
  channelId?: string | null | undefined;
  userId?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type BacklogsQuery = { deliveryBacklogs: { nodes: Array<{ memberId: string, userId: string, identity: string, deviceId: string | null, deliveredIndex: number | null, pendingCount: number, hasMore: boolean, oldestIndex: number | null, oldestAt: string | null, lastSeenAt: string, channel: { id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type MemberBacklogsQueryVariables = Exact<{
  serviceId?: string | null | undefined;
  channelId: string;
  userId: string;
}>;


export type MemberBacklogsQuery = { deliveryBacklogs: { nodes: Array<{ memberId: string, userId: string, identity: string, deviceId: string | null, deliveredIndex: number | null, pendingCount: number, hasMore: boolean, oldestIndex: number | null, oldestAt: string | null, lastSeenAt: string, channel: { id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean } }> } | null };

export type RefusalsQueryVariables = Exact<{
  serviceId?: string | null | undefined;
  kind?: RefusalKind | null | undefined;
  first?: number | null | undefined;
}>;


export type RefusalsQuery = { rateRefusals: { nodes: Array<{ kind: RefusalKind, serviceId: string | null, userId: string | null, identity: string | null, apiKeyId: string | null, count: number, lastRefusedAt: string, limit: number | null, seconds: number | null }>, silentProcesses: Array<{ id: string, host: string, lastHeardAt: string }> } | null };

export type LimitsInForceQueryVariables = Exact<{
  serviceId: string;
}>;


export type LimitsInForceQuery = { service: { id: string, friendlyName: string, limits: { userSockets: number, userSubscriptions: number, userSends: { limit: number, seconds: number }, userOperations: { limit: number, seconds: number }, userTyping: { limit: number, seconds: number } } } | null };

export type MemberRowFieldsFragment = { id: string, channelId: string, identity: string, createdAt: string, lastReadIndex: number | null, lastReadAt: string | null, unreadCount: number | null, role: { id: string, friendlyName: string }, user: { id: string, friendlyName: string | null } };

export type MemberRowsQueryVariables = Exact<{
  channelId: string;
  identities?: Array<string> | string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type MemberRowsQuery = { channel: { id: string, members: { nodes: Array<{ id: string, channelId: string, identity: string, createdAt: string, lastReadIndex: number | null, lastReadAt: string | null, unreadCount: number | null, role: { id: string, friendlyName: string }, user: { id: string, friendlyName: string | null } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } } | null };

export type MemberItemQueryVariables = Exact<{
  id: string;
}>;


export type MemberItemQuery = { member: { unreadMentionsCount: number | null, updatedAt: string, id: string, channelId: string, identity: string, createdAt: string, lastReadIndex: number | null, lastReadAt: string | null, unreadCount: number | null, channel: { serviceId: string, messagesCount: number, id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean }, preferences: { pinnedOrder: number | null, muteEndsAt: string | null, isArchived: boolean, isHidden: boolean, notificationLevel: NotificationLevel | null } | null, role: { id: string, friendlyName: string }, user: { id: string, friendlyName: string | null } } | null };

export type MemberBacklogQueryVariables = Exact<{
  channelId: string;
  userId: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type MemberBacklogQuery = { deliveryBacklogs: { nodes: Array<{ deviceId: string | null, deliveredIndex: number | null, pendingCount: number, hasMore: boolean, oldestAt: string | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type AddMemberItemMutationVariables = Exact<{
  input: AddMemberInput;
}>;


export type AddMemberItemMutation = { addMember: { member: { id: string } } | null };

export type UpdateMemberItemMutationVariables = Exact<{
  input: UpdateMemberInput;
}>;


export type UpdateMemberItemMutation = { updateMember: { member: { id: string } } | null };

export type RemoveMemberItemMutationVariables = Exact<{
  input: RemoveMemberInput;
}>;


export type RemoveMemberItemMutation = { removeMember: { member: { id: string } } | null };

export type MessageRowFieldsFragment = { id: string, index: number, channelId: string, authorIdentity: string, body: string, createdAt: string, deletedAt: string | null, wasEdited: boolean, pinnedAt: string | null, parentIndex: number | null, replyCount: number, streamState: StreamState | null, isShownInChannel: boolean };

export type MessageRowsQueryVariables = Exact<{
  channelId: string;
  around?: MessagesAround | null | undefined;
  includeReplies?: boolean | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type MessageRowsQuery = { channel: { id: string, messages: { nodes: Array<{ id: string, index: number, channelId: string, authorIdentity: string, body: string, createdAt: string, deletedAt: string | null, wasEdited: boolean, pinnedAt: string | null, parentIndex: number | null, replyCount: number, streamState: StreamState | null, isShownInChannel: boolean }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } } | null };

export type FoundMessagesQueryVariables = Exact<{
  serviceId?: string | null | undefined;
  query: string;
  filter?: MessageSearchFilter | null | undefined;
  orderBy?: SearchOrder | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type FoundMessagesQuery = { searchMessages: { isCorrected: boolean, edges: Array<{ highlights: Array<{ start: number, end: number }>, node: { id: string, index: number, channelId: string, authorIdentity: string, body: string, createdAt: string, deletedAt: string | null, wasEdited: boolean, pinnedAt: string | null, parentIndex: number | null, replyCount: number, streamState: StreamState | null, isShownInChannel: boolean, channel: { id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean } } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type MessagePlaceQueryVariables = Exact<{
  id: string;
}>;


export type MessagePlaceQuery = { message: { id: string, index: number, channelId: string } | null };

export type MessageItemQueryVariables = Exact<{
  id: string;
}>;


export type MessageItemQuery = { message: { clientMessageId: string | null, attributes: unknown, version: number, editedAt: string | null, lastUpdatedBy: string | null, isSilent: boolean, pinnedBy: string | null, lastReplyAt: string | null, readCount: number | null, deliveredCount: number | null, id: string, index: number, channelId: string, authorIdentity: string, body: string, createdAt: string, deletedAt: string | null, wasEdited: boolean, pinnedAt: string | null, parentIndex: number | null, replyCount: number, streamState: StreamState | null, isShownInChannel: boolean, author: { id: string, friendlyName: string | null } | null, channel: { serviceId: string, isFrozen: boolean, id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean }, parent: { id: string, index: number, authorIdentity: string, body: string } | null, quote: { messageId: string, message: { id: string, index: number, authorIdentity: string, body: string } | null } | null, mentions: { channel: boolean, identities: Array<string> }, reactions: Array<{ reaction: string, count: number }> } | null };

export type MessageVersionsQueryVariables = Exact<{
  id: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type MessageVersionsQuery = { message: { id: string, edits: { nodes: Array<{ version: number, body: string, writtenBy: string, writtenAt: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null } | null };

export type MessageRepliesQueryVariables = Exact<{
  id: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type MessageRepliesQuery = { message: { id: string, replies: { nodes: Array<{ id: string, index: number, authorIdentity: string, body: string, createdAt: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } } | null };

export type MessageReadersQueryVariables = Exact<{
  id: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type MessageReadersQuery = { message: { id: string, readBy: { nodes: Array<{ id: string, identity: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null } | null };

export type MessageReceiversQueryVariables = Exact<{
  id: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type MessageReceiversQuery = { message: { id: string, deliveredTo: { nodes: Array<{ id: string, identity: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null } | null };

export type UpdateMessageItemMutationVariables = Exact<{
  input: UpdateMessageInput;
}>;


export type UpdateMessageItemMutation = { updateMessage: { message: { id: string } } | null };

export type DeleteMessageItemMutationVariables = Exact<{
  input: DeleteMessageInput;
}>;


export type DeleteMessageItemMutation = { deleteMessage: { message: { id: string } } | null };

export type PinMessageItemMutationVariables = Exact<{
  input: PinMessageInput;
}>;


export type PinMessageItemMutation = { pinMessage: { message: { id: string } } | null };

export type UnpinMessageItemMutationVariables = Exact<{
  input: UnpinMessageInput;
}>;


export type UnpinMessageItemMutation = { unpinMessage: { message: { id: string } } | null };

export type OverviewProcessesQueryVariables = Exact<{ [key: string]: never; }>;


export type OverviewProcessesQuery = { processes: Array<{ id: string, host: string, pid: number, worker: number | null, version: string, startedAt: string, lastSeenAt: string, state: ProcessState, isAnswering: boolean, latest: { seconds: number, connections: number, subscriptions: number, sends: number, deliveries: number, deliveryP50Ms: number | null, deliveryP99Ms: number | null, eventLoopLagP99Ms: number, poolSize: number, poolInUse: number, poolWaiting: number, memoryBytes: number } | null }> | null };

export type ProcessHistoryQueryVariables = Exact<{ [key: string]: never; }>;


export type ProcessHistoryQuery = { processes: Array<{ id: string, host: string, pid: number, worker: number | null, state: ProcessState, history: Array<{ minute: string, seconds: number, connections: number, subscriptions: number, sends: number, deliveries: number, deliveryP99Ms: number | null, eventLoopLagP99Ms: number, poolSize: number, poolInUse: number, poolLongestWaitMs: number, memoryBytes: number, webhooksWaiting: number, scheduledOverdue: number, refusals: Array<{ count: number }> }> }> | null };

export type DeploymentStateQueryVariables = Exact<{ [key: string]: never; }>;


export type DeploymentStateQuery = { deployment: { database: { engine: DatabaseEngine, isAnswering: boolean, answerAgeMs: number, roundTripMs: number, version: string | null, sizeBytes: number | null, isPrimary: boolean | null, connections: number | null, maxConnections: number | null, standbys: Array<{ name: string, state: string | null, syncState: string | null, lagBytes: number | null, lagMs: number | null }> | null }, redis: { isAnswering: boolean, mode: RedisMode | null, version: string | null, usedBytes: number | null, maxBytes: number | null, roundTripMs: number | null } | null, queues: { webhookDeliveries: number, webhookQueues: number, oldestWebhookDeliverySeconds: number, deadWebhookDeliveries: number, scheduledMessages: number, scheduledOverdue: number, scheduledOverdueSeconds: number, remindersOverdue: number } | null } | null };

export type DeploymentFindingsQueryVariables = Exact<{ [key: string]: never; }>;


export type DeploymentFindingsQuery = { deployment: { findings: { checkedAt: string | null, isChecking: boolean, items: Array<{ code: string, severity: FindingSeverity, subject: string | null, text: string, remedy: string }> } } | null };

export type ChannelByNameQueryVariables = Exact<{
  serviceId?: string | null | undefined;
  name: string;
}>;


export type ChannelByNameQuery = { channels: { nodes: Array<{ id: string, uniqueName: string | null }> } | null };

export type ChannelHeadQueryVariables = Exact<{
  id: string;
}>;


export type ChannelHeadQuery = { channel: { serviceId: string, isFrozen: boolean, membersCount: number, messagesCount: number, firstIndex: number, id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean } | null };

export type RoleColumnFieldsFragment = { id: string, serviceId: string, friendlyName: string, type: RoleType, permissions: Array<string>, updatedAt: string };

export type RoleMatrixQueryVariables = Exact<{
  serviceId?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type RoleMatrixQuery = { permissions: Array<{ name: string, description: string, roleTypes: Array<RoleType>, widerName: string | null }> | null, service: { id: string, defaultServiceRole: { id: string }, defaultChannelRole: { id: string }, defaultChannelCreatorRole: { id: string }, roles: { nodes: Array<{ id: string, serviceId: string, friendlyName: string, type: RoleType, permissions: Array<string>, updatedAt: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } } | null };

export type RoleChoicesQueryVariables = Exact<{
  serviceId?: string | null | undefined;
}>;


export type RoleChoicesQuery = { service: { id: string, roles: { nodes: Array<{ id: string, friendlyName: string, type: RoleType }> } } | null };

export type TryPermissionQueryVariables = Exact<{
  identity: string;
  action: CheckedAction;
  channelId?: string | null | undefined;
  messageId?: string | null | undefined;
  serviceId?: string | null | undefined;
}>;


export type TryPermissionQuery = { permissionCheck: { isAllowed: boolean, user: { id: string, identity: string, role: { id: string, friendlyName: string } } | null, member: { id: string, channelId: string, role: { id: string, friendlyName: string } } | null, permissions: Array<{ name: string, roles: Array<{ id: string, friendlyName: string, type: RoleType }> }>, refusal: { reason: RefusalReason, code: string, chatCode: number | null, message: string } | null } | null };

export type CreateRoleColumnMutationVariables = Exact<{
  input: CreateRoleInput;
}>;


export type CreateRoleColumnMutation = { createRole: { role: { id: string } } | null };

export type UpdateRoleColumnMutationVariables = Exact<{
  input: UpdateRoleInput;
}>;


export type UpdateRoleColumnMutation = { updateRole: { role: { id: string, serviceId: string, friendlyName: string, type: RoleType, permissions: Array<string>, updatedAt: string } } | null };

export type DeleteRoleColumnMutationVariables = Exact<{
  input: DeleteRoleInput;
}>;


export type DeleteRoleColumnMutation = { deleteRole: { role: { id: string } } | null };

export type RuleFieldsFragment = { id: string, name: string, words: Array<string>, pattern: string | null, action: KeywordAction };

export type RulesQueryVariables = Exact<{
  serviceId?: string | null | undefined;
}>;


export type RulesQuery = { service: { id: string, keywordRules: Array<{ id: string, name: string, words: Array<string>, pattern: string | null, action: KeywordAction }> | null } | null };

export type TryRuleQueryVariables = Exact<{
  input: DryRunRuleInput;
  since: string;
}>;


export type TryRuleQuery = { dryRunRule: { scanned: number, matched: number, isComplete: boolean, scannedUntil: string | null, examples: Array<{ masked: string, matches: Array<{ offset: number, length: number }>, message: { id: string, body: string, authorIdentity: string, createdAt: string } }> } | null };

export type FlaggedQueryVariables = Exact<{
  serviceId?: string | null | undefined;
  keywordRuleId?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type FlaggedQuery = { flaggedMessages: { nodes: Array<{ keywordRuleIds: Array<string>, message: { id: string, body: string, authorIdentity: string, channelId: string, createdAt: string, channel: { id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean } } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type CreateRuleMutationVariables = Exact<{
  input: CreateKeywordRuleInput;
}>;


export type CreateRuleMutation = { createKeywordRule: { keywordRule: { id: string, name: string, words: Array<string>, pattern: string | null, action: KeywordAction } } | null };

export type UpdateRuleMutationVariables = Exact<{
  input: UpdateKeywordRuleInput;
}>;


export type UpdateRuleMutation = { updateKeywordRule: { keywordRule: { id: string, name: string, words: Array<string>, pattern: string | null, action: KeywordAction } } | null };

export type DeleteRuleMutationVariables = Exact<{
  input: DeleteKeywordRuleInput;
}>;


export type DeleteRuleMutation = { deleteKeywordRule: { keywordRule: { id: string } } | null };

export type ScheduledQueryVariables = Exact<{
  serviceId?: string | null | undefined;
  state?: ScheduledMessageState | null | undefined;
  authorIdentity?: string | null | undefined;
  channelId?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ScheduledQuery = { scheduledMessages: { nodes: Array<{ id: string, body: string, authorIdentity: string, channelId: string, sendAt: string, state: ScheduledMessageState, channel: { id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean } | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type ScheduledOneQueryVariables = Exact<{
  id: string;
}>;


export type ScheduledOneQuery = { scheduledMessage: { id: string, body: string, attributes: unknown, channelId: string, sendAt: string, state: ScheduledMessageState, failureCode: string | null, failureReason: string | null, messageId: string | null, version: number, createdAt: string, updatedAt: string, author: { id: string, identity: string }, channel: { id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean } | null } | null };

export type CancelScheduledMutationVariables = Exact<{
  input: CancelScheduledMessageInput;
}>;


export type CancelScheduledMutation = { cancelScheduledMessage: { scheduledMessage: { id: string, state: ScheduledMessageState } } | null };

export type ServicesQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ServicesQuery = { services: { nodes: Array<{ id: string, friendlyName: string, isDefault: boolean, createdAt: string, updatedAt: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type ServiceSettingsQueryVariables = Exact<{
  id: string;
}>;


export type ServiceSettingsQuery = { service: { id: string, friendlyName: string, isDefault: boolean, createdAt: string, updatedAt: string, readStatusEnabled: boolean, readReceiptsMaxMembers: number, reachabilityEnabled: boolean, userDirectory: UserDirectory, editHistory: EditHistory, language: string, typingIndicatorTimeout: number, consumptionReportInterval: number, defaultServiceRole: { id: string }, defaultChannelRole: { id: string }, defaultChannelCreatorRole: { id: string }, roles: { nodes: Array<{ id: string, friendlyName: string, type: RoleType }> }, limits: { channelMembers: number, userChannels: number, userSockets: number, userSubscriptions: number, userSends: { limit: number, seconds: number }, userOperations: { limit: number, seconds: number }, userTyping: { limit: number, seconds: number } }, webhooks: { preUrl: string | null, postUrl: string | null, method: WebhookMethod, bodyFormat: WebhookBodyFormat, filters: Array<WebhookEvent>, enabled: boolean, apiEnabled: boolean, preTimeoutMilliseconds: number, preRequired: boolean, targets: Array<{ event: WebhookEvent, url: string | null, method: WebhookMethod | null }> } | null, notifications: { newMessage: { enabled: boolean, template: string | null }, addedToChannel: { enabled: boolean, template: string | null }, removedFromChannel: { enabled: boolean, template: string | null }, invitedToChannel: { enabled: boolean, template: string | null } } | null } | null, events: { enumValues: Array<{ name: string }> | null } | null };

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

export type StreamsQueryVariables = Exact<{
  serviceId?: string | null | undefined;
  channelId?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type StreamsQuery = { messageStreams: { nodes: Array<{ bytes: number, appendedAt: string, processId: string, message: { id: string, authorIdentity: string, channelId: string, createdAt: string, channel: { id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean } } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type StreamQueryVariables = Exact<{
  id: string;
}>;


export type StreamQuery = { message: { id: string, body: string, streamState: StreamState | null, authorIdentity: string, channelId: string, createdAt: string, channel: { id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean } } | null };

export type FinishStreamMutationVariables = Exact<{
  input: FinishMessageInput;
}>;


export type FinishStreamMutation = { finishMessage: { message: { id: string, streamState: StreamState | null } } | null };

export type CancelStreamMutationVariables = Exact<{
  input: CancelMessageInput;
}>;


export type CancelStreamMutation = { cancelMessage: { message: { id: string, streamState: StreamState | null } } | null };

export type UserRowFieldsFragment = { id: string, identity: string, friendlyName: string | null, joinedChannelsCount: number, isOnline: boolean | null, lastSeenAt: string | null, role: { id: string, friendlyName: string } };

export type UserRowsQueryVariables = Exact<{
  serviceId?: string | null | undefined;
  filter?: UserFilter | null | undefined;
  orderBy?: UserOrder | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type UserRowsQuery = { users: { nodes: Array<{ id: string, identity: string, friendlyName: string | null, joinedChannelsCount: number, isOnline: boolean | null, lastSeenAt: string | null, role: { id: string, friendlyName: string } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type UserItemFieldsFragment = { serviceId: string, attributes: unknown, avatarUrl: string | null, locale: string | null, timeZone: string | null, isInvisible: boolean | null, isNotifiable: boolean | null, readReceiptsEnabled: boolean | null, createdAt: string, updatedAt: string, id: string, identity: string, friendlyName: string | null, joinedChannelsCount: number, isOnline: boolean | null, lastSeenAt: string | null, status: { text: string | null, emoji: string | null, until: string | null } | null, role: { id: string, friendlyName: string } };

export type UserItemQueryVariables = Exact<{
  id: string;
}>;


export type UserItemQuery = { user: { serviceId: string, attributes: unknown, avatarUrl: string | null, locale: string | null, timeZone: string | null, isInvisible: boolean | null, isNotifiable: boolean | null, readReceiptsEnabled: boolean | null, createdAt: string, updatedAt: string, id: string, identity: string, friendlyName: string | null, joinedChannelsCount: number, isOnline: boolean | null, lastSeenAt: string | null, status: { text: string | null, emoji: string | null, until: string | null } | null, role: { id: string, friendlyName: string } } | null };

export type UserItemChannelsQueryVariables = Exact<{
  id: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type UserItemChannelsQuery = { user: { id: string, channels: { nodes: Array<{ id: string, status: UserChannelStatus, unreadCount: number | null, channel: { isFrozen: boolean, id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean }, member: { id: string, role: { id: string, friendlyName: string } } | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } } | null };

export type UserBacklogQueryVariables = Exact<{
  userId: string;
  serviceId: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type UserBacklogQuery = { deliveryBacklogs: { nodes: Array<{ deviceId: string | null, pendingCount: number, hasMore: boolean, oldestAt: string | null, channel: { id: string, friendlyName: string | null, uniqueName: string | null, type: ChannelType, isDirect: boolean } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type CreateUserItemMutationVariables = Exact<{
  input: CreateUserInput;
}>;


export type CreateUserItemMutation = { createUser: { user: { id: string } } | null };

export type UpdateUserItemMutationVariables = Exact<{
  input: UpdateUserInput;
}>;


export type UpdateUserItemMutation = { updateUser: { user: { id: string } } | null };

export type DeleteUserItemMutationVariables = Exact<{
  input: DeleteUserInput;
}>;


export type DeleteUserItemMutation = { deleteUser: { user: { id: string } } | null };
