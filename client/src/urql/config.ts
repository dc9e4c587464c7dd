import { gql } from '@urql/core'
import type { Cache, CacheExchangeOpts, Data, ResolveInfo } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { parseCursor } from '../cursor.ts'
import { possibleTypes } from '../glue/generated/possible-types.ts'
import { isPending, pendingMessage } from '../glue/pending.ts'
import { requireFields } from '../glue/require.ts'
import type { Entry, PageArguments, PageInfo } from '../glue/segments.ts'
import type { MessageLists } from './lists.ts'
import { addItem, channelsResolver, forgetField, forgetLaterPages, removeItem } from './pages.ts'

/** Who sends, for messages that are on their way. */
export interface Sender {
  readonly authorIdentity: string
  /** The fields of `Message.author` that documents select, with `__typename` and `id`. */
  readonly author?: Readonly<Record<string, unknown>>
}

interface Message {
  readonly id: string
  readonly channelId: string
  readonly index: number
  readonly revision: number
}

type Fields = Readonly<Record<string, unknown>>

const marks = {
  /** Changes with each list, so that Graphcache reads again what shows it. */
  version: gql`
    fragment MessagesVersion on Channel {
      id
      messagesVersion
    }
  `,
  channels: gql`
    fragment ChannelsVersion on Viewer {
      id
      channelsVersion
    }
  `,
  pending: gql`
    fragment PendingMessages on Channel {
      id
      pendingMessages
    }
  `,
  removed: gql`
    fragment RemovedMessages on Channel {
      id
      removedMessages
    }
  `,
}

const channelKey = (channelId: string): string => `Channel:${channelId}`
const messageKey = (id: string): string => `Message:${id}`

/** Of types that are parts of others, without an id. */
const embedded = [
  'ChannelPreferences',
  'UnreadCounts',
  'UserStatus',
  'Ready',
  'Gap',
  'ViewerGap',
  'ChannelCursor',
  'ReceiptsUpdated',
  'Receipt',
  'Typing',
  'Presence',
  'SearchHighlight',
  'MessageEdit',
  'ReactionGroup',
  'Reaction',
  'ReactionsUpdated',
]

/** The configuration of Graphcache. */
export function createConfig(lists: MessageLists, sender: Sender): CacheExchangeOpts {
  let version = 0
  const touch = (cache: Cache, channelId: string): void => {
    cache.writeFragment(marks.version, { __typename: 'Channel', id: channelId, messagesVersion: ++version } as never)
  }

  const viewerOf = (cache: Cache): string | null => (cache.resolve('Query', 'viewer') as string | undefined) ?? null

  const moveToTop = (cache: Cache, channelId: string): void => {
    lists.addNews(channelKey(channelId))
    const viewer = viewerOf(cache)
    const id = viewer === null ? undefined : cache.resolve(viewer, 'id')
    if (id === undefined) return
    cache.writeFragment(marks.channels, { __typename: 'Viewer', id, channelsVersion: ++version } as never)
  }

  const keysOf = (cache: Cache, channel: string, field: 'pendingMessages' | 'removedMessages'): readonly string[] =>
    (cache.resolve(channel, field) as readonly string[] | undefined) ?? []

  function addMessage(cache: Cache, event: Fields, info: ResolveInfo): void {
    const message = event['message'] as Message & Fields
    const type = event['__typename'] as string
    requireFields(`${type}.message`, message, ['id', 'channelId', 'index', 'revision'])
    requireFields(type, event, ['cursor'])
    const { id, channelId, index, revision } = message
    if (isPending(message)) {
      const known = keysOf(cache, channelKey(channelId), 'pendingMessages')
      const pendingMessages = [...known, messageKey(id)]
      cache.writeFragment(marks.pending, { __typename: 'Channel', id: channelId, pendingMessages } as never)
      return
    }
    if (info.optimistic) return
    requireFields(`${type}.message`, message, ['clientMessageId'])
    const cursor = event['cursor'] as string
    const own = parseCursor(cursor).index === index ? cursor : undefined
    lists.insert(channelKey(channelId), { key: messageKey(id), index, cursor: own }, revision)
    touch(cache, channelId)
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
    const { id, channelId, revision } = message
    if (info.optimistic) {
      const removedMessages = [...keysOf(cache, channelKey(channelId), 'removedMessages'), messageKey(id)]
      cache.writeFragment(marks.removed, { __typename: 'Channel', id: channelId, removedMessages } as never)
      return
    }
    lists.remove(channelKey(channelId), messageKey(id), revision)
    touch(cache, channelId)
    // Whatever shows it as the last message is read again.
    cache.invalidate(messageKey(id))
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

  function applyEvent(event: Fields, cache: Cache, info: ResolveInfo): void {
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
      case 'ChannelTruncated': {
        requireFields('ChannelTruncated', event, ['firstIndex', 'channel'])
        const { id } = event['channel'] as { readonly id: string }
        lists.truncate(channelKey(id), event['firstIndex'] as number)
        touch(cache, id)
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

  return {
    // Without the whole schema Graphcache goes through the fragments of all types that a field may have, and misses in each event the fields of
    // all others. Nobody else is complained of so: answers of the server are whole, and of what is optimistic nothing is missed.
    logger: (severity, message) => {
      if (severity === 'debug' || message.includes('Invalid undefined')) return
      console[severity](message)
    },
    possibleTypes,
    keys: Object.fromEntries(embedded.map((name) => [name, () => null])),
    resolvers: {
      Viewer: { channels: channelsResolver(() => lists.news()) },
      Message: { edits: relayPagination() },
      Channel: {
        members: relayPagination(),
        pinnedMessages: relayPagination(),
        messages: (_parent, args, cache, info) => {
          const channel = info.parentKey
          cache.resolve(channel, 'messagesVersion')
          const found = lists.find(channel, args as PageArguments)
          if (found === undefined) return undefined
          const removed = new Set(keysOf(cache, channel, 'removedMessages'))
          const entries = found.entries.filter(({ key }) => !removed.has(key))
          const items = entries.map(({ key, cursor }) => ({ key, cursor }))
          if (found.isNewest) {
            const sent = new Set(entries.slice(-maxPending).map(({ key }) => cache.resolve(key, 'clientMessageId')))
            for (const key of keysOf(cache, channel, 'pendingMessages')) {
              if (!sent.has(cache.resolve(key, 'clientMessageId'))) items.push({ key, cursor: '' })
            }
          }
          const { hasNextPage, hasPreviousPage, startCursor, endCursor, totalCount } = found
          return {
            __typename: 'MessageConnection',
            ...(totalCount !== undefined && { totalCount }),
            nodes: items.map(({ key }) => key),
            edges: items.map(({ key, cursor }) => ({ __typename: 'MessageEdge', node: key, cursor })),
            pageInfo: { __typename: 'PageInfo', hasNextPage, hasPreviousPage, startCursor, endCursor },
          } as never
        },
      },
    },
    updates: {
      Viewer: {
        channels: (_parent, args, cache, info) => forgetLaterPages(cache, info.parentKey, 'channels', args),
      },
      Channel: {
        messages: (parent, args, cache, info) => {
          const connection = parent['messages'] as Fields
          requireFields('Channel', parent as Fields, ['id'])
          requireFields('Channel.messages', connection, ['pageInfo'])
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
          lists.addPage(info.parentKey, page, args as PageArguments, seq)
          touch(cache, parent['id'] as string)
        },
      },
      Subscription: {
        events: (parent, _args, cache, info) => applyEvent(parent['events'] as Fields, cache, info),
        viewerEvents: (parent, _args, cache, info) => applyEvent(parent['viewerEvents'] as Fields, cache, info),
      },
      Mutation: {
        sendMessage: (parent, _args, cache, info) => {
          if (parent['sendMessage']) addMessage(cache, parent['sendMessage'] as Fields, info)
        },
        updateMessage: (parent, _args, cache, info) => {
          const { message } = (parent['updateMessage'] ?? {}) as { readonly message?: Message }
          if (message && !info.optimistic) forgetField(cache, messageKey(message.id), 'edits')
        },
        pinMessage: (parent, _args, cache) => {
          if (parent['pinMessage']) forgetPins(cache, (parent['pinMessage'] as { readonly message: Message }).message)
        },
        unpinMessage: (parent, _args, cache) => {
          if (parent['unpinMessage'])
            forgetPins(cache, (parent['unpinMessage'] as { readonly message: Message }).message)
        },
        deleteMessage: (parent, _args, cache, info) => {
          if (parent['deleteMessage']) removeMessage(cache, parent['deleteMessage'] as Fields, info)
        },
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
