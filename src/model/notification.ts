/** What a user's devices can be notified of. */
export const notificationKinds = ['newMessage', 'addedToChannel', 'removedFromChannel', 'invitedToChannel'] as const

export type NotificationKind = (typeof notificationKinds)[number]

export interface NotificationSetting {
  readonly enabled: boolean
  readonly template: string | null
}

export type NotificationSettings = Readonly<Partial<Record<NotificationKind, NotificationSetting>>>

/** The setting of a kind that was never set. */
export const noNotification: NotificationSetting = { enabled: false, template: null }
