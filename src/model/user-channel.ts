import type { ChannelId, UserId } from './sid.ts'

/** What a user wants to be notified of in a channel. */
export const notificationLevels = ['all', 'mentions', 'none'] as const

export type NotificationLevel = (typeof notificationLevels)[number]

/** What a user has not read in all of its channels. */
export interface UnreadTotals {
  readonly messages: number
  /** Channels with unread messages, direct ones included. */
  readonly channels: number
  readonly directChannels: number
}

/** What a user keeps about a channel for itself. */
export interface ChannelPreferences {
  readonly userId: UserId
  readonly channelId: ChannelId
  /** Null is not pinned. */
  readonly pinnedOrder: number | null
  /** Null, or a time that has passed, is not muted. */
  readonly muteEndsAt: Date | null
  readonly archivedAt: Date | null
  /** Index of the channel's newest message when it was hidden: a newer one that the channel shows shows it again. */
  readonly hiddenIndex: number | null
  readonly notificationLevel: NotificationLevel | null
  /** JSON text. */
  readonly attributes: string
}

/** Preferences that were never set. */
export function defaultPreferences(userId: UserId, channelId: ChannelId): ChannelPreferences {
  return {
    userId,
    channelId,
    pinnedOrder: null,
    muteEndsAt: null,
    archivedAt: null,
    hiddenIndex: null,
    notificationLevel: null,
    attributes: '{}',
  }
}

/** Whether a channel is hidden: no message that it shows, the newest of which is given, has come since the user hid it. */
export function isHidden({ hiddenIndex }: Pick<ChannelPreferences, 'hiddenIndex'>, shownIndex: number): boolean {
  return hiddenIndex !== null && shownIndex <= hiddenIndex
}
