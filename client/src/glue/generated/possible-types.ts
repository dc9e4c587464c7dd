/** Which types each interface and union of the schema stands for. */
export const possibleTypes: Record<string, string[]> = {
  ChannelEvent: ['ChannelRemoved', 'ChannelTruncated', 'ChannelUpdated', 'Gap', 'MemberJoined', 'MemberLeft', 'MemberUpdated', 'MessageAdded', 'MessageRemoved', 'MessageUpdated', 'ReactionsUpdated', 'Ready', 'ReceiptsUpdated', 'TypingEnded', 'TypingStarted'],
  Destination: ['Channel', 'User'],
  Node: ['ApiKey', 'Channel', 'Credential', 'Invite', 'KeywordRule', 'Member', 'Message', 'Role', 'Service', 'User', 'WebhookDelivery'],
  ViewerEvent: ['Ready', 'ViewerChannelJoined', 'ViewerChannelLeft', 'ViewerChannelUpdated', 'ViewerGap', 'ViewerInviteAdded', 'ViewerInviteRemoved', 'ViewerThreadUpdated', 'ViewerUserUpdated'],
}
