import { deleteDraft, listDrafts, saveDraft } from '../../../domain/chat/draft.ts'
import { noParent, type Draft as DraftModel } from '../../../model/draft.ts'
import { toNumberCursor } from '../../../model/page.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { pageCost, toConnection } from '../pagination.ts'
import { payloadOf } from '../payload.ts'
import { Channel, Draft } from '../refs.ts'
import { MessageContent, contentFields } from './message-content.ts'
import { Viewer } from './viewer.ts'

type Place = Pick<DraftModel, 'channelId' | 'parentId'>

const parentOf = ({ parentId }: Place) => (parentId === noParent ? null : parentId)

const parentDescription = 'SID of the message whose thread the draft is in; null of a draft in the channel itself.'

Draft.implement({
  description:
    'The text that the caller is writing in a channel or a thread, on all of its devices. It is gone once a message of the caller in the channel has its ' +
    '`clientMessageId`.',
  interfaces: [MessageContent],
  fields: (t) => ({
    channelId: t.exposeID('channelId', { description: 'SID of the draft’s channel.' }),
    channel: t.field({
      type: Channel,
      description: 'The channel of the draft.',
      resolve: async ({ channelId }, _args, { loaders }) => (await loaders.channel().load(channelId))!,
    }),
    clientMessageId: t.exposeString('clientMessageId', {
      description: 'The id that the message will be sent with. With the message that has it the draft is gone.',
    }),
    version: t.exposeInt('version', {
      description: 'A number that grows with each saving of a draft in the same channel or thread.',
    }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'The time at which the draft was saved last.' }),
  }),
})

const DeleteDraftPayload = builder.objectRef<Place>('DeleteDraftPayload').implement({
  description: 'Payload of `deleteDraft`.',
  fields: (t) => ({
    channelId: t.exposeID('channelId', { description: 'SID of the channel that the caller has no draft in any more.' }),
    parentId: t.id({ nullable: true, description: parentDescription, resolve: parentOf }),
  }),
})

const expectedVersion =
  'The `version` that the caller has seen; 0 when it has seen none. When the draft has another one, nothing is changed: CONFLICT, with that one as ' +
  '`currentVersion` in its extensions, 0 for none.'

const SaveDraftInput = builder.inputType('SaveDraftInput', {
  description: 'Input of `saveDraft`.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'SID or unique name of the channel.' }),
    ...contentFields(t),
    clientMessageId: t.string({
      required: true,
      description:
        'The `clientMessageId` that the message will be sent with, of at most 128 characters. A client chooses a new one for each message.',
    }),
    expectedVersion: t.int({ required: false, description: expectedVersion }),
  }),
})

const DeleteDraftInput = builder.inputType('DeleteDraftInput', {
  description: 'Input of `deleteDraft`.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'SID or unique name of the channel.' }),
    parentId: t.id({
      required: false,
      description: 'SID of the message whose thread the draft is in; the channel itself when left out.',
    }),
    expectedVersion: t.int({ required: false, description: expectedVersion }),
  }),
})

builder.objectFields(Viewer, (t) => ({
  drafts: t.connection(
    {
      type: Draft,
      nullable: true,
      description:
        'The drafts of the caller, the one that was saved last first; null for the backend. `first` or `last` is from 1 to 100, by default 25.',
      complexity: pageCost(points.message),
      resolve: async (viewer, args, { app }) =>
        viewer.kind === 'user'
          ? toConnection(await listDrafts(app, viewer, args), ({ userSeq }) => toNumberCursor(userSeq))
          : null,
    },
    { name: 'DraftConnection', description: 'A page of drafts.' },
    { name: 'DraftEdge', description: 'A draft and its position in the list.' },
  ),
}))

builder.mutationFields((t) => ({
  saveDraft: t.field({
    type: payloadOf('draft', Draft)('saveDraft', 'The draft as it was saved.'),
    description:
      'Saves what the caller is writing in a channel or a thread, in the place of the draft there, and shows it on its other devices. A user has at ' +
      'most 1,000 drafts (CONFLICT). Users only. FORBIDDEN 50400 for users who are not members.',
    args: { input: t.arg({ type: SaveDraftInput, required: true, description: 'The draft to save.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ draft: await saveDraft(app, actor, input) }),
  }),
  deleteDraft: t.field({
    type: DeleteDraftPayload,
    description:
      'Removes the caller’s draft in a channel or a thread; where there is none, nothing changes. Users only. FORBIDDEN 50400 for users who are not ' +
      'members.',
    args: { input: t.arg({ type: DeleteDraftInput, required: true, description: 'The draft to remove.' }) },
    resolve: (_root, { input }, { app, actor }) => deleteDraft(app, actor, input),
  }),
}))
