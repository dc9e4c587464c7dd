import { JsonText } from '../../../model/json-text.ts'
import type { MessageContent as MessageContentModel } from '../../../model/message-content.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'

export const MentionsInput = builder.inputType('MentionsInput', {
  description: 'The members whom a message is to name.',
  fields: (t) => ({
    identities: t.stringList({
      required: false,
      description:
        'Identities of members of the channel, at most 50. Others are left out, and named by `droppedMentions`.',
    }),
    channel: t.boolean({
      required: false,
      description:
        'Whether the message names all members of the channel; needs the permission `mentionChannel`. `false` by default.',
    }),
  }),
})

type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0]

/** What a message says, in the inputs that send, draft or schedule one. */
export function contentFields(t: InputFields) {
  return {
    body: t.string({
      extensions: { isContent: true },
      required: true,
      description: 'The text, at most 32 KiB in UTF-8 (50504). It may be empty and must not contain U+0000.',
    }),
    attributes: t.field({
      type: 'JSON',
      extensions: { isContent: true },
      required: false,
      description: 'Data of the application, at most 4 KiB as JSON.',
    }),
    parentId: t.id({
      required: false,
      description:
        'SID of a message of the channel to which this is a reply. BAD_USER_INPUT for a reply, NOT_FOUND 50500 for a message of another channel, and ' +
        'for a deleted one without replies.',
    }),
    showInChannel: t.boolean({
      required: false,
      description: 'Only with `parentId`: whether the channel shows the reply among its messages. `false` by default.',
    }),
    quotedMessageId: t.id({
      required: false,
      description:
        'SID of a message of the channel that this one quotes. NOT_FOUND 50500 when there is none, or it is deleted.',
    }),
    silent: t.boolean({
      required: false,
      description:
        'Whether the message counts for no unread and no notification. It is delivered like any other. `false` by default.',
    }),
    mentions: t.field({
      type: MentionsInput,
      required: false,
      description: 'The members whom the message names; nobody by default. The text is not looked at.',
    }),
  }
}

/** What a message says, in the inputs that change it. */
export function changedContentFields(t: InputFields) {
  return {
    body: t.string({
      extensions: { isContent: true },
      required: false,
      description: 'The new text, at most 32 KiB in UTF-8 (50504). It may be empty and must not contain U+0000.',
    }),
    attributes: t.field({
      type: 'JSON',
      extensions: { isContent: true },
      required: false,
      description: 'Data of the application, at most 4 KiB as JSON. It replaces all previous attributes.',
    }),
  }
}

/** Drafts and scheduled messages have what they will say in a row of their own. */
export const MessageContent = builder
  .interfaceRef<{ readonly content: MessageContentModel }>('MessageContent')
  .implement({
    description: 'The content of a message that is not sent yet: of a draft, or of a scheduled message.',
    fields: (t) => ({
      body: t.string({
        extensions: { isContent: true },
        description: 'The text, at most 32 KiB in UTF-8. Empty once a scheduled message was sent or cancelled.',
        complexity: points.body,
        resolve: ({ content }) => content.body,
      }),
      attributes: t.field({
        type: 'JSON',
        extensions: { isContent: true },
        description: 'Data of the application, at most 4 KiB as JSON; `{}` when there is none.',
        complexity: points.messageAttributes,
        resolve: ({ content }) => new JsonText(content.attributes),
      }),
      parentId: t.id({
        nullable: true,
        description: 'SID of the message that it replies to; null when it is no reply.',
        resolve: ({ content }) => content.parentId,
      }),
      showInChannel: t.boolean({
        description: 'Whether the channel will show it among its messages, though it is a reply.',
        resolve: ({ content }) => content.showInChannel ?? false,
      }),
      quotedMessageId: t.id({
        nullable: true,
        description: 'SID of the message that it quotes; null when it quotes none.',
        resolve: ({ content }) => content.quotedMessageId,
      }),
      silent: t.boolean({
        description: 'Whether it will count for no unread and no notification.',
        resolve: ({ content }) => content.silent ?? false,
      }),
      mentionedIdentities: t.stringList({
        description: 'Identities of the members whom it will name. Those who are none by then are left out.',
        resolve: ({ content }) => content.mentions?.identities ?? [],
      }),
      mentionsChannel: t.boolean({
        description: 'Whether it will name all members of the channel.',
        resolve: ({ content }) => content.mentions?.channel ?? false,
      }),
    }),
  })
