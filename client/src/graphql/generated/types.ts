/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** Input of `addReaction`. */
export type AddReactionInput = {
  /** SID of the message to react to. */
  messageId: string;
  /** An emoji or a name, at most 64 bytes in UTF-8, without white space and control characters. It is stored in one spelling: composed (NFC), an emoji with U+FE0F where Unicode wants it. */
  reaction: string;
};

/** Input of `appendToMessage`. */
export type AppendToMessageInput = {
  /** SID of a message whose `streamState` is STREAMING. */
  messageId: string;
  /** The length of the text before the piece, in UTF-16 code units (`length` in JavaScript). With another one nothing is appended: CONFLICT, with the right one as `currentOffset` in its extensions. */
  offset: number;
  /** The piece. It must not be empty, contain U+0000 or split a surrogate pair. The whole text has at most 32 KiB in UTF-8 (50504). */
  text: string;
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

/** The newest position of one channel that a client has seen. */
export type ChannelPosition = {
  /** The cursor that was seen last in the channel. */
  after: string;
  /** SID of the channel. */
  channelId: string;
};

/** The visibility of a channel. */
export type ChannelType =
  /** Only members, invited users and the backend see the channel. */
  | 'PRIVATE'
  /** Every user of the service sees the channel and, with the permission `joinChannel`, may join it. */
  | 'PUBLIC';

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

/** Input of `createInvite`. */
export type CreateInviteInput = {
  /** SID or unique name of the channel. */
  channelId: string;
  /** Identity of the user to invite, which must exist in the service (50200). */
  identity: string;
  /** Backend only (50205): SID of the channel role that the user gets by joining (50101); by default the service’s default channel role. */
  roleId?: string | null | undefined;
};

/** Input of `declineInvite`. */
export type DeclineInviteInput = {
  /** SID or unique name of the channel whose invite is declined. */
  channelId: string;
};

/** Input of `deleteDraft`. */
export type DeleteDraftInput = {
  /** SID or unique name of the channel. */
  channelId: string;
  /** The `version` that the caller has seen; 0 when it has seen none. When the draft has another one, nothing is changed: CONFLICT, with that one as `currentVersion` in its extensions, 0 for none. */
  expectedVersion?: number | null | undefined;
  /** SID of the message whose thread the draft is in; the channel itself when left out. */
  parentId?: string | null | undefined;
};

/** Input of `deleteMessage`. */
export type DeleteMessageInput = {
  /** SID or unique name of a channel. A message of another channel is NOT_FOUND. */
  channelId?: string | null | undefined;
  /** SID of the message to delete. */
  messageId: string;
};

/** Input of `finishMessage`. */
export type FinishMessageInput = {
  /** SID of a message whose text is being written. */
  messageId: string;
  /** The length that the text must have, in UTF-16 code units: best given, since a server that died may have lost its end. Otherwise nothing is finished: CONFLICT, with the length that it has as `currentOffset` in its extensions. */
  offset?: number | null | undefined;
};

/** Input of `followThread`. */
export type FollowThreadInput = {
  /** SID of the message that is replied to. BAD_USER_INPUT for a reply. */
  parentId: string;
};

/** Input of `joinChannel`. */
export type JoinChannelInput = {
  /** SID or unique name of the channel. */
  channelId: string;
};

/** Input of `leaveChannel`. */
export type LeaveChannelInput = {
  /** SID or unique name of the channel. */
  channelId: string;
};

/** Input of `markRead`. */
export type MarkReadInput = {
  /** SID or unique name of the channel. */
  channelId: string;
  /** Index of the newest message that the user has read, which must be a message of the channel (50406). The horizon never goes back: an index below `lastReadIndex` leaves it where it is. */
  throughIndex: number;
};

/** Input of `markThreadRead`. */
export type MarkThreadReadInput = {
  /** SID of the message that is replied to. BAD_USER_INPUT for a reply. */
  parentId: string;
  /** Index of the newest reply that the user has read, which must be the index of a message of the channel (50406). It never goes back. */
  throughIndex: number;
};

/** Input of `markUnread`. */
export type MarkUnreadInput = {
  /** SID of the first message that is to be unread. */
  messageId: string;
};

/** A filter for `Viewer.mentions`. */
export type MentionFilter = {
  /** Only messages that the user has not read, without silent ones; all by default. */
  unread?: boolean | null | undefined;
};

/** The members whom a message is to name. */
export type MentionsInput = {
  /** Whether the message names all members of the channel; needs the permission `mentionChannel`. `false` by default. */
  channel?: boolean | null | undefined;
  /** Identities of members of the channel, at most 50. Others are left out, and named by `droppedMentions`. */
  identities?: Array<string> | null | undefined;
};

/** The part of a message that has changed. */
export type MessageChange =
  /** Its body or its attributes were edited. */
  | 'EDIT'
  /** It was pinned or unpinned. */
  | 'PIN'
  /** Reactions were added or removed while the stream was away. */
  | 'REACTIONS'
  /** Replies were added or removed while the stream was away. */
  | 'THREAD';

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

/** Input of `openDirectChannel`. */
export type OpenDirectChannelInput = {
  /** Identities of the other people, from 1 to 9, of at most 256 characters each (50207) and not shaped like a user SID (50206). Users with unknown identities are created. */
  identities: Array<string>;
};

/** Input of `pinMessage`. */
export type PinMessageInput = {
  /** SID of the message to pin. */
  messageId: string;
};

/** A filter for a list of public channels. */
export type PublicChannelFilter = {
  /** Only channels whose friendly name, or else unique name, begins with this text of at most 64 characters, in any case, with or without accents. The list is then ordered by NAME. */
  name?: string | null | undefined;
};

/** Input of `removeReaction`. */
export type RemoveReactionInput = {
  /** SID of the message. */
  messageId: string;
  /** The reaction to take away, in any spelling that `addReaction` takes. */
  reaction: string;
};

/** Input of `renewToken`. */
export type RenewTokenInput = {
  /** An access token of the same user and service. */
  token: string;
};

/** Input of `saveDraft`. */
export type SaveDraftInput = {
  /** Data of the application, at most 4 KiB as JSON. */
  attributes?: unknown;
  /** The text, at most 32 KiB in UTF-8 (50504). It may be empty and must not contain U+0000. */
  body: string;
  /** SID or unique name of the channel. */
  channelId: string;
  /** The `clientMessageId` that the message will be sent with, of at most 128 characters. A client chooses a new one for each message. */
  clientMessageId: string;
  /** The `version` that the caller has seen; 0 when it has seen none. When the draft has another one, nothing is changed: CONFLICT, with that one as `currentVersion` in its extensions, 0 for none. */
  expectedVersion?: number | null | undefined;
  /** The members whom the message names; nobody by default. The text is not looked at. */
  mentions?: MentionsInput | null | undefined;
  /** SID of a message of the channel to which this is a reply. BAD_USER_INPUT for a reply, NOT_FOUND 50500 for a message of another channel, and for a deleted one without replies. */
  parentId?: string | null | undefined;
  /** SID of a message of the channel that this one quotes. NOT_FOUND 50500 when there is none, or it is deleted. */
  quotedMessageId?: string | null | undefined;
  /** Only with `parentId`: whether the channel shows the reply among its messages. `false` by default. */
  showInChannel?: boolean | null | undefined;
  /** Whether the message counts for no unread and no notification. It is delivered like any other. `false` by default. */
  silent?: boolean | null | undefined;
};

/** Input of `saveMessage`. */
export type SaveMessageInput = {
  /** SID of the message to save. */
  messageId: string;
  /** The time at which the caller’s devices are reminded: in the future, and at most a year ahead. Null removes the reminder; left out, it stays as it is. */
  remindAt?: string | null | undefined;
};

/** Input of `scheduleMessage`. */
export type ScheduleMessageInput = {
  /** Data of the application, at most 4 KiB as JSON. */
  attributes?: unknown;
  /** The text, at most 32 KiB in UTF-8 (50504). It may be empty and must not contain U+0000. */
  body: string;
  /** SID or unique name of the channel. */
  channelId: string;
  /** An id that the client chooses, of at most 128 characters. A repetition with the same id returns what was scheduled first, and schedules nothing. */
  clientMessageId?: string | null | undefined;
  /** The members whom the message names; nobody by default. The text is not looked at. */
  mentions?: MentionsInput | null | undefined;
  /** SID of a message of the channel to which this is a reply. BAD_USER_INPUT for a reply, NOT_FOUND 50500 for a message of another channel, and for a deleted one without replies. */
  parentId?: string | null | undefined;
  /** SID of a message of the channel that this one quotes. NOT_FOUND 50500 when there is none, or it is deleted. */
  quotedMessageId?: string | null | undefined;
  /** The time at which it is sent: in the future, and at most a year ahead. */
  sendAt: string;
  /** Only with `parentId`: whether the channel shows the reply among its messages. `false` by default. */
  showInChannel?: boolean | null | undefined;
  /** Whether the message counts for no unread and no notification. It is delivered like any other. `false` by default. */
  silent?: boolean | null | undefined;
};

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

/** Input of `sendMessage`. */
export type SendMessageInput = {
  /** Data of the application, at most 4 KiB as JSON. */
  attributes?: unknown;
  /** Backend only: identity in whose name the message is sent. `system` by default. */
  authorIdentity?: string | null | undefined;
  /** The text, at most 32 KiB in UTF-8 (50504). It may be empty and must not contain U+0000. */
  body: string;
  /** SID or unique name of the channel. */
  channelId: string;
  /** An id that the client chooses, of at most 128 characters. A repetition with the same id in the same channel returns the first message and sends no second one. */
  clientMessageId?: string | null | undefined;
  /** Whether the text goes on with `appendToMessage` while it is read, until `finishMessage`; `body` is how it begins. Needs the permission `streamMessage`. CONFLICT when 20 messages of the channel are being written, RATE_LIMITED when the process writes 1,000 texts, or 100 of the user. `false` by default. */
  isStreaming?: boolean | null | undefined;
  /** The members whom the message names; nobody by default. The text is not looked at. */
  mentions?: MentionsInput | null | undefined;
  /** SID of a message of the channel to which this is a reply. BAD_USER_INPUT for a reply, NOT_FOUND 50500 for a message of another channel, and for a deleted one without replies. */
  parentId?: string | null | undefined;
  /** SID of a message of the channel that this one quotes. NOT_FOUND 50500 when there is none, or it is deleted. */
  quotedMessageId?: string | null | undefined;
  /** Only with `parentId`: whether the channel shows the reply among its messages. `false` by default. */
  showInChannel?: boolean | null | undefined;
  /** Whether the message counts for no unread and no notification. It is delivered like any other. `false` by default. */
  silent?: boolean | null | undefined;
};

/** Input of `startTyping`. */
export type StartTypingInput = {
  /** SID or unique name of the channel. */
  channelId: string;
  /** SID of the message to which the user is typing a reply: then `ThreadTypingStarted` reports it, and `TypingStarted` does not. BAD_USER_INPUT for a reply, NOT_FOUND (50500) for a message that takes no replies. */
  parentId?: string | null | undefined;
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

/** Input of `unfollowThread`. */
export type UnfollowThreadInput = {
  /** SID of the message that is replied to. BAD_USER_INPUT for a reply. */
  parentId: string;
};

/** Input of `unpinMessage`. */
export type UnpinMessageInput = {
  /** SID of the message to unpin. */
  messageId: string;
};

/** Input of `unsaveMessage`. */
export type UnsaveMessageInput = {
  /** SID of the message to take from the saved ones. */
  messageId: string;
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

/** Input of `updateChannelPreferences`. Fields that are left out keep their values. */
export type UpdateChannelPreferencesInput = {
  /** Data of the application, at most 4 KiB as JSON. It replaces all previous attributes. */
  attributes?: unknown;
  /** SID or unique name of the channel. */
  channelId: string;
  /** Whether to archive the channel: `Viewer.channels` leaves it out until that is taken back. */
  isArchived?: boolean | null | undefined;
  /** Whether to hide the channel: `Viewer.channels` leaves it out until its next message. */
  isHidden?: boolean | null | undefined;
  /** Mutes the channel until this time, which may be as late as the year 9999; null ends the mute. */
  muteEndsAt?: string | null | undefined;
  /** The messages that the user wants to be notified of; null takes the choice back. */
  notificationLevel?: NotificationLevel | null | undefined;
  /** Pins the channel at this place among the pinned ones, from 0 on; null unpins it. Several channels may have one place. */
  pinnedOrder?: number | null | undefined;
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

/** Input of `updateScheduledMessage`. Fields that are left out keep their values. */
export type UpdateScheduledMessageInput = {
  /** Data of the application, at most 4 KiB as JSON. It replaces all previous attributes. */
  attributes?: unknown;
  /** The new text, at most 32 KiB in UTF-8 (50504). It may be empty and must not contain U+0000. */
  body?: string | null | undefined;
  /** The `version` that the caller has seen. When the scheduled message has another one, nothing is changed: CONFLICT, with that one as `currentVersion` in its extensions. */
  expectedVersion?: number | null | undefined;
  /** SID of the scheduled message. */
  scheduledMessageId: string;
  /** The time at which it is sent: in the future, and at most a year ahead. One that has failed needs it to be sent again. */
  sendAt?: string | null | undefined;
};

/** A filter for `Viewer.threads`. */
export type ViewerThreadFilter = {
  /** Only threads with unread replies, or only those without; all of them when left out. */
  unread?: boolean | null | undefined;
};

export type ChannelListQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type ChannelListQuery = { viewer: { id: string, channels: { nodes: Array<{ id: string, channelId: string, identity: string, revision: number, createdAt: string, lastReadIndex: number | null, unreadCount: number | null, channel: { id: string, revision: number, uniqueName: string | null, friendlyName: string | null, type: ChannelType, isDirect: boolean, isFrozen: boolean, attributes: unknown, firstIndex: number, membersCount: number, createdBy: string, createdAt: string, updatedAt: string, lastMessage: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } | null, members: { totalCount: number | null, nodes: Array<{ id: string, channelId: string, identity: string, revision: number, lastReadIndex: number | null, role: { id: string, friendlyName: string }, user: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } }> } }, role: { id: string, friendlyName: string, permissions: Array<string> }, preferences: { pinnedOrder: number | null, muteEndsAt: string | null, isArchived: boolean, isHidden: boolean, notificationLevel: NotificationLevel | null, attributes: unknown } | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null } | null };

export type ViewerMemberQueryVariables = Exact<{
  channelId: string;
  identity: string;
}>;


export type ViewerMemberQuery = { member: { id: string, channelId: string, identity: string, revision: number, createdAt: string, lastReadIndex: number | null, unreadCount: number | null, channel: { id: string, revision: number, uniqueName: string | null, friendlyName: string | null, type: ChannelType, isDirect: boolean, isFrozen: boolean, attributes: unknown, firstIndex: number, membersCount: number, createdBy: string, createdAt: string, updatedAt: string, lastMessage: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } | null, members: { totalCount: number | null, nodes: Array<{ id: string, channelId: string, identity: string, revision: number, lastReadIndex: number | null, role: { id: string, friendlyName: string }, user: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } }> } }, role: { id: string, friendlyName: string, permissions: Array<string> }, preferences: { pinnedOrder: number | null, muteEndsAt: string | null, isArchived: boolean, isHidden: boolean, notificationLevel: NotificationLevel | null, attributes: unknown } | null } | null };

export type MembersQueryVariables = Exact<{
  channelId: string;
  first: number;
  after?: string | null | undefined;
}>;


export type MembersQuery = { channel: { id: string, members: { totalCount: number | null, nodes: Array<{ id: string, channelId: string, identity: string, revision: number, lastReadIndex: number | null, role: { id: string, friendlyName: string }, user: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } } | null };

export type CreateChannelMutationVariables = Exact<{
  input: CreateChannelInput;
}>;


export type CreateChannelMutation = { createChannel: { cursor: string, channel: { id: string, revision: number, uniqueName: string | null, friendlyName: string | null, type: ChannelType, isDirect: boolean, isFrozen: boolean, attributes: unknown, firstIndex: number, membersCount: number, createdBy: string, createdAt: string, updatedAt: string } } | null };

export type UpdateChannelMutationVariables = Exact<{
  input: UpdateChannelInput;
}>;


export type UpdateChannelMutation = { updateChannel: { cursor: string, channel: { id: string, revision: number, uniqueName: string | null, friendlyName: string | null, type: ChannelType, isDirect: boolean, isFrozen: boolean, attributes: unknown, firstIndex: number, membersCount: number, createdBy: string, createdAt: string, updatedAt: string } } | null };

export type JoinChannelMutationVariables = Exact<{
  input: JoinChannelInput;
}>;


export type JoinChannelMutation = { joinChannel: { cursor: string, member: { id: string, channelId: string, identity: string, revision: number, createdAt: string, lastReadIndex: number | null, unreadCount: number | null, channel: { id: string, revision: number, uniqueName: string | null, friendlyName: string | null, type: ChannelType, isDirect: boolean, isFrozen: boolean, attributes: unknown, firstIndex: number, membersCount: number, createdBy: string, createdAt: string, updatedAt: string, lastMessage: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } | null, members: { totalCount: number | null, nodes: Array<{ id: string, channelId: string, identity: string, revision: number, lastReadIndex: number | null, role: { id: string, friendlyName: string }, user: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } }> } }, role: { id: string, friendlyName: string, permissions: Array<string> }, preferences: { pinnedOrder: number | null, muteEndsAt: string | null, isArchived: boolean, isHidden: boolean, notificationLevel: NotificationLevel | null, attributes: unknown } | null } } | null };

export type LeaveChannelMutationVariables = Exact<{
  input: LeaveChannelInput;
}>;


export type LeaveChannelMutation = { leaveChannel: { cursor: string, member: { id: string, channelId: string } } | null };

export type CreateInviteMutationVariables = Exact<{
  input: CreateInviteInput;
}>;


export type CreateInviteMutation = { createInvite: { invite: { id: string } } | null };

export type UpdateChannelPreferencesMutationVariables = Exact<{
  input: UpdateChannelPreferencesInput;
}>;


export type UpdateChannelPreferencesMutation = { updateChannelPreferences: { member: { id: string, channelId: string, identity: string, revision: number, createdAt: string, lastReadIndex: number | null, unreadCount: number | null, role: { id: string, friendlyName: string, permissions: Array<string> }, preferences: { pinnedOrder: number | null, muteEndsAt: string | null, isArchived: boolean, isHidden: boolean, notificationLevel: NotificationLevel | null, attributes: unknown } | null } } | null };

export type StartTypingMutationVariables = Exact<{
  input: StartTypingInput;
}>;


export type StartTypingMutation = { startTyping: { expiresAt: string } | null };

export type DeclineInviteMutationVariables = Exact<{
  input: DeclineInviteInput;
}>;


export type DeclineInviteMutation = { declineInvite: { invite: { id: string } } | null };

export type EventsSubscriptionVariables = Exact<{
  positions?: Array<ChannelPosition> | ChannelPosition | null | undefined;
}>;


export type EventsSubscription = { events:
    | { __typename: 'ChannelRemoved', cursor: string, channel: { id: string } }
    | { __typename: 'ChannelTruncated', cursor: string, firstIndex: number, channel: { id: string, revision: number, uniqueName: string | null, friendlyName: string | null, type: ChannelType, isDirect: boolean, isFrozen: boolean, attributes: unknown, firstIndex: number, membersCount: number, createdBy: string, createdAt: string, updatedAt: string } }
    | { __typename: 'ChannelUpdated', cursor: string, channel: { id: string, revision: number, uniqueName: string | null, friendlyName: string | null, type: ChannelType, isDirect: boolean, isFrozen: boolean, attributes: unknown, firstIndex: number, membersCount: number, createdBy: string, createdAt: string, updatedAt: string } }
    | { __typename: 'Gap', cursor: string }
    | { __typename: 'MemberJoined', cursor: string, member: { id: string, channelId: string, identity: string, revision: number, lastReadIndex: number | null, channel: { id: string, membersCount: number }, role: { id: string, friendlyName: string }, user: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } } }
    | { __typename: 'MemberLeft', cursor: string, member: { id: string, channelId: string, identity: string, revision: number, channel: { id: string, membersCount: number } } }
    | { __typename: 'MemberUpdated', cursor: string, member: { id: string, channelId: string, identity: string, revision: number, lastReadIndex: number | null, role: { id: string, friendlyName: string }, user: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } } }
    | { __typename: 'MessageAdded', cursor: string, message: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, parent: { id: string, index: number, revision: number, deletedAt: string | null, authorIdentity: string, replyCount: number, lastReplyAt: string | null, repliers: Array<{ identity: string }> } | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, reactions: Array<{ reaction: string, count: number }>, repliers: Array<{ identity: string }> } }
    | { __typename: 'MessageAppended', channelId: string, index: number, offset: number, text: string }
    | { __typename: 'MessageFinished', cursor: string, message: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } }
    | { __typename: 'MessageRemoved', cursor: string, message: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, parent: { id: string, index: number, revision: number, deletedAt: string | null, authorIdentity: string, replyCount: number, lastReplyAt: string | null, repliers: Array<{ identity: string }> } | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } }
    | { __typename: 'MessageUpdated', cursor: string, changes: Array<MessageChange>, message: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, reactions: Array<{ reaction: string, count: number }>, repliers: Array<{ identity: string }> } }
    | { __typename: 'ReactionsUpdated', cursor: string, message: { id: string, channelId: string, index: number, reactions: Array<{ reaction: string, count: number }> }, added: Array<{ reaction: string, identity: string }>, removed: Array<{ reaction: string, identity: string }> }
    | { __typename: 'Ready', cursors: Array<{ cursor: string, channel: { id: string } }> }
    | { __typename: 'ReceiptsUpdated', cursor: string, channelId: string, receipts: Array<{ readIndex: number | null, deliveredIndex: number | null, member: { id: string, identity: string } }> }
    | { __typename: 'ThreadTypingEnded', cursor: string, typing: { parentId: string | null, channel: { id: string }, member: { id: string, identity: string } } }
    | { __typename: 'ThreadTypingStarted', cursor: string, typing: { parentId: string | null, expiresAt: string, channel: { id: string }, member: { id: string, identity: string } } }
    | { __typename: 'TypingEnded', cursor: string, typing: { channel: { id: string }, member: { id: string, identity: string } } }
    | { __typename: 'TypingStarted', cursor: string, typing: { expiresAt: string, channel: { id: string }, member: { id: string, identity: string } } }
   };

export type ViewerEventsSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type ViewerEventsSubscription = { viewerEvents:
    | { __typename: 'Ready', cursor: string }
    | { __typename: 'ViewerChannelJoined', cursor: string, member: { id: string, channelId: string, identity: string, revision: number, createdAt: string, lastReadIndex: number | null, unreadCount: number | null, channel: { id: string, revision: number, uniqueName: string | null, friendlyName: string | null, type: ChannelType, isDirect: boolean, isFrozen: boolean, attributes: unknown, firstIndex: number, membersCount: number, createdBy: string, createdAt: string, updatedAt: string, lastMessage: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } | null, members: { totalCount: number | null, nodes: Array<{ id: string, channelId: string, identity: string, revision: number, lastReadIndex: number | null, role: { id: string, friendlyName: string }, user: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } }> } }, role: { id: string, friendlyName: string, permissions: Array<string> }, preferences: { pinnedOrder: number | null, muteEndsAt: string | null, isArchived: boolean, isHidden: boolean, notificationLevel: NotificationLevel | null, attributes: unknown } | null } }
    | { __typename: 'ViewerChannelLeft', cursor: string, channelId: string, memberId: string }
    | { __typename: 'ViewerChannelUpdated', cursor: string, member: { id: string, channelId: string, identity: string, revision: number, createdAt: string, lastReadIndex: number | null, unreadCount: number | null, channel: { id: string, lastMessage: { id: string, index: number } | null }, role: { id: string, friendlyName: string, permissions: Array<string> }, preferences: { pinnedOrder: number | null, muteEndsAt: string | null, isArchived: boolean, isHidden: boolean, notificationLevel: NotificationLevel | null, attributes: unknown } | null } }
    | { __typename: 'ViewerDraftRemoved' }
    | { __typename: 'ViewerDraftSaved' }
    | { __typename: 'ViewerGap', cursor: string }
    | { __typename: 'ViewerInviteAdded', cursor: string, invite: { id: string, channel: { id: string, revision: number, uniqueName: string | null, friendlyName: string | null, type: ChannelType, isDirect: boolean, isFrozen: boolean, attributes: unknown, firstIndex: number, membersCount: number, createdBy: string, createdAt: string, updatedAt: string } } }
    | { __typename: 'ViewerInviteRemoved', cursor: string, invite: { id: string } }
    | { __typename: 'ViewerMessageSaved' }
    | { __typename: 'ViewerMessageUnsaved' }
    | { __typename: 'ViewerReminderDue' }
    | { __typename: 'ViewerScheduledMessageUpdated' }
    | { __typename: 'ViewerThreadUpdated', cursor: string }
    | { __typename: 'ViewerUserUpdated', cursor: string, user: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } }
   };

export type InviteAddedSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type InviteAddedSubscription = { inviteAdded: { id: string, channel: { id: string, revision: number, uniqueName: string | null, friendlyName: string | null, type: ChannelType, isDirect: boolean, isFrozen: boolean, attributes: unknown, firstIndex: number, membersCount: number, createdBy: string, createdAt: string, updatedAt: string } } };

export type ReceiptsUpdatedSubscriptionVariables = Exact<{
  channelId: string;
}>;


export type ReceiptsUpdatedSubscription = { receiptsUpdated: { channelId: string, receipts: Array<{ readIndex: number | null, deliveredIndex: number | null, member: { id: string, identity: string } }> } };

export type MessageFieldsFragment = { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> };

export type ThreadCountsFragment = { replyCount: number, lastReplyAt: string | null, repliers: Array<{ identity: string }> };

export type ReactionCountsFragment = { reactions: Array<{ reaction: string, count: number }> };

export type ReactedFieldsFragment = { id: string, channelId: string, index: number, revision: number, reactions: Array<{ reaction: string, count: number, viewerHasReacted: boolean }> };

export type ThreadParentFragment = { id: string, index: number, revision: number, deletedAt: string | null, authorIdentity: string, replyCount: number, lastReplyAt: string | null, repliers: Array<{ identity: string }> };

export type UserFieldsFragment = { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null };

export type ChannelFieldsFragment = { id: string, revision: number, uniqueName: string | null, friendlyName: string | null, type: ChannelType, isDirect: boolean, isFrozen: boolean, attributes: unknown, firstIndex: number, membersCount: number, createdBy: string, createdAt: string, updatedAt: string };

export type MemberFieldsFragment = { id: string, channelId: string, identity: string, revision: number, lastReadIndex: number | null, role: { id: string, friendlyName: string }, user: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } };

export type ViewerMemberFieldsFragment = { id: string, channelId: string, identity: string, revision: number, createdAt: string, lastReadIndex: number | null, unreadCount: number | null, role: { id: string, friendlyName: string, permissions: Array<string> }, preferences: { pinnedOrder: number | null, muteEndsAt: string | null, isArchived: boolean, isHidden: boolean, notificationLevel: NotificationLevel | null, attributes: unknown } | null };

export type ListedChannelFieldsFragment = { id: string, channelId: string, identity: string, revision: number, createdAt: string, lastReadIndex: number | null, unreadCount: number | null, channel: { id: string, revision: number, uniqueName: string | null, friendlyName: string | null, type: ChannelType, isDirect: boolean, isFrozen: boolean, attributes: unknown, firstIndex: number, membersCount: number, createdBy: string, createdAt: string, updatedAt: string, lastMessage: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } | null, members: { totalCount: number | null, nodes: Array<{ id: string, channelId: string, identity: string, revision: number, lastReadIndex: number | null, role: { id: string, friendlyName: string }, user: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } }> } }, role: { id: string, friendlyName: string, permissions: Array<string> }, preferences: { pinnedOrder: number | null, muteEndsAt: string | null, isArchived: boolean, isHidden: boolean, notificationLevel: NotificationLevel | null, attributes: unknown } | null };

export type PageFieldsFragment = { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null };

export type SaveDraftMutationVariables = Exact<{
  input: SaveDraftInput;
}>;


export type SaveDraftMutation = { saveDraft: { draft: { channelId: string, parentId: string | null, body: string, mentionedIdentities: Array<string>, mentionsChannel: boolean, quotedMessageId: string | null, showInChannel: boolean, clientMessageId: string, version: number } } | null };

export type DeleteDraftMutationVariables = Exact<{
  input: DeleteDraftInput;
}>;


export type DeleteDraftMutation = { deleteDraft: { channelId: string } | null };

export type ScheduleMessageMutationVariables = Exact<{
  input: ScheduleMessageInput;
}>;


export type ScheduleMessageMutation = { scheduleMessage: { scheduledMessage: { id: string, channelId: string, parentId: string | null, body: string, mentionedIdentities: Array<string>, mentionsChannel: boolean, quotedMessageId: string | null, showInChannel: boolean, sendAt: string, state: ScheduledMessageState, failureCode: string | null, failureReason: string | null, messageId: string | null, version: number } } | null };

export type UpdateScheduledMessageMutationVariables = Exact<{
  input: UpdateScheduledMessageInput;
}>;


export type UpdateScheduledMessageMutation = { updateScheduledMessage: { scheduledMessage: { id: string, channelId: string, parentId: string | null, body: string, mentionedIdentities: Array<string>, mentionsChannel: boolean, quotedMessageId: string | null, showInChannel: boolean, sendAt: string, state: ScheduledMessageState, failureCode: string | null, failureReason: string | null, messageId: string | null, version: number } } | null };

export type CancelScheduledMessageMutationVariables = Exact<{
  input: CancelScheduledMessageInput;
}>;


export type CancelScheduledMessageMutation = { cancelScheduledMessage: { scheduledMessage: { id: string, channelId: string, parentId: string | null, body: string, mentionedIdentities: Array<string>, mentionsChannel: boolean, quotedMessageId: string | null, showInChannel: boolean, sendAt: string, state: ScheduledMessageState, failureCode: string | null, failureReason: string | null, messageId: string | null, version: number } } | null };

export type SaveMessageMutationVariables = Exact<{
  input: SaveMessageInput;
}>;


export type SaveMessageMutation = { saveMessage: { savedMessage: { messageId: string, channelId: string, savedAt: string, remindAt: string | null, remindedAt: string | null, message: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } | null } } | null };

export type UnsaveMessageMutationVariables = Exact<{
  input: UnsaveMessageInput;
}>;


export type UnsaveMessageMutation = { unsaveMessage: { messageId: string } | null };

export type LaterQueryVariables = Exact<{ [key: string]: never; }>;


export type LaterQuery = { viewer: { id: string, drafts: { nodes: Array<{ channelId: string, parentId: string | null, body: string, mentionedIdentities: Array<string>, mentionsChannel: boolean, quotedMessageId: string | null, showInChannel: boolean, clientMessageId: string, version: number }> } | null, scheduledMessages: { nodes: Array<{ id: string, channelId: string, parentId: string | null, body: string, mentionedIdentities: Array<string>, mentionsChannel: boolean, quotedMessageId: string | null, showInChannel: boolean, sendAt: string, state: ScheduledMessageState, failureCode: string | null, failureReason: string | null, messageId: string | null, version: number }> } | null } | null };

export type SavedQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type SavedQuery = { viewer: { id: string, savedMessages: { nodes: Array<{ messageId: string, channelId: string, savedAt: string, remindAt: string | null, remindedAt: string | null, message: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null };

export type LaterEventsSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type LaterEventsSubscription = { viewerEvents:
    | { __typename: 'Ready', cursor: string }
    | { __typename: 'ViewerChannelJoined' }
    | { __typename: 'ViewerChannelLeft', channelId: string }
    | { __typename: 'ViewerChannelUpdated' }
    | { __typename: 'ViewerDraftRemoved', channelId: string, parentId: string | null }
    | { __typename: 'ViewerDraftSaved', draft: { channelId: string, parentId: string | null, body: string, mentionedIdentities: Array<string>, mentionsChannel: boolean, quotedMessageId: string | null, showInChannel: boolean, clientMessageId: string, version: number } }
    | { __typename: 'ViewerGap', cursor: string }
    | { __typename: 'ViewerInviteAdded' }
    | { __typename: 'ViewerInviteRemoved' }
    | { __typename: 'ViewerMessageSaved', savedMessage: { messageId: string, channelId: string, savedAt: string, remindAt: string | null, remindedAt: string | null, message: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } | null } }
    | { __typename: 'ViewerMessageUnsaved', messageId: string }
    | { __typename: 'ViewerReminderDue', savedMessage: { messageId: string, channelId: string, savedAt: string, remindAt: string | null, remindedAt: string | null, message: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } | null } }
    | { __typename: 'ViewerScheduledMessageUpdated', scheduledMessage: { id: string, channelId: string, parentId: string | null, body: string, mentionedIdentities: Array<string>, mentionsChannel: boolean, quotedMessageId: string | null, showInChannel: boolean, sendAt: string, state: ScheduledMessageState, failureCode: string | null, failureReason: string | null, messageId: string | null, version: number } }
    | { __typename: 'ViewerThreadUpdated' }
    | { __typename: 'ViewerUserUpdated' }
   };

export type DraftFieldsFragment = { channelId: string, parentId: string | null, body: string, mentionedIdentities: Array<string>, mentionsChannel: boolean, quotedMessageId: string | null, showInChannel: boolean, clientMessageId: string, version: number };

export type ScheduledMessageFieldsFragment = { id: string, channelId: string, parentId: string | null, body: string, mentionedIdentities: Array<string>, mentionsChannel: boolean, quotedMessageId: string | null, showInChannel: boolean, sendAt: string, state: ScheduledMessageState, failureCode: string | null, failureReason: string | null, messageId: string | null, version: number };

export type SavedMessageFieldsFragment = { messageId: string, channelId: string, savedAt: string, remindAt: string | null, remindedAt: string | null, message: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } | null };

export type MessagesQueryVariables = Exact<{
  channelId: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
  around?: MessagesAround | null | undefined;
}>;


export type MessagesQuery = { channel: { id: string, firstIndex: number, messages: { nodes: Array<{ id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, reactions: Array<{ reaction: string, count: number, viewerHasReacted: boolean }>, repliers: Array<{ identity: string }> }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } } | null };

export type SendMessageMutationVariables = Exact<{
  input: SendMessageInput;
}>;


export type SendMessageMutation = { sendMessage: { droppedMentions: Array<string>, cursor: string, message: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, reactions: Array<{ reaction: string, count: number }>, repliers: Array<{ identity: string }> } } | null };

export type UpdateMessageMutationVariables = Exact<{
  input: UpdateMessageInput;
}>;


export type UpdateMessageMutation = { updateMessage: { droppedMentions: Array<string>, cursor: string, message: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } } | null };

export type MessageQueryVariables = Exact<{
  id: string;
}>;


export type MessageQuery = { message: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } | null };

export type PinMessageMutationVariables = Exact<{
  input: PinMessageInput;
}>;


export type PinMessageMutation = { pinMessage: { message: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } } | null };

export type UnpinMessageMutationVariables = Exact<{
  input: UnpinMessageInput;
}>;


export type UnpinMessageMutation = { unpinMessage: { message: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } } | null };

export type DeleteMessageMutationVariables = Exact<{
  input: DeleteMessageInput;
}>;


export type DeleteMessageMutation = { deleteMessage: { cursor: string, message: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } } | null };

export type MarkReadMutationVariables = Exact<{
  input: MarkReadInput;
}>;


export type MarkReadMutation = { markRead: { member: { id: string, channelId: string, identity: string, revision: number, createdAt: string, lastReadIndex: number | null, unreadCount: number | null, role: { id: string, friendlyName: string, permissions: Array<string> }, preferences: { pinnedOrder: number | null, muteEndsAt: string | null, isArchived: boolean, isHidden: boolean, notificationLevel: NotificationLevel | null, attributes: unknown } | null } } | null };

export type MarkUnreadMutationVariables = Exact<{
  input: MarkUnreadInput;
}>;


export type MarkUnreadMutation = { markUnread: { member: { id: string, channelId: string, identity: string, revision: number, createdAt: string, lastReadIndex: number | null, unreadCount: number | null, role: { id: string, friendlyName: string, permissions: Array<string> }, preferences: { pinnedOrder: number | null, muteEndsAt: string | null, isArchived: boolean, isHidden: boolean, notificationLevel: NotificationLevel | null, attributes: unknown } | null } } | null };

export type MarkAllReadMutationVariables = Exact<{ [key: string]: never; }>;


export type MarkAllReadMutation = { markAllRead: { channelIds: Array<string> } | null };

export type RenewTokenMutationVariables = Exact<{
  input: RenewTokenInput;
}>;


export type RenewTokenMutation = { renewToken: { expiresAt: string } | null };

export type AddReactionMutationVariables = Exact<{
  input: AddReactionInput;
}>;


export type AddReactionMutation = { addReaction: { message: { id: string, channelId: string, index: number, revision: number, reactions: Array<{ reaction: string, count: number, viewerHasReacted: boolean }> } } | null };

export type RemoveReactionMutationVariables = Exact<{
  input: RemoveReactionInput;
}>;


export type RemoveReactionMutation = { removeReaction: { message: { id: string, channelId: string, index: number, revision: number, reactions: Array<{ reaction: string, count: number, viewerHasReacted: boolean }> } } | null };

export type ReactionUsersQueryVariables = Exact<{
  messageId: string;
  first: number;
}>;


export type ReactionUsersQuery = { message: { id: string, reactions: Array<{ reaction: string, users: { nodes: Array<{ identity: string, user: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null }> } }> } | null };

export type SearchMessagesQueryVariables = Exact<{
  query: string;
  filter?: MessageSearchFilter | null | undefined;
  orderBy?: SearchOrder | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type SearchMessagesQuery = { searchMessages: { isCorrected: boolean, edges: Array<{ cursor: string, node: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> }, highlights: Array<{ start: number, end: number }> }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type QuickSwitcherQueryVariables = Exact<{
  query: string;
  first?: number | null | undefined;
}>;


export type QuickSwitcherQuery = { quickSwitcher: Array<
    | { __typename: 'Channel', id: string, revision: number, uniqueName: string | null, friendlyName: string | null, type: ChannelType, isDirect: boolean, isFrozen: boolean, attributes: unknown, firstIndex: number, membersCount: number, createdBy: string, createdAt: string, updatedAt: string }
    | { __typename: 'User', id: string, identity: string, friendlyName: string | null, avatarUrl: string | null }
  > | null };

export type UsersQueryVariables = Exact<{
  search: string;
  first?: number | null | undefined;
}>;


export type UsersQuery = { users: { nodes: Array<{ isOnline: boolean | null, id: string, identity: string, friendlyName: string | null, avatarUrl: string | null }> } | null };

export type PublicChannelsQueryVariables = Exact<{
  filter?: PublicChannelFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type PublicChannelsQuery = { publicChannels: { nodes: Array<{ id: string, revision: number, uniqueName: string | null, friendlyName: string | null, type: ChannelType, isDirect: boolean, isFrozen: boolean, attributes: unknown, firstIndex: number, membersCount: number, createdBy: string, createdAt: string, updatedAt: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type PresenceChangedSubscriptionVariables = Exact<{
  identities: Array<string> | string;
}>;


export type PresenceChangedSubscription = { presenceChanged: Array<{ identity: string, isOnline: boolean | null, lastSeenAt: string | null }> };

export type OpenDirectChannelMutationVariables = Exact<{
  input: OpenDirectChannelInput;
}>;


export type OpenDirectChannelMutation = { openDirectChannel: { channel: { id: string, revision: number, uniqueName: string | null, friendlyName: string | null, type: ChannelType, isDirect: boolean, isFrozen: boolean, attributes: unknown, firstIndex: number, membersCount: number, createdBy: string, createdAt: string, updatedAt: string }, member: { id: string, channelId: string, identity: string, revision: number, createdAt: string, lastReadIndex: number | null, unreadCount: number | null, channel: { id: string, revision: number, uniqueName: string | null, friendlyName: string | null, type: ChannelType, isDirect: boolean, isFrozen: boolean, attributes: unknown, firstIndex: number, membersCount: number, createdBy: string, createdAt: string, updatedAt: string, lastMessage: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } | null, members: { totalCount: number | null, nodes: Array<{ id: string, channelId: string, identity: string, revision: number, lastReadIndex: number | null, role: { id: string, friendlyName: string }, user: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } }> } }, role: { id: string, friendlyName: string, permissions: Array<string> }, preferences: { pinnedOrder: number | null, muteEndsAt: string | null, isArchived: boolean, isHidden: boolean, notificationLevel: NotificationLevel | null, attributes: unknown } | null } } | null };

export type PinnedMessagesQueryVariables = Exact<{
  channelId: string;
}>;


export type PinnedMessagesQuery = { channel: { id: string, pinnedMessages: { nodes: Array<{ id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> }> } } | null };

export type MentionsQueryVariables = Exact<{
  filter?: MentionFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type MentionsQuery = { viewer: { id: string, mentions: { nodes: Array<{ id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null };

export type UnreadMentionsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type UnreadMentionsQuery = { viewer: { id: string, mentions: { nodes: Array<{ id: string, channelId: string, index: number, revision: number }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null };

export type MessageEditsQueryVariables = Exact<{
  id: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type MessageEditsQuery = { message: { id: string, edits: { nodes: Array<{ version: number, body: string, attributes: unknown, writtenBy: string, writtenAt: string }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null };

export type AppendToMessageMutationVariables = Exact<{
  input: AppendToMessageInput;
}>;


export type AppendToMessageMutation = { appendToMessage: { length: number } | null };

export type FinishMessageMutationVariables = Exact<{
  input: FinishMessageInput;
}>;


export type FinishMessageMutation = { finishMessage: { message: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } } | null };

export type CancelMessageMutationVariables = Exact<{
  input: CancelMessageInput;
}>;


export type CancelMessageMutation = { cancelMessage: { message: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } } | null };

export type ChannelHeadsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type ChannelHeadsQuery = { viewer: { id: string, channels: { nodes: Array<{ id: string, channelId: string, channel: { id: string, lastMessage: { id: string, index: number, cursor: string } | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null };

export type OwnReactionsQueryVariables = Exact<{
  ids: Array<string> | string;
}>;


export type OwnReactionsQuery = { nodes: Array<
    | { __typename: 'ApiKey' }
    | { __typename: 'AuditEntry' }
    | { __typename: 'Channel' }
    | { __typename: 'ConsoleSession' }
    | { __typename: 'Credential' }
    | { __typename: 'Invite' }
    | { __typename: 'Job' }
    | { __typename: 'KeywordRule' }
    | { __typename: 'Member' }
    | { __typename: 'Message', id: string, channelId: string, index: number, revision: number, reactions: Array<{ reaction: string, count: number, viewerHasReacted: boolean }> }
    | { __typename: 'Role' }
    | { __typename: 'ScheduledMessage' }
    | { __typename: 'Service' }
    | { __typename: 'User' }
    | { __typename: 'WebhookDelivery' }
   | null> | null };

export type RepliesQueryVariables = Exact<{
  id: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type RepliesQuery = { message: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, replies: { nodes: Array<{ id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, reactions: Array<{ reaction: string, count: number, viewerHasReacted: boolean }>, repliers: Array<{ identity: string }> }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } }, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, reactions: Array<{ reaction: string, count: number, viewerHasReacted: boolean }>, repliers: Array<{ identity: string }> } | null };

export type QuotesQueryVariables = Exact<{
  ids: Array<string> | string;
  quotedIds: Array<string> | string;
}>;


export type QuotesQuery = { quoting: Array<
    | { __typename: 'ApiKey' }
    | { __typename: 'AuditEntry' }
    | { __typename: 'Channel' }
    | { __typename: 'ConsoleSession' }
    | { __typename: 'Credential' }
    | { __typename: 'Invite' }
    | { __typename: 'Job' }
    | { __typename: 'KeywordRule' }
    | { __typename: 'Member' }
    | { __typename: 'Message', id: string, quote: { messageId: string, message: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } | null } | null }
    | { __typename: 'Role' }
    | { __typename: 'ScheduledMessage' }
    | { __typename: 'Service' }
    | { __typename: 'User' }
    | { __typename: 'WebhookDelivery' }
   | null> | null, quoted: Array<
    | { __typename: 'ApiKey' }
    | { __typename: 'AuditEntry' }
    | { __typename: 'Channel' }
    | { __typename: 'ConsoleSession' }
    | { __typename: 'Credential' }
    | { __typename: 'Invite' }
    | { __typename: 'Job' }
    | { __typename: 'KeywordRule' }
    | { __typename: 'Member' }
    | { __typename: 'Message', id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> }
    | { __typename: 'Role' }
    | { __typename: 'ScheduledMessage' }
    | { __typename: 'Service' }
    | { __typename: 'User' }
    | { __typename: 'WebhookDelivery' }
   | null> | null };

export type FollowedThreadsQueryVariables = Exact<{
  filter?: ViewerThreadFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type FollowedThreadsQuery = { viewer: { id: string, threads: { totalCount: number, nodes: Array<{ channelId: string, parentIndex: number, isFollowed: boolean, lastReadIndex: number | null, unreadCount: number | null, cursor: string | null, parent: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null };

export type ThreadQueryVariables = Exact<{
  parentId: string;
}>;


export type ThreadQuery = { viewer: { id: string, thread: { channelId: string, parentIndex: number, isFollowed: boolean, lastReadIndex: number | null, unreadCount: number | null, cursor: string | null, parent: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } | null } | null } | null };

export type FollowThreadMutationVariables = Exact<{
  input: FollowThreadInput;
}>;


export type FollowThreadMutation = { followThread: { thread: { channelId: string, parentIndex: number, isFollowed: boolean, lastReadIndex: number | null, unreadCount: number | null, cursor: string | null, parent: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } | null } } | null };

export type UnfollowThreadMutationVariables = Exact<{
  input: UnfollowThreadInput;
}>;


export type UnfollowThreadMutation = { unfollowThread: { thread: { channelId: string, parentIndex: number, isFollowed: boolean, lastReadIndex: number | null, unreadCount: number | null, cursor: string | null, parent: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } | null } } | null };

export type MarkThreadReadMutationVariables = Exact<{
  input: MarkThreadReadInput;
}>;


export type MarkThreadReadMutation = { markThreadRead: { thread: { channelId: string, parentIndex: number, isFollowed: boolean, lastReadIndex: number | null, unreadCount: number | null, cursor: string | null, parent: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } | null } } | null };

export type ThreadEventsSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type ThreadEventsSubscription = { viewerEvents:
    | { __typename: 'Ready', cursor: string }
    | { __typename: 'ViewerChannelJoined' }
    | { __typename: 'ViewerChannelLeft', cursor: string, channelId: string }
    | { __typename: 'ViewerChannelUpdated' }
    | { __typename: 'ViewerDraftRemoved' }
    | { __typename: 'ViewerDraftSaved' }
    | { __typename: 'ViewerGap', cursor: string }
    | { __typename: 'ViewerInviteAdded' }
    | { __typename: 'ViewerInviteRemoved' }
    | { __typename: 'ViewerMessageSaved' }
    | { __typename: 'ViewerMessageUnsaved' }
    | { __typename: 'ViewerReminderDue' }
    | { __typename: 'ViewerScheduledMessageUpdated' }
    | { __typename: 'ViewerThreadUpdated', cursor: string, thread: { channelId: string, parentIndex: number, isFollowed: boolean, lastReadIndex: number | null, unreadCount: number | null, cursor: string | null, parent: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } | null } }
    | { __typename: 'ViewerUserUpdated' }
   };

export type ThreadFieldsFragment = { channelId: string, parentIndex: number, isFollowed: boolean, lastReadIndex: number | null, unreadCount: number | null, cursor: string | null, parent: { id: string, channelId: string, index: number, cursor: string, revision: number, body: string, authorIdentity: string, attributes: unknown, clientMessageId: string | null, createdAt: string, updatedAt: string, wasEdited: boolean, version: number, editedAt: string | null, pinnedAt: string | null, pinnedBy: string | null, isSilent: boolean, streamState: StreamState | null, deletedAt: string | null, parentIndex: number | null, isShownInChannel: boolean, replyCount: number, lastReplyAt: string | null, author: { id: string, identity: string, friendlyName: string | null, avatarUrl: string | null } | null, quote: { messageId: string } | null, mentions: { identities: Array<string>, channel: boolean }, repliers: Array<{ identity: string }> } | null };
