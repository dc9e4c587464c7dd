import {
  RestDeleteMessageDocument,
  RestFetchMessageDocument,
  RestMessagesDocument,
  RestSendMessageDocument,
  RestUpdateMessageDocument,
  type RestMessageFragment,
} from '../../../schema/generated/graphql.ts'
import { limits } from '../../model/limits.ts'
import * as form from '../form.ts'
import { create, fetch, list, remove, update } from '../operation.ts'
import { accountSid, date, flag, integer, json, serviceSid, sid, text, url, type Resource } from '../resource.ts'

const message: Resource<RestMessageFragment> = {
  name: 'message',
  fields: {
    sid: sid('IM', ({ id }) => id),
    account_sid: accountSid,
    service_sid: serviceSid,
    channel_sid: sid('CH', ({ channelId }) => channelId),
    to: sid('CH', ({ channelId }) => channelId),
    from: text(({ authorIdentity }) => authorIdentity),
    body: text(({ body }) => body),
    attributes: json(({ attributes }) => attributes),
    index: integer(({ index }) => index),
    was_edited: flag(({ wasEdited }) => wasEdited),
    date_created: date(({ createdAt }) => createdAt),
    date_updated: date(({ updatedAt }) => updatedAt),
    url: url(({ id, channelId }, { serviceId }) => `/Services/${serviceId}/Channels/${channelId}/Messages/${id}`),
  },
}

const body = form.text('The text, at most 32 KiB in UTF-8. It may be empty.', { maxLength: limits.bodyBytes })
const attributes = form.json('Data of the application, as JSON.', limits.messageAttributesBytes)

export const messages = {
  list: list(message, {
    name: 'ListMessage',
    summary: 'Lists the messages of a channel by index.',
    parameters: { Order: form.oneOf('The order by index; asc by default.', { asc: 'asc', desc: 'desc' }) },
    document: RestMessagesDocument,
    order: ({ given }) => given.Order ?? 'asc',
    variables: ({ path, page }) => ({ channelId: path.ChannelSid, ...page }),
    key: 'messages',
    from: (data) => data.channel?.messages,
    canonicalPath: (data) => ({ ChannelSid: data.channel!.id }),
  }),
  create: create(message, {
    name: 'CreateMessage',
    summary:
      'Sends a message to a channel. A repetition with the same Idempotency-Key returns the first message and sends no second one.',
    parameters: {
      Body: form.required(body),
      From: form.emptyIsAbsent(
        form.text('Identity in whose name the message is sent; `system` by default.', {
          maxLength: limits.identityLength,
        }),
      ),
      Attributes: attributes,
    },
    document: RestSendMessageDocument,
    variables: ({ path, given, header }) => ({
      input: {
        channelId: path.ChannelSid,
        body: given.Body,
        authorIdentity: given.From,
        attributes: given.Attributes,
        clientMessageId: header('idempotency-key'),
      },
    }),
    from: (data) => data.sendMessage.message,
  }),
  fetch: fetch(message, {
    name: 'FetchMessage',
    summary: 'Returns one message.',
    document: RestFetchMessageDocument,
    variables: ({ path }) => ({ id: path.Sid, channelId: path.ChannelSid }),
    // A deleted message is read while it has replies, which REST does not know.
    from: ({ message }) => (message?.deletedAt ? undefined : message),
  }),
  update: update(message, {
    name: 'UpdateMessage',
    summary: 'Edits a message. Parameters that are left out keep their values.',
    parameters: { Body: body, Attributes: attributes },
    document: RestUpdateMessageDocument,
    variables: ({ path, given }) => ({
      input: {
        messageId: path.Sid,
        channelId: path.ChannelSid,
        body: given.Body,
        attributes: given.Attributes,
      },
    }),
    from: (data) => data.updateMessage.message,
  }),
  remove: remove({
    name: 'DeleteMessage',
    summary: 'Deletes a message. Its index is not used again.',
    document: RestDeleteMessageDocument,
    variables: ({ path }) => ({ input: { messageId: path.Sid, channelId: path.ChannelSid } }),
  }),
}
