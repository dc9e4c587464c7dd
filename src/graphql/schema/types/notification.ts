import {
  noNotification,
  type NotificationKind,
  type NotificationSetting,
  type NotificationSettings as Settings,
} from '../../../model/notification.ts'
import { builder } from '../builder.ts'

const kinds = {
  newMessage: 'A message in a channel one is a member of.',
  addedToChannel: 'One has become a member of a channel.',
  removedFromChannel: 'One is no longer a member of a channel.',
  invitedToChannel: 'One is invited to a channel.',
} as const satisfies Record<NotificationKind, string>

const Setting = builder.objectRef<NotificationSetting>('NotificationSetting').implement({
  description: 'Whether and how users are notified of one thing.',
  fields: (t) => ({
    enabled: t.exposeBoolean('enabled', { description: 'Off by default.' }),
    template: t.exposeString('template', { nullable: true, description: 'What the notification says.' }),
  }),
})

export const NotificationSettings = builder.objectRef<Settings>('NotificationSettings').implement({
  description: 'What the users’ devices are notified of.',
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
  description: 'What to change; what is left out stays.',
  fields: (t) => ({
    enabled: t.boolean({ required: false, description: 'Whether users are notified.' }),
    template: t.string({ required: false, description: 'At most 2,048 characters (50058); null takes it away.' }),
  }),
})

export const NotificationSettingsInput = builder.inputType('NotificationSettingsInput', {
  description: 'What to change; what is left out stays.',
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
