/** What a user wants to be notified of in a channel. */
export const notificationLevels = ['all', 'mentions', 'none'] as const

export type NotificationLevel = (typeof notificationLevels)[number]
