/** Which types each interface and union of the schema stands for. */
export const possibleTypes: Record<string, string[]> = {
  ChannelEvent: ['ChannelRemoved', 'ChannelTruncated', 'ChannelUpdated', 'Gap', 'MemberJoined', 'MemberLeft', 'MemberUpdated', 'MessageAdded', 'MessageAppended', 'MessageFinished', 'MessageRemoved', 'MessageUpdated', 'ReactionsUpdated', 'Ready', 'ReceiptsUpdated', 'ThreadTypingEnded', 'ThreadTypingStarted', 'TypingEnded', 'TypingStarted'],
  Destination: ['Channel', 'User'],
  MessageContent: ['Draft', 'ScheduledMessage'],
  Node: ['ApiKey', 'AuditEntry', 'Channel', 'ConsoleSession', 'Credential', 'Invite', 'Job', 'KeywordRule', 'Member', 'Message', 'Role', 'ScheduledMessage', 'Service', 'User', 'WebhookDelivery'],
  ViewerEvent: ['Ready', 'ViewerChannelJoined', 'ViewerChannelLeft', 'ViewerChannelUpdated', 'ViewerDraftRemoved', 'ViewerDraftSaved', 'ViewerGap', 'ViewerInviteAdded', 'ViewerInviteRemoved', 'ViewerMessageSaved', 'ViewerMessageUnsaved', 'ViewerReminderDue', 'ViewerScheduledMessageUpdated', 'ViewerThreadUpdated', 'ViewerUserUpdated'],
}
