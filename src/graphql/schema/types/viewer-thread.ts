import { nullIfHidden, requireMembership } from '../../../domain/access/authority.ts'
import {
  findThread,
  followThread,
  listThreads,
  markThreadRead,
  unfollowThread,
} from '../../../domain/chat/thread-follow.ts'
import { toCursor } from '../../../model/cursor.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { pageCost } from '../pagination.ts'
import { payloadOf } from '../payload.ts'
import { Message, ViewerThread } from '../refs.ts'
import { Viewer } from './viewer.ts'

ViewerThread.implement({
  description: 'The replies to a message as they are for the calling user: followed or not, read or not.',
  fields: (t) => ({
    channelId: t.exposeID('channelId', { description: 'SID of the channel.' }),
    parentIndex: t.exposeInt('parentIndex', { description: 'Index of the message that is replied to.' }),
    parent: t.field({
      type: Message,
      nullable: true,
      description:
        'The message that is replied to, with `deletedAt` and no text when it was deleted. Null when it is truncated, and when the user has left the channel.',
      complexity: points.message,
      resolve: ({ channelId, parentIndex: index }, _args, { app, actor, loaders }) =>
        nullIfHidden(async () => {
          await requireMembership(app, actor, channelId, 'cached')
          return (await loaders.parent().load({ channelId, index })) ?? undefined
        }),
    }),
    isFollowed: t.exposeBoolean('isFollowed', {
      description:
        'Whether the user follows the replies: after its own reply, after the first reply to its own message, and after `followThread`; until `unfollowThread`.',
    }),
    lastReadIndex: t.int({
      nullable: true,
      description: 'Index of the newest reply that the user has read or written; null when there is none.',
      resolve: ({ readIndex }) => (readIndex < 0 ? null : readIndex),
    }),
    unreadCount: t.int({
      nullable: true,
      description:
        'The number of replies of others that the user has not read, silent ones left out. Null while the service’s `readStatusEnabled` is off, and when the user has left the channel.',
      resolve: async (thread, _args, { loaders }) => (await loaders.threadCount().load(thread))?.unreadCount ?? null,
    }),
    cursor: t.string({
      nullable: true,
      description:
        'Position of the channel that `unreadCount` is as of: replies with a higher index, and removals beyond it, are not counted yet. Null where ' +
        '`unreadCount` is.',
      resolve: async (thread, _args, { loaders, history }) => {
        const count = await loaders.threadCount().load(thread)
        return count ? toCursor(thread.channelId, count.through, history) : null
      },
    }),
  }),
})

const ViewerThreadEdge = builder.edgeObject({
  type: ViewerThread,
  name: 'ViewerThreadEdge',
  description: 'A thread that the user follows, and its place in the list.',
})

const ViewerThreadConnection = builder.connectionObject(
  {
    type: ViewerThread,
    name: 'ViewerThreadConnection',
    description: 'A page of the threads that the user follows.',
    fields: (t) => ({
      totalCount: t.int({
        description: 'The number of threads on all pages.',
        resolve: ({ totalCount }) => totalCount!,
      }),
    }),
  },
  ViewerThreadEdge,
)

const ViewerThreadFilter = builder.inputType('ViewerThreadFilter', {
  description: 'A filter for `Viewer.threads`.',
  fields: (t) => ({
    unread: t.boolean({
      required: false,
      description: 'Only threads with unread replies, or only those without; all of them when left out.',
    }),
  }),
})

builder.objectFields(Viewer, (t) => ({
  threads: t.connection(
    {
      type: ViewerThread,
      nullable: true,
      description:
        'The threads that the user follows, in channels that it is in, with a reply in the last 90 days; that with the newest reply comes first. Null for the ' +
        'backend. `first` or `last` is from 1 to 100, by default 25.',
      args: {
        filter: t.arg({
          type: ViewerThreadFilter,
          required: false,
          description: 'Only threads that match this filter.',
        }),
      },
      complexity: pageCost(points.message),
      resolve: async (viewer, args, { app }) => {
        if (viewer.kind !== 'user') return null
        const { items, cursorOf, totalCount, ...page } = await listThreads(app, viewer, args)
        const edges = items.map((item) => ({ cursor: cursorOf(item), node: item.thread }))
        return {
          edges,
          totalCount,
          pageInfo: {
            get hasNextPage() {
              return page.hasNextPage() as unknown as boolean
            },
            get hasPreviousPage() {
              return page.hasPreviousPage() as unknown as boolean
            },
            startCursor: edges[0]?.cursor ?? null,
            endCursor: edges.at(-1)?.cursor ?? null,
          },
        }
      },
    },
    ViewerThreadConnection,
    ViewerThreadEdge,
  ),
  thread: t.field({
    type: ViewerThread,
    nullable: true,
    description:
      'The replies to one message as they are for the user. Null for the backend, and when the message does not exist for the caller.',
    args: { parentId: t.arg.id({ required: true, description: 'SID of the message that is replied to.' }) },
    resolve: (viewer, { parentId }, { app }) => (viewer.kind === 'user' ? findThread(app, viewer, parentId) : null),
  }),
}))

const parentId = {
  required: true,
  description: 'SID of the message that is replied to. BAD_USER_INPUT for a reply.',
} as const

const FollowThreadInput = builder.inputType('FollowThreadInput', {
  description: 'Input of `followThread`.',
  fields: (t) => ({ parentId: t.id(parentId) }),
})

const UnfollowThreadInput = builder.inputType('UnfollowThreadInput', {
  description: 'Input of `unfollowThread`.',
  fields: (t) => ({ parentId: t.id(parentId) }),
})

const MarkThreadReadInput = builder.inputType('MarkThreadReadInput', {
  description: 'Input of `markThreadRead`.',
  fields: (t) => ({
    parentId: t.id(parentId),
    throughIndex: t.int({
      required: true,
      description:
        'Index of the newest reply that the user has read, which must be the index of a message of the channel (50406). It never goes back.',
    }),
  }),
})

const threadPayload = payloadOf('thread', ViewerThread)

builder.mutationFields((t) => ({
  followThread: t.field({
    type: threadPayload('followThread', 'The thread as it is for the user now.'),
    description:
      'Lets the calling user follow the replies to a message. Those that there are count as read. Needs membership.',
    args: { input: t.arg({ type: FollowThreadInput, required: true, description: 'The thread to follow.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ thread: await followThread(app, actor, input.parentId) }),
  }),
  unfollowThread: t.field({
    type: threadPayload('unfollowThread', 'The thread as it is for the user now.'),
    description:
      'Ends that the calling user follows the replies to a message, until its own next reply or `followThread`. Needs membership.',
    args: { input: t.arg({ type: UnfollowThreadInput, required: true, description: 'The thread to follow no more.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ thread: await unfollowThread(app, actor, input.parentId) }),
  }),
  markThreadRead: t.field({
    type: threadPayload('markThreadRead', 'The thread as it is for the user now.'),
    description:
      'Moves forwards how far the calling user has read a thread that it follows; of others nothing is kept. What it has read in the channel stays. Needs ' +
      'membership. CONFLICT while the service’s `readStatusEnabled` is off.',
    args: {
      input: t.arg({ type: MarkThreadReadInput, required: true, description: 'The thread and how far it was read.' }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({ thread: await markThreadRead(app, actor, input) }),
  }),
}))
