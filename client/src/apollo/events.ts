import type { ApolloCache, Reference } from '@apollo/client'
import { parseCursor } from '../cursor.ts'
import { isPending } from '../glue/pending.ts'
import { requireFields } from '../glue/require.ts'
import type { ResultObject } from '../glue/results.ts'
import { endIndex, insertEntry, truncateSegments } from '../glue/segments.ts'
import { addKey } from './keys.ts'
import { addItem, moveToTop, removeItem, setFirst } from './lists.ts'
import { modifyMessages } from './messages.ts'

interface Message {
  readonly id: string
  readonly channelId: string
  readonly index: number
}

const keyOf = (cache: ApolloCache, __typename: string, id: unknown): string =>
  cache.identify({ __typename, id: id as string })!

/** The key of the calling user's `viewer`, where it was read. */
function viewerKey(cache: ApolloCache): string {
  let key = ''
  cache.modify<{ viewer: Reference }>({
    fields: {
      viewer: (viewer) => {
        key = (viewer as Reference).__ref
        return viewer
      },
    },
  })
  return key
}

function addMessage(cache: ApolloCache, event: ResultObject, isNew: boolean): void {
  const message = event['message'] as Message & Readonly<Record<string, unknown>>
  const needed = ['id', 'channelId', 'index', 'revision', ...(isNew ? ['clientMessageId'] : [])]
  requireFields(`${event.__typename}.message`, message, needed)
  requireFields(event.__typename, event, ['cursor'])
  const channel = keyOf(cache, 'Channel', message.channelId)
  const key = keyOf(cache, 'Message', message.id)
  if (isPending(message)) {
    if (isNew) addKey(cache, 'PendingMessages', message.channelId, key)
    return
  }
  const cursor = event['cursor'] as string
  if (!isNew || cursor === '') return
  addKey(cache, 'ArrivedMessages', message.channelId, key)
  const { index } = message
  const own = parseCursor(cursor).index === index ? cursor : undefined
  const entry = { key, ref: { __ref: key }, index, cursor: own }
  modifyMessages(cache, message.channelId, (messages) => {
    const segments = insertEntry(messages.segments, entry)
    return segments === messages.segments ? messages : { ...messages, segments }
  })
  let isNewer = false
  cache.modify<{ lastMessage: Reference | null }>({
    id: channel,
    fields: {
      lastMessage: (last, { readField }) => {
        isNewer = last === null || (readField<number>('index', last as Reference) ?? endIndex) < index
        return isNewer ? ({ __ref: key } as never) : last
      },
    },
  })
  // What a stream catches up with at its beginning may have been known to the list.
  if (isNewer) moveToTop(cache, viewerKey(cache), 'channels', isIn(message.channelId, channel))
}

/** Whether a membership is one in this channel, by whichever of its fields the list has. */
function isIn(channelId: string, channel: string) {
  return (member: Reference, readField: <Value>(field: string, from: Reference) => Value | undefined): boolean =>
    readField('channelId', member) === channelId || readField<Reference>('channel', member)?.__ref === channel
}

function removeMessage(cache: ApolloCache, event: ResultObject): void {
  const message = event['message'] as Message & Readonly<Record<string, unknown>>
  requireFields(`${event.__typename}.message`, message, ['id', 'channelId', 'revision'])
  requireFields(event.__typename, event, ['cursor'])
  const key = keyOf(cache, 'Message', message.id)
  addKey(cache, 'RemovedMessages', message.channelId, key)
  // What is only expected to be deleted may have to come back. Without it, whatever shows it as the last message is read again.
  if (event['cursor'] !== '') cache.evict({ id: key })
}

/** A list of pins follows what the cache knows of the message, which may be newer than the event. Where the event does not say it, the list is read again. */
function movePin(cache: ApolloCache, event: ResultObject): void {
  const message = event['message'] as Message
  requireFields(`${event.__typename}.message`, { ...message }, ['id', 'channelId', 'revision'])
  const channel = keyOf(cache, 'Channel', message.channelId)
  const key = keyOf(cache, 'Message', message.id)
  let pinnedAt: unknown
  if ('pinnedAt' in message)
    cache.modify({ id: key, broadcast: false, fields: { pinnedAt: (value) => (pinnedAt = value) } })
  if (pinnedAt === undefined) cache.evict({ id: channel, fieldName: 'pinnedMessages' })
  else setFirst(cache, channel, 'pinnedMessages', { __ref: key }, pinnedAt !== null)
}

/** There is one more. */
function forgetEdits(cache: ApolloCache, event: ResultObject): void {
  const { id } = event['message'] as Message
  cache.evict({ id: keyOf(cache, 'Message', id), fieldName: 'edits' })
}

/** What happens to lists at each type of event and of answer. */
const changes: Readonly<Record<string, (cache: ApolloCache, event: ResultObject) => void>> = {
  MessageAdded: (cache, event) => addMessage(cache, event, true),
  SendMessagePayload: (cache, event) => addMessage(cache, event, true),
  MessageUpdated: (cache, event) => {
    addMessage(cache, event, false)
    const changes = (event['changes'] ?? ['EDIT', 'PIN']) as readonly string[]
    if (changes.includes('EDIT')) forgetEdits(cache, event)
    if (changes.includes('PIN')) movePin(cache, event)
  },
  UpdateMessagePayload: (cache, event) => {
    if (event['cursor'] !== '') forgetEdits(cache, event)
  },
  PinMessagePayload: movePin,
  UnpinMessagePayload: movePin,
  MessageRemoved: removeMessage,
  DeleteMessagePayload: removeMessage,
  ChannelTruncated: (cache, event) => {
    requireFields('ChannelTruncated', event, ['firstIndex', 'channel'])
    const channel = event['channel'] as { readonly id: string }
    const firstIndex = event['firstIndex'] as number
    modifyMessages(cache, channel.id, (messages) => ({
      ...messages,
      segments: truncateSegments(messages.segments, firstIndex),
    }))
  },
  ChannelRemoved: (cache, event) => {
    requireFields('ChannelRemoved', event, ['channel'])
    const { id } = event['channel'] as { readonly id: string }
    const channel = keyOf(cache, 'Channel', id)
    removeItem(cache, viewerKey(cache), 'channels', isIn(id, channel))
    cache.evict({ id: channel })
  },
  MemberJoined: (cache, event) => {
    const member = event['member'] as { readonly id: string; readonly channelId: string }
    requireFields('MemberJoined.member', { ...member }, ['id', 'channelId'])
    addItem(cache, keyOf(cache, 'Channel', member.channelId), 'members', { __ref: keyOf(cache, 'Member', member.id) })
  },
  MemberLeft: (cache, event) => {
    const member = event['member'] as { readonly id: string; readonly channelId: string }
    requireFields('MemberLeft.member', { ...member }, ['id', 'channelId'])
    const key = keyOf(cache, 'Member', member.id)
    removeItem(cache, keyOf(cache, 'Channel', member.channelId), 'members', (ref) => ref.__ref === key)
  },
  ViewerChannelJoined: (cache) => {
    // Where it belongs depends on the order and the filter of each list.
    cache.evict({ id: viewerKey(cache), fieldName: 'channels' })
  },
  ViewerChannelLeft: (cache, event) => {
    requireFields('ViewerChannelLeft', event, ['channelId'])
    const id = event['channelId'] as string
    removeItem(cache, viewerKey(cache), 'channels', isIn(id, keyOf(cache, 'Channel', id)))
  },
}

export function isEvent({ __typename }: ResultObject): boolean {
  return Object.hasOwn(changes, __typename)
}

export function applyEvent(cache: ApolloCache, event: ResultObject): void {
  changes[event.__typename]?.(cache, event)
}
