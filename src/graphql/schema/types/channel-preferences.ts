import { updateChannelPreferences, type ShownPreferences } from '../../../domain/chat/channel-preferences.ts'
import { JsonText } from '../../../model/json-text.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { payloadOf } from '../payload.ts'
import { Member } from '../refs.ts'

const NotificationLevel = builder.enumType('NotificationLevel', {
  description: 'The messages of a channel that a user wants to be notified of.',
  values: {
    ALL: { value: 'all', description: 'All of its messages.' },
    MENTIONS: { value: 'mentions', description: 'Those of its messages that mention the user.' },
    NONE: { value: 'none', description: 'None of its messages.' },
  } as const,
})

export const ChannelPreferences = builder.objectRef<ShownPreferences>('ChannelPreferences').implement({
  description: 'The preferences of a user for a channel, which others do not see. They end with the membership.',
  fields: (t) => ({
    pinnedOrder: t.exposeInt('pinnedOrder', {
      nullable: true,
      description:
        'The place of the channel among the pinned ones, which clients show by it, smallest first; null when it is not pinned.',
    }),
    muteEndsAt: t.expose('muteEndsAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time at which the mute ends; null when the channel is not muted, or no longer.',
    }),
    isArchived: t.boolean({
      description: 'Whether the channel is archived: it is left out of `Viewer.channels` until that is taken back.',
      resolve: ({ archivedAt }) => archivedAt !== null,
    }),
    isHidden: t.exposeBoolean('isHidden', {
      description: 'Whether the channel is hidden: it is left out of `Viewer.channels` until its next message.',
    }),
    notificationLevel: t.expose('notificationLevel', {
      type: NotificationLevel,
      nullable: true,
      description: 'The messages that the user wants to be notified of; null while it has not chosen.',
    }),
    attributes: t.field({
      type: 'JSON',
      extensions: { isContent: true },
      description:
        'Data of the application, at most 4 KiB as JSON. `{}` when there is none, or when the stored value cannot be read.',
      complexity: points.preferencesAttributes,
      resolve: ({ attributes }) => new JsonText(attributes),
    }),
  }),
})

const UpdateChannelPreferencesInput = builder.inputType('UpdateChannelPreferencesInput', {
  description: 'Input of `updateChannelPreferences`. Fields that are left out keep their values.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'SID or unique name of the channel.' }),
    pinnedOrder: t.int({
      required: false,
      description:
        'Pins the channel at this place among the pinned ones, from 0 on; null unpins it. Several channels may have one place.',
    }),
    muteEndsAt: t.field({
      type: 'DateTime',
      required: false,
      description: 'Mutes the channel until this time, which may be as late as the year 9999; null ends the mute.',
    }),
    isArchived: t.boolean({
      required: false,
      description: 'Whether to archive the channel: `Viewer.channels` leaves it out until that is taken back.',
    }),
    isHidden: t.boolean({
      required: false,
      description: 'Whether to hide the channel: `Viewer.channels` leaves it out until its next message.',
    }),
    notificationLevel: t.field({
      type: NotificationLevel,
      required: false,
      description: 'The messages that the user wants to be notified of; null takes the choice back.',
    }),
    attributes: t.field({
      type: 'JSON',
      extensions: { isContent: true },
      required: false,
      description: 'Data of the application, at most 4 KiB as JSON. It replaces all previous attributes.',
    }),
  }),
})

builder.mutationFields((t) => ({
  updateChannelPreferences: t.field({
    type: payloadOf('member', Member)(
      'updateChannelPreferences',
      'The membership of the calling user, with the `preferences` as they are now.',
    ),
    description:
      'Changes the preferences of the calling user for a channel: pin, mute, archive, hide, notification level, attributes. Members ' +
      'only. All devices of the user receive it, and nobody else.',
    args: {
      input: t.arg({
        type: UpdateChannelPreferencesInput,
        required: true,
        description: 'The channel and the changes.',
      }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({
      member: await updateChannelPreferences(app, actor, input),
    }),
  }),
}))
