import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  RestFetchChannelDocument,
  RestMembersDocument,
  RestMessagesDocument,
  type RestMessageFragment,
} from '../../schema/generated/graphql.ts'
import { openKit, uniqueName, type Kit } from '../support/kit.ts'
import { openRest, type Rest } from '../support/rest.ts'

let kit: Kit
let rest: Rest
beforeAll(async () => {
  kit = await openKit()
  rest = await openRest(kit)
})
afterAll(() => kit.close())

const words = fc.string({ unit: 'binary', maxLength: 30 }).filter((text) => text.isWellFormed() && !text.includes('\0'))
const json = fc.jsonValue({ maxDepth: 2, stringUnit: 'grapheme-ascii' })
const identity = fc.constantFrom('alice', 'bob', 'Käthe +&=%', '🦉')

const action = fc.oneof(
  fc.record({ does: fc.constant('send' as const), body: words, author: identity, attributes: json }),
  fc.record({ does: fc.constant('edit' as const), which: fc.nat(), body: words }),
  fc.record({ does: fc.constant('delete' as const), which: fc.nat() }),
  fc.record({ does: fc.constant('join' as const), identity }),
  fc.record({ does: fc.constant('rename' as const), friendlyName: words, attributes: json }),
)
const face = fc.constantFrom('REST' as const, 'GraphQL' as const)

type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never

/** Does it over REST or over GraphQL; which of the two must not matter. */
async function act(doing: Action, over: 'REST' | 'GraphQL', channelId: string, messages: string[]): Promise<void> {
  const path = rest.in(`/Channels/${channelId}`)
  const which = 'which' in doing ? messages[doing.which % Math.max(messages.length, 1)] : undefined
  const mutate = (field: string, type: string, input: object) =>
    kit.backend.ask<Record<string, { message?: { id: string } }>, object>(
      `mutation M($input: ${type}!) { ${field}(input: $input) { __typename ${field === 'sendMessage' ? 'message { id }' : ''} } }`,
      { input },
    )
  switch (doing.does) {
    case 'send': {
      const { body, author, attributes } = doing
      if (over === 'REST') {
        const form = { Body: body, From: author, Attributes: JSON.stringify(attributes) }
        const sent = await rest.post<{ sid: string }>(`${path}/Messages`, form)
        messages.push(sent.body.sid)
      } else {
        const { data } = await mutate('sendMessage', 'SendMessageInput', {
          channelId,
          body,
          authorIdentity: author,
          attributes,
        })
        messages.push(data!['sendMessage']!.message!.id)
      }
      break
    }
    case 'edit': {
      if (which === undefined) break
      if (over === 'REST') await rest.post(`${path}/Messages/${which}`, { Body: doing.body })
      else await mutate('updateMessage', 'UpdateMessageInput', { messageId: which, body: doing.body })
      break
    }
    case 'delete': {
      if (which === undefined) break
      messages.splice(messages.indexOf(which), 1)
      if (over === 'REST') await rest.call('DELETE', `${path}/Messages/${which}`)
      else await mutate('deleteMessage', 'DeleteMessageInput', { messageId: which })
      break
    }
    case 'join': {
      if (over === 'REST') await rest.post(`${path}/Members`, { Identity: doing.identity })
      else await mutate('addMember', 'AddMemberInput', { channelId, identity: doing.identity })
      break
    }
    case 'rename': {
      const { friendlyName, attributes } = doing
      const form = { FriendlyName: friendlyName, Attributes: JSON.stringify(attributes) }
      if (over === 'REST') await rest.post(path, form)
      else await mutate('updateChannel', 'UpdateChannelInput', { channelId, friendlyName, attributes })
      break
    }
  }
}

const seconds = (moment: string): string => `${moment.slice(0, 19)}Z`

test('REST and GraphQL return the same of the same channel, whichever did what', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(action, face), { maxLength: 8 }), async (steps) => {
      const made = await rest.post<{ sid: string; unique_name: string }>(rest.in('/Channels'), {
        UniqueName: uniqueName('same'),
      })
      const channelId = made.body.sid
      const messages: string[] = []
      for (const [doing, over] of steps) await act(doing, over, channelId, messages)

      const path = rest.in(`/Channels/${made.body.unique_name}`)
      const { channel } = await kit.backend.request(RestFetchChannelDocument, { id: channelId })
      expect((await rest.get(path)).body).toMatchObject({
        sid: channel!.id,
        friendly_name: channel!.friendlyName,
        unique_name: channel!.uniqueName,
        attributes: JSON.stringify(channel!.attributes),
        type: channel!.type.toLowerCase(),
        created_by: channel!.createdBy,
        date_created: seconds(channel!.createdAt),
        date_updated: seconds(channel!.updatedAt),
        members_count: channel!.membersCount,
        messages_count: channel!.messagesCount,
      })
      const history = await kit.backend.request(RestMessagesDocument, { channelId, first: 50 })
      const toForm = (message: RestMessageFragment) => ({
        sid: message.id,
        channel_sid: channelId,
        from: message.authorIdentity,
        body: message.body,
        attributes: JSON.stringify(message.attributes),
        index: message.index,
        was_edited: message.wasEdited,
        date_created: seconds(message.createdAt),
        date_updated: seconds(message.updatedAt),
      })
      const listed = await rest.get<{ messages: object[] }>(`${path}/Messages`)
      const expected = history.channel!.messages.edges.map(({ node }) => toForm(node))
      expect(expected.map(({ sid }) => sid)).toEqual(messages)
      expect(listed.body.messages).toHaveLength(expected.length)
      expect(listed.body.messages).toMatchObject(expected)
      const members = await kit.backend.request(RestMembersDocument, { channelId, first: 50 })
      const listedMembers = await rest.get<{ members: object[] }>(`${path}/Members`)
      expect(listedMembers.body.members).toMatchObject(
        members.channel!.members.edges.map(({ node }) => ({
          sid: node.id,
          identity: node.identity,
          role_sid: node.role.id,
          last_consumed_message_index: node.lastReadIndex,
        })),
      )
    }),
    { numRuns: 25 },
  )
})
