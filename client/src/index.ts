export { browserEnv, createClient, type Client, type ClientOptions } from './client.ts'
export type { Env, Socket } from './env/types.ts'
export { ChatError, type ChatErrorDetails, type ErrorCode } from './errors.ts'
export type { ChannelHandle, Page, SendOptions } from './handles/channel.ts'
export type { MessageList } from './handles/message-list.ts'
export type { TokenReason, TokenRequest } from './link/token.ts'
export type { LogEntry, Logger, LogLevel } from './log.ts'
export type { MessageRow, MessageWindow } from './store/rows.ts'
export type {
  AttributeTypes,
  Channel,
  ChannelState,
  ConnectionState,
  Invite,
  Member,
  Membership,
  Message,
  OutboxItem,
  Receipt,
  Session,
  State,
  User,
} from './store/state.ts'
