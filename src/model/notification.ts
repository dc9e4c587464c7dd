/** What a user's devices can be notified of. */
export const notificationKinds = ['newMessage', 'addedToChannel', 'removedFromChannel', 'invitedToChannel'] as const

export type NotificationKind = (typeof notificationKinds)[number]

export interface NotificationSetting {
  readonly enabled: boolean
  readonly template: string | null
}

export type NotificationSettings = Readonly<Partial<Record<NotificationKind, NotificationSetting>>>

/** Of a kind that nobody has set. */
export const noNotification: NotificationSetting = { enabled: false, template: null }
