import {
  noNotification,
  type NotificationKind,
  type NotificationSetting,
  type NotificationSettings as Settings,
} from '../../../model/notification.ts'
import { builder } from '../builder.ts'

const kinds = {
  newMessage: 'Notification of a new message in a channel of the user.',
  addedToChannel: 'Notification that the user was added to a channel.',
  removedFromChannel: 'Notification that the user was removed from a channel.',
  invitedToChannel: 'Notification that the user was invited to a channel.',
} as const satisfies Record<NotificationKind, string>

const Setting = builder.objectRef<NotificationSetting>('NotificationSetting').implement({
  description: 'The setting of one kind of push notification.',
  fields: (t) => ({
    enabled: t.exposeBoolean('enabled', { description: 'Whether users receive this notification. False by default.' }),
    template: t.exposeString('template', {
      nullable: true,
      description: 'The text of the notification; null when none is set.',
    }),
  }),
})

export const NotificationSettings = builder.objectRef<Settings>('NotificationSettings').implement({
  description: 'The push notifications that the devices of users receive.',
  fields: (t) => {
    const setting = (kind: NotificationKind) =>
      t.field({ type: Setting, description: kinds[kind], resolve: (settings) => settings[kind] ?? noNotification })
    return {
      newMessage: setting('newMessage'),
      addedToChannel: setting('addedToChannel'),
      removedFromChannel: setting('removedFromChannel'),
      invitedToChannel: setting('invitedToChannel'),
    }
  },
})

const SettingInput = builder.inputType('NotificationSettingInput', {
  description: 'Changes to the setting of one kind of push notification. Fields that are left out keep their values.',
  fields: (t) => ({
    enabled: t.boolean({ required: false, description: 'Whether users receive this notification.' }),
    template: t.string({
      required: false,
      description: 'The text of the notification, at most 2,048 characters (50058); null removes it.',
    }),
  }),
})

export const NotificationSettingsInput = builder.inputType('NotificationSettingsInput', {
  description: 'Changes to the push notifications of a service. Fields that are left out keep their values.',
  fields: (t) => {
    const setting = (kind: NotificationKind) =>
      t.field({ type: SettingInput, required: false, description: kinds[kind] })
    return {
      newMessage: setting('newMessage'),
      addedToChannel: setting('addedToChannel'),
      removedFromChannel: setting('removedFromChannel'),
      invitedToChannel: setting('invitedToChannel'),
    }
  },
})
