import { countMentions, listMentions, toMentionCursor } from '../../../domain/chat/mention.ts'
import type { Message as MessageModel } from '../../../model/message.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { pageCost, toConnection } from '../pagination.ts'
import { Member, Message } from '../refs.ts'
import { UnreadCounts, Viewer } from './viewer.ts'

const Mentions = builder.objectRef<MessageModel>('Mentions').implement({
  description: 'The members whom a message names.',
  fields: (t) => ({
    identities: t.stringList({
      description:
        'Identities of the users whom the message names, members of its channel when they were named; at most 50.',
      resolve: ({ mentions }) => [...(mentions ?? [])],
    }),
    channel: t.boolean({
      description: 'Whether the message names all members of its channel.',
      resolve: ({ mentionsChannel }) => mentionsChannel === true,
    }),
  }),
})

builder.objectField(Message, 'mentions', (t) =>
  t.field({
    type: Mentions,
    description:
      'The members whom the message names, as its author has said with `mentions`: its text is not looked at.',
    resolve: (message) => message,
  }),
)

builder.objectField(Member, 'unreadMentionsCount', (t) =>
  t.int({
    nullable: true,
    description:
      'The number of messages after what the member has read that name it or its channel, replies that the channel does not show included; ' +
      'without its own, deleted and silent ones. Null for users on the members of others, and while the service’s `readStatusEnabled` is off.',
    extensions: { perViewer: true },
    resolve: (member, _args, { loaders }) => loaders.mentionCount().load(member),
  }),
)

builder.objectField(UnreadCounts, 'mentions', (t) =>
  t.int({
    description:
      'The sum of `unreadMentionsCount` over all channels that the user has not archived: mentions come through where a channel is muted.',
    complexity: 10,
    resolve: (_totals, _args, { app, actor }) => countMentions(app, actor),
  }),
)

const MentionConnection = builder.connectionObject(
  { type: Message, name: 'MentionConnection', description: 'A page of messages that name the caller.' },
  { name: 'MentionEdge', description: 'A message that names the caller, and its position in the list.' },
)

const MentionFilter = builder.inputType('MentionFilter', {
  description: 'A filter for `Viewer.mentions`.',
  fields: (t) => ({
    unread: t.boolean({
      required: false,
      description: 'Only messages that the user has not read, without silent ones; all by default.',
    }),
  }),
})

builder.objectField(Viewer, 'mentions', (t) =>
  t.field({
    type: MentionConnection,
    nullable: true,
    description:
      'The messages that name the user, or a whole channel of it, since it joined the channel; without its own and deleted ones, the newest ' +
      'first. Null for the backend.',
    complexity: (args) => {
      const { field, multiplier } = pageCost(points.message)(args)
      return { field: field + 20, multiplier }
    },
    args: {
      filter: t.arg({ type: MentionFilter, required: false, description: 'Only messages that match this filter.' }),
      first: t.arg.int({
        required: false,
        description: 'The number of messages to return, from 1 to 100; 25 by default.',
      }),
      after: t.arg.string({ required: false, description: 'Returns messages after this cursor of the list.' }),
    },
    resolve: async (viewer, args, { app }) =>
      viewer.kind === 'user' ? toConnection(await listMentions(app, viewer, args), toMentionCursor) : null,
  }),
)
