import { appendToMessage, cancelMessage, finishMessage, listStreams } from '../../../domain/chat/message-stream.ts'
import type { StreamUnderWay } from '../../../store/message-stream.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { pageCost, toConnection } from '../pagination.ts'
import { Message } from '../refs.ts'
import { changedMessagePayload } from './message.ts'

const StreamState = builder.enumType('StreamState', {
  description: 'The states of a text that is written while it is read.',
  values: {
    STREAMING: { value: 'streaming', description: 'It is being written: `appendToMessage` goes on with it.' },
    COMPLETED: { value: 'completed', description: 'Its writer has finished it.' },
    INTERRUPTED: {
      value: 'interrupted',
      description: 'Its writer was silent for as long as the setting `STREAM_SILENCE_SECONDS` says.',
    },
    CANCELLED: {
      value: 'cancelled',
      description:
        'Its writer has cancelled it, the message was deleted, or a rule or webhook of the service has refused its text.',
    },
  } as const,
})

builder.objectField(Message, 'streamState', (t) =>
  t.field({
    type: StreamState,
    nullable: true,
    description: 'The state of a text that is written while it is read; null of a message that was sent as a whole.',
    resolve: ({ streamState }) => streamState ?? null,
  }),
)

const MessageStream = builder.objectRef<StreamUnderWay>('MessageStream').implement({
  description: 'A text that is being written, as it is stored: at times 2 seconds older than what its readers see.',
  fields: (t) => ({
    message: t.field({
      type: Message,
      description: 'The message with the text so far, of which its readers see what keyword rules leave of it.',
      resolve: ({ message }) => message,
    }),
    bytes: t.exposeInt('bytes', {
      description: 'The length of what was appended, in bytes of UTF-8; at most 32 KiB.',
    }),
    appendedAt: t.expose('appendedAt', {
      type: 'DateTime',
      description:
        'The time of the last piece, or of the beginning before the first. When it is `STREAM_SILENCE_SECONDS` ago, the text is INTERRUPTED.',
    }),
    processId: t.exposeID('owner', {
      description:
        'The process that has the text in memory. Another one takes it over when that process is gone and somebody appends, or ends it.',
    }),
  }),
})

builder.queryFields((t) => ({
  messageStreams: t.connection(
    {
      type: MessageStream,
      description:
        'Backend only: the texts of a service that are being written, those first that were begun first. `finishMessage` and `cancelMessage` end one. ' +
        '`first` or `last` is from 1 to 1,000, by default 25.',
      complexity: pageCost(points.message),
      args: {
        serviceId: t.arg.id({
          required: false,
          description: 'SID of the service; the account’s default service when left out.',
        }),
        channelId: t.arg.id({
          required: false,
          description: 'SID or unique name of a channel. Only its texts are listed; all by default.',
        }),
      },
      resolve: async (_root, { serviceId, channelId, ...args }, { app, actor }) =>
        toConnection(await listStreams(app, actor, { serviceId, channelId }, args), ({ message }) => message.id),
    },
    { name: 'MessageStreamConnection', description: 'A page of texts that are being written.' },
    { name: 'MessageStreamEdge', description: 'A text that is being written, and its position in the list.' },
  ),
}))

const AppendToMessageInput = builder.inputType('AppendToMessageInput', {
  description: 'Input of `appendToMessage`.',
  fields: (t) => ({
    messageId: t.id({ required: true, description: 'SID of a message whose `streamState` is STREAMING.' }),
    offset: t.int({
      required: true,
      description:
        'The length of the text before the piece, in UTF-16 code units (`length` in JavaScript). With another one nothing is appended: CONFLICT, ' +
        'with the right one as `currentOffset` in its extensions.',
    }),
    text: t.string({
      extensions: { isContent: true },
      required: true,
      description:
        'The piece. It must not be empty, contain U+0000 or split a surrogate pair. The whole text has at most 32 KiB in UTF-8 (50504).',
    }),
  }),
})

const AppendToMessagePayload = builder.simpleObject('AppendToMessagePayload', {
  description: 'Payload of `appendToMessage`.',
  fields: (t) => ({
    length: t.int({
      description: 'The length of the text with the piece, in UTF-16 code units: the offset of the next one.',
    }),
    durableOffset: t.int({
      description:
        'Up to where the text is stored. A server that dies loses what is beyond, at most some 2 seconds: keep it until `finishMessage` is answered.',
    }),
  }),
})

const FinishMessageInput = builder.inputType('FinishMessageInput', {
  description: 'Input of `finishMessage`.',
  fields: (t) => ({
    messageId: t.id({ required: true, description: 'SID of a message whose text is being written.' }),
    offset: t.int({
      required: false,
      description:
        'The length that the text must have, in UTF-16 code units: best given, since a server that died may have lost its end. Otherwise nothing is ' +
        'finished: CONFLICT, with the length that it has as `currentOffset` in its extensions.',
    }),
  }),
})

const CancelMessageInput = builder.inputType('CancelMessageInput', {
  description: 'Input of `cancelMessage`.',
  fields: (t) => ({
    messageId: t.id({ required: true, description: 'SID of a message whose text is being written.' }),
  }),
})

const needs =
  'Needs the permission `streamMessage`, by default the backend’s alone, and the author of the message or the backend.'
const ended = 'CONFLICT with `streamState` in its extensions when the text has ended otherwise.'

builder.mutationFields((t) => ({
  appendToMessage: t.field({
    type: AppendToMessagePayload,
    description:
      `Appends to the text of a message that was sent with \`isStreaming\`. Its readers get it within a tenth of a second, as \`MessageAppended\`. ${needs} ` +
      `${ended} A keyword rule of the service that refuses the text ends it. RATE_LIMITED when the process writes 1,000 texts already.`,
    args: { input: t.arg({ type: AppendToMessageInput, required: true, description: 'The message and the piece.' }) },
    resolve: (_root, { input }, { app, actor }) => appendToMessage(app, actor, input),
  }),
  finishMessage: t.field({
    type: changedMessagePayload(
      'FinishMessagePayload',
      'Payload of `finishMessage`.',
      'The message with its final text.',
    ),
    description:
      `Ends the text of a message: its \`streamState\` is COMPLETED. Called again it answers the same. ${needs} ${ended} FORBIDDEN 50056 when a keyword rule or ` +
      'a webhook of the service refuses the text: then it is empty, and CANCELLED.',
    args: { input: t.arg({ type: FinishMessageInput, required: true, description: 'The message to finish.' }) },
    resolve: (_root, { input }, { app, actor }) => finishMessage(app, actor, input),
  }),
  cancelMessage: t.field({
    type: changedMessagePayload(
      'CancelMessagePayload',
      'Payload of `cancelMessage`.',
      'The message with the text so far.',
    ),
    description:
      `Ends the text of a message before it is complete: its \`streamState\` is CANCELLED, and what there is of it stays. Called again it answers the same. ${needs} ` +
      `${ended} FORBIDDEN 50056 when a keyword rule or a webhook of the service refuses the text: then it is empty.`,
    args: { input: t.arg({ type: CancelMessageInput, required: true, description: 'The message to cancel.' }) },
    resolve: (_root, { input }, { app, actor }) => cancelMessage(app, actor, input.messageId),
  }),
}))
