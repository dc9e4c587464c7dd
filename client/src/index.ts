export { browserEnv, createClient, type Client, type ClientOptions } from './client.ts'
export type { Env, Socket } from './env/types.ts'
export { ChatError, type ChatErrorDetails, type ErrorCode } from './errors.ts'
export type { ChannelHandle, SendOptions, TypingOptions } from './handles/channel.ts'
export type { ChannelList } from './handles/channel-list.ts'
export type { ChannelEvents } from './handles/channel-events.ts'
export type { ClientEvents } from './handles/client-events.ts'
export type { MemberHandle } from './handles/member.ts'
export type { EditOptions, MessageChange, MessageHandle, Reactor } from './handles/message.ts'
export type { Page } from './handles/page.ts'
export type { Module } from './modules/types.ts'
export { channelName, type ChannelListSnapshot, type ChannelRow, type UnreadTotals } from './store/channel-list.ts'
export type { MessageList } from './handles/message-list.ts'
export type { TokenReason, TokenRequest } from './link/token.ts'
export type { LogEntry, Logger, LogLevel } from './log.ts'
export type { Delivery } from './store/delivery.ts'
export type { ReactionGroup } from './store/reacted.ts'
export type { MessageRow } from './store/rows.ts'
export type { MessageWindow } from './store/window.ts'
export type {
  AttributeTypes,
  Channel,
  ChannelState,
  ConnectionState,
  Invite,
  Member,
  Membership,
  Mentions,
  Message,
  OutboxItem,
  Receipt,
  Session,
  State,
  User,
} from './store/state.ts'
