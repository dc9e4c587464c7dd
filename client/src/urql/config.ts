import { gql } from '@urql/core'
import type {
  Cache,
  CacheExchangeOpts,
  Data,
  KeyingConfig,
  Resolver,
  ResolveInfo,
  UpdateResolver,
} from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { possibleTypes } from '../glue/generated/possible-types.ts'
import { hidesOwnReactions, ownCursor, ownersOf, removedIds, type GlueMessage } from '../glue/owners.ts'
import { isPending, pendingMessage } from '../glue/pending.ts'
import { requireFields } from '../glue/require.ts'
import type { Entry, PageArguments, PageInfo } from '../glue/segments.ts'
import { appendText, keepText, type StreamedTexts } from '../glue/streamed.ts'
import type { MessageLists } from './lists.ts'
import { OwnReactions } from './own-reactions.ts'
import { addItem, channelsResolver, forgetField, forgetLaterPages, removeItem } from './pages.ts'

/** Who sends, for messages that are on their way. */
export interface Sender {
  readonly authorIdentity: string
  /** The fields of `Message.author` that documents select, with `__typename` and `id`. */
  readonly author?: Readonly<Record<string, unknown>>
}

interface Message extends GlueMessage {
  readonly revision: number
}

type Fields = Readonly<Record<string, unknown>>

/**
 * Fields of ours: `listVersion` changes with each list, so that Graphcache reads again what shows it; `pendingMessages` and `removedMessages` are what is
 * optimistic.
 */
function mark(cache: Cache, key: string, field: string, value: unknown): void {
  const [type, id] = key.split(':') as [string, string]
  const fragment = gql(`fragment Mark on ${type} { id ${field} }`)
  cache.writeFragment(fragment, { __typename: type, id, [field]: value } as never)
}

const channelKey = (channelId: string): string => `Channel:${channelId}`
const messageKey = (id: string): string => `Message:${id}`

/** Graphcache complains of an object that has no key: those of types without an id are parts of others. */
const keys = new Proxy<KeyingConfig>(
  {},
  {
    get: (_target, type) =>
      possibleTypes['Node']!.includes(type as string)
        ? undefined
        : ({ id }: Data) => (id as string | undefined) ?? null,
  },
)

type Take = (cache: Cache, answer: Fields, info: ResolveInfo) => void

/** What is done with an event, or with the answer of a mutation, where there is one. */
const answered = (field: string, take: Take): Record<string, UpdateResolver> => ({
  [field]: (parent, _args, cache, info) => {
    const answer = parent[field] as Fields | null
    if (answer) take(cache, answer, info)
  },
})

/** The configuration of Graphcache. */
export function createConfig(lists: MessageLists, sender: Sender): CacheExchangeOpts {
  let version = 0
  const texts: StreamedTexts = new Map()
  const own = new OwnReactions(sender.authorIdentity)
  const touch = (cache: Cache, owner: string): void => mark(cache, owner, 'listVersion', ++version)

  const viewerOf = (cache: Cache): string | null => (cache.resolve('Query', 'viewer') as string | undefined) ?? null

  const moveToTop = (cache: Cache, channelId: string): void => {
    lists.addNews(channelKey(channelId))
    const viewer = viewerOf(cache)
    if (viewer?.includes(':')) mark(cache, viewer, 'listVersion', ++version)
  }

  const keysOf = (cache: Cache, channel: string, field: 'pendingMessages' | 'removedMessages'): readonly string[] =>
    (cache.resolve(channel, field) as readonly string[] | undefined) ?? []

  function addMessage(cache: Cache, event: Fields, info: ResolveInfo): void {
    const message = event['message'] as Message & Fields
    const type = event['__typename'] as string
    requireFields(`${type}.message`, message, [
      'id',
      'channelId',
      'index',
      'revision',
      'clientMessageId',
      'isShownInChannel',
    ])
    requireFields(type, event, ['cursor'])
    const { id, channelId, index, revision } = message
    const owners = ownersOf(message).map((owner) => owner.join(':'))
    if (isPending(message)) {
      for (const key of owners) {
        mark(cache, key, 'pendingMessages', [...keysOf(cache, key, 'pendingMessages'), messageKey(id)])
      }
      return
    }
    if (info.optimistic) return
    const cursor = ownCursor(event['cursor'] as string, message)
    for (const key of owners) {
      lists.insert(key, { key: messageKey(id), index, cursor }, revision, channelId)
      touch(cache, key)
    }
    if (message.isShownInChannel === false) return
    const last = cache.resolve(channelKey(channelId), 'lastMessage')
    if (last === undefined) return
    const lastIndex = last === null ? -1 : (cache.resolve(last as string, 'index') as number | undefined)
    if (lastIndex === undefined || lastIndex >= index) return
    cache.link(channelKey(channelId), 'lastMessage', messageKey(id))
    moveToTop(cache, channelId)
  }

  function removeMessage(cache: Cache, event: Fields, info: ResolveInfo): void {
    const message = event['message'] as Message & Fields
    const type = event['__typename'] as string
    requireFields(`${type}.message`, message, ['id', 'channelId', 'revision'])
    const channel = channelKey(message.channelId)
    const keys = removedIds(message).map(messageKey)
    if (info.optimistic) {
      mark(cache, channel, 'removedMessages', [...keysOf(cache, channel, 'removedMessages'), ...keys])
      return
    }
    for (const key of keys) lists.remove(channel, key, message.revision)
    touch(cache, channel)
    if (message.parent) touch(cache, messageKey(message.parent.id))
    // Whatever shows it as the last message is read again.
    for (const key of keys) cache.invalidate(key)
  }

  const forgetChannels = (cache: Cache): void => {
    const viewer = viewerOf(cache)
    if (viewer === null) return
    lists.clearNews()
    forgetField(cache, viewer, 'channels')
  }

  const forgetPins = (cache: Cache, message: Partial<Message>): void => {
    requireFields('Message', message, ['channelId'])
    forgetField(cache, channelKey(message.channelId!), 'pinnedMessages')
  }

  const takePin: Take = (cache, { message }) => forgetPins(cache, message as Message)

  function applyEvent(cache: Cache, event: Fields, info: ResolveInfo): void {
    const about = event['message'] as Message | undefined
    if (about && hidesOwnReactions(event)) own.forget(messageKey(about.id))
    switch (event['__typename']) {
      case 'MessageAdded':
        addMessage(cache, event, info)
        break
      case 'MessageUpdated': {
        const message = event['message'] as Message
        const changes = (event['changes'] ?? ['EDIT', 'PIN']) as readonly string[]
        if (changes.includes('EDIT')) forgetField(cache, messageKey(message.id), 'edits')
        // A document that asks for none of this has no lists of pins.
        const isAsked = event['changes'] !== undefined || message.channelId !== undefined
        if (isAsked && changes.includes('PIN')) forgetPins(cache, message)
        break
      }
      case 'MessageRemoved':
        removeMessage(cache, event, info)
        break
      case 'MessageAppended': {
        const body = appendText(texts, event as never)
        if (body !== undefined) mark(cache, messageKey(event['messageId'] as string), 'body', body)
        break
      }
      case 'MessageFinished':
        keepText(texts, about!.id, null)
        break
      case 'ReactionsUpdated':
        own.take(event)
        break
      case 'ChannelTruncated': {
        requireFields('ChannelTruncated', event, ['firstIndex', 'channel'])
        const { id } = event['channel'] as { readonly id: string }
        lists.truncate(channelKey(id), event['firstIndex'] as number)
        touch(cache, channelKey(id))
        break
      }
      case 'ChannelRemoved':
        cache.invalidate(channelKey((event['channel'] as { readonly id: string }).id))
        forgetChannels(cache)
        break
      case 'MemberJoined':
      case 'MemberLeft': {
        const type = event['__typename']
        const { id, channelId } = event['member'] as { readonly id?: string; readonly channelId?: string }
        requireFields(`${type}.member`, { id, channelId }, ['id', 'channelId'])
        const change = type === 'MemberJoined' ? addItem : removeItem
        change(cache, channelKey(channelId!), 'members', `Member:${id!}`)
        break
      }
      case 'ViewerChannelJoined':
      case 'ViewerChannelLeft':
        forgetChannels(cache)
        break
    }
  }

  const listResolver =
    (type: string): Resolver =>
    (_parent, args, cache, info) => {
      const owner = info.parentKey
      cache.resolve(owner, 'listVersion')
      const channelId = cache.resolve(owner, 'channelId')
      const channel = typeof channelId === 'string' ? channelKey(channelId) : owner
      const found = lists.find(owner, args as PageArguments, channel)
      if (found === undefined) return undefined
      const removed = new Set(keysOf(cache, channel, 'removedMessages'))
      const entries = found.entries.filter(({ key }) => !removed.has(key))
      const items = entries.map(({ key, cursor }) => ({ key, cursor }))
      if (found.isNewest) {
        const sent = new Set(entries.slice(-maxPending).map(({ key }) => cache.resolve(key, 'clientMessageId')))
        for (const key of keysOf(cache, owner, 'pendingMessages')) {
          if (!sent.has(cache.resolve(key, 'clientMessageId'))) items.push({ key, cursor: '' })
        }
      }
      const { hasNextPage, hasPreviousPage, startCursor, endCursor, totalCount } = found
      return {
        __typename: `${type}Connection`,
        ...(totalCount !== undefined && { totalCount }),
        nodes: items.map(({ key }) => key),
        edges: items.map(({ key, cursor }) => ({ __typename: `${type}Edge`, node: key, cursor })),
        pageInfo: { __typename: 'PageInfo', hasNextPage, hasPreviousPage, startCursor, endCursor },
      } as never
    }

  const listUpdater =
    (field: string): UpdateResolver =>
    (parent, args, cache, info) => {
      const connection = parent[field] as Fields
      requireFields(`What has ${field}`, parent as Fields, ['id'])
      requireFields(field, connection, ['pageInfo'])
      const edges = connection['edges'] as readonly { cursor?: string; node: Message & Fields }[] | undefined
      const nodes = connection['nodes'] as readonly (Message & Fields)[] | undefined
      const found = edges ?? nodes?.map((node) => ({ node, cursor: undefined })) ?? []
      const entries = found.map(({ node, cursor }): Entry => {
        requireFields('Message', node, ['id', 'index', 'revision'])
        return {
          key: messageKey(node.id),
          index: node.index,
          cursor: cursor ?? (node['cursor'] as string | undefined),
        }
      })
      const seq = Math.max(0, ...found.map(({ node }) => node.revision))
      const page = {
        entries,
        pageInfo: connection['pageInfo'] as PageInfo,
        totalCount: connection['totalCount'] as number | undefined,
      }
      const channelId = cache.resolve(info.parentKey, 'channelId') ?? (parent['channelId'] as string | undefined)
      lists.addPage(info.parentKey, page, args as PageArguments, seq, channelId as string | undefined)
      touch(cache, info.parentKey)
    }

  return {
    // Without the whole schema Graphcache goes through the fragments of all types that a field may have, and misses in each event the fields of
    // all others. Nobody else is complained of so: answers of the server are whole, and of what is optimistic nothing is missed.
    logger: (severity, message) => {
      if (severity === 'debug' || message.includes('Invalid undefined')) return
      console[severity](message)
    },
    possibleTypes,
    keys,
    resolvers: {
      Viewer: { channels: channelsResolver(() => lists.news()) },
      Message: { edits: relayPagination(), replies: listResolver('Reply') },
      ReactionGroup: {
        viewerHasReacted: (_parent, _args, cache, { parentKey }) =>
          own.has(parentKey, cache.resolve(parentKey, 'reaction')) as never,
      },
      Channel: {
        members: relayPagination(),
        pinnedMessages: relayPagination(),
        messages: listResolver('Message'),
      },
    },
    updates: {
      Viewer: {
        channels: (_parent, args, cache, info) => forgetLaterPages(cache, info.parentKey, 'channels', args),
      },
      Channel: {
        messages: listUpdater('messages'),
      },
      Message: {
        replies: listUpdater('replies'),
        reactions: ({ reactions }, _args, _cache, { parentKey }) => own.read(parentKey, reactions as never),
      },
      Subscription: {
        ...answered('events', applyEvent),
        ...answered('viewerEvents', applyEvent),
      },
      Mutation: {
        ...answered('sendMessage', addMessage),
        ...answered('updateMessage', (cache, { message }, { optimistic }) => {
          if (message && !optimistic) forgetField(cache, messageKey((message as Message).id), 'edits')
        }),
        ...answered('pinMessage', takePin),
        ...answered('unpinMessage', takePin),
        ...answered('deleteMessage', removeMessage),
      },
    },
    optimistic: {
      sendMessage: (args) => {
        const input = args['input'] as {
          readonly channelId: string
          readonly body: string
          readonly clientMessageId?: string
        }
        const { clientMessageId } = input
        if (clientMessageId === undefined) return null
        const message = pendingMessage({ ...input, ...sender, clientMessageId })
        return { __typename: 'SendMessagePayload', cursor: '', message } as unknown as Data
      },
      updateMessage: (args) => {
        const { messageId, channelId: _channelId, ...fields } = args['input'] as Fields
        const message = { __typename: 'Message', id: messageId, ...fields, wasEdited: true }
        return { __typename: 'UpdateMessagePayload', cursor: '', message } as unknown as Data
      },
      deleteMessage: (args, cache) => {
        const { messageId } = args['input'] as { readonly messageId: string }
        const key = messageKey(messageId)
        const of = (field: string): unknown => cache.resolve(key, field)
        const [channelId, index, revision] = [of('channelId'), of('index'), of('revision')]
        const message = { __typename: 'Message', id: messageId, channelId, index, revision }
        return { __typename: 'DeleteMessagePayload', cursor: '', message } as unknown as Data
      },
    },
  }
}

/** How far back a message may stand that has taken the place of one on its way. */
const maxPending = 500
