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
