/**
 * Limits of sizes: in UTF-8 bytes for stored text, in characters for names. Those of bodies, attributes, identities and names are the limits of
 * Programmable Chat and its successor.
 */
export const limits = {
  bodyBytes: 32 * 1024,
  messageAttributesBytes: 4 * 1024,
  channelAttributesBytes: 16 * 1024,
  userAttributesBytes: 4 * 1024,
  preferencesAttributesBytes: 4 * 1024,
  credentialBytes: 16 * 1024,
  attributesDepth: 100,
  nameLength: 64,
  identityLength: 256,
  avatarUrlLength: 2048,
  statusTextLength: 100,
  statusEmojiLength: 64,
  languageTagLength: 64,
  timeZoneLength: 64,
  searchLength: 100,
  presenceIdentities: 500,
  switcherSize: 10,
  switcherMaxSize: 50,
  /** What a user is found by: characters of one word, and words. */
  nameTokenLength: 64,
  nameTokens: 100,
  deviceIdLength: 128,
  memberDevices: 100,
  clientMessageIdLength: 128,
  webhookUrlLength: 2048,
  webhookMilliseconds: 5000,
  keywordRules: 100,
  keywordWords: 1000,
  keywordPatternLength: 500,
  /** Instructions of the compiled pattern. Only counted repetitions exceed it within the allowed length. */
  keywordPatternSize: 600,
  keywordExamples: 25,
  notificationTemplateLength: 2048,
  channelMembers: 1000,
  /** The caller included. */
  directMembers: 10,
  /** In a channel that reports receipts: all of them are read together. */
  receiptMembers: 250,
  userChannels: 1000,
  typingSeconds: 600,
  reportSeconds: 86_400,
  /** The largest that a service can set; `model/rate-limit.ts` has what it is otherwise. */
  rate: 100_000,
  rateSeconds: 60,
  userSockets: 1000,
  userSubscriptions: 10_000,
  /** Points of one event, over all open subscriptions of a user. */
  userSelectionPoints: 20_000,
  pageSize: 25,
  userPageSize: 100,
  backendPageSize: 1000,
  /** Of live connections: every process answers so many at most. */
  connectionPageSize: 100,
  nodes: 100,
  pinnedMessages: 100,
  /** Messages of one channel whose text is being written. */
  channelStreams: 20,
  /** Those of one user in one process, so that others have room. */
  userStreams: 100,
  /** Identities that one message names. */
  mentions: 50,
  /** Of one user, as are the next two. */
  drafts: 1000,
  /** Those that wait and those that have failed. */
  scheduledMessages: 100,
  savedMessages: 1000,
  scheduleDays: 366,
  /** So long is kept what was scheduled and has ended, and what is left of a saved message that was taken out. */
  endedDays: 30,
  /** Former versions that are kept of one message. */
  messageEdits: 100,
  reactionBytes: 64,
  /** Different reactions to one message. */
  messageReactions: 50,
  /** Of one message, with their identities. */
  repliers: 25,
  /** Channels that are marked as read together. */
  channelReads: 100,
  searchQueryLength: 256,
  searchTokens: 64,
  searchChannels: 100,
  searchAuthors: 100,
  /** Of one message. */
  searchHighlights: 100,
  tokenSeconds: 24 * 60 * 60,
  defaultTokenSeconds: 60 * 60,
  /** Seconds for which one is signed in to the console, and seconds without a request after which that ends. */
  consoleSessionSeconds: 12 * 3600,
  consoleIdleSeconds: 2 * 3600,
  /** Sessions of one account. A further one ends the one that was quiet for longest. */
  consoleSessions: 100,
  /** Of the header User-Agent, in characters. */
  userAgentLength: 256,
} as const
