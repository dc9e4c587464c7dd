import type { ApolloCache, Reference } from '@apollo/client'
import { hidesOwnReactions, ownCursor, ownersOf, removedIds, type GlueMessage } from '../glue/owners.ts'
import { isPending } from '../glue/pending.ts'
import { requireFields } from '../glue/require.ts'
import type { ResultObject } from '../glue/results.ts'
import { endIndex, insertEntry, truncateSegments } from '../glue/segments.ts'
import { appendText, keepText, type StreamedTexts } from '../glue/streamed.ts'
import { addKey } from './keys.ts'
import { addItem, moveToTop, removeItem, setFirst } from './lists.ts'
import { modifyMessages } from './messages.ts'
import { applyReactions, forgetOwnReactions } from './reactions.ts'

/** What a cache knows besides its objects. */
export interface KnownToCache {
  readonly identity: string | undefined
  readonly texts: StreamedTexts
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
  const message = event['message'] as GlueMessage
  const needed = ['id', 'channelId', 'index', 'revision', ...(isNew ? ['clientMessageId', 'isShownInChannel'] : [])]
  requireFields(`${event.__typename}.message`, message, needed)
  requireFields(event.__typename, event, ['cursor'])
  const channel = keyOf(cache, 'Channel', message.channelId)
  const key = keyOf(cache, 'Message', message.id)
  const owners = ownersOf(message)
  if (isPending(message)) {
    for (const [, owner] of isNew ? owners : []) addKey(cache, 'PendingMessages', owner, key)
    return
  }
  const cursor = event['cursor'] as string
  if (!isNew || cursor === '') return
  const { index } = message
  const entry = { key, ref: { __ref: key }, index, cursor: ownCursor(cursor, message) }
  for (const [type, owner] of owners) {
    addKey(cache, 'ArrivedMessages', owner, key)
    modifyMessages(cache, keyOf(cache, type, owner), (messages) => {
      const segments = insertEntry(messages.segments, entry)
      return segments === messages.segments ? messages : { ...messages, segments }
    })
  }
  if (message.isShownInChannel === false) return
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
  const message = event['message'] as GlueMessage
  requireFields(`${event.__typename}.message`, message, ['id', 'channelId', 'revision'])
  requireFields(event.__typename, event, ['cursor'])
  for (const id of removedIds(message)) {
    const key = keyOf(cache, 'Message', id)
    addKey(cache, 'RemovedMessages', message.channelId, key)
    // What is only expected to be deleted may have to come back. Without it, whatever shows it as the last message is read again.
    if (event['cursor'] !== '') cache.evict({ id: key })
  }
}

/** Of the newest state alone: what was read since knows more. */
function react(cache: ApolloCache, event: ResultObject, { identity }: KnownToCache): void {
  const { id, revision } = event['message'] as GlueMessage
  const key = keyOf(cache, 'Message', id)
  let known: unknown
  cache.modify({ id: key, broadcast: false, fields: { revision: (value) => (known = value) } })
  if (known === revision) applyReactions(cache, key, event, identity)
}

/** A list of pins follows what the cache knows of the message, which may be newer than the event. Where the event does not say it, the list is read again. */
function movePin(cache: ApolloCache, event: ResultObject): void {
  const message = event['message'] as GlueMessage
  requireFields(`${event.__typename}.message`, message, ['id', 'channelId', 'revision'])
  const channel = keyOf(cache, 'Channel', message.channelId)
  const key = keyOf(cache, 'Message', message.id)
  let pinnedAt: unknown
  if ('pinnedAt' in message)
    cache.modify({ id: key, broadcast: false, fields: { pinnedAt: (value) => (pinnedAt = value) } })
  if (pinnedAt === undefined) cache.evict({ id: channel, fieldName: 'pinnedMessages' })
  else setFirst(cache, channel, 'pinnedMessages', { __ref: key }, pinnedAt !== null)
}

function forgetOwn(cache: ApolloCache, event: ResultObject): void {
  if (hidesOwnReactions(event)) forgetOwnReactions(cache, keyOf(cache, 'Message', (event['message'] as GlueMessage).id))
}

/** There is one more. */
function forgetEdits(cache: ApolloCache, event: ResultObject): void {
  const { id } = event['message'] as GlueMessage
  cache.evict({ id: keyOf(cache, 'Message', id), fieldName: 'edits' })
}

/** What happens to lists at each type of event and of answer. */
const changes: Readonly<Record<string, (cache: ApolloCache, event: ResultObject, known: KnownToCache) => void>> = {
  MessageAdded: (cache, event) => {
    addMessage(cache, event, true)
    forgetOwn(cache, event)
  },
  SendMessagePayload: (cache, event) => addMessage(cache, event, true),
  MessageUpdated: (cache, event) => {
    addMessage(cache, event, false)
    const changes = (event['changes'] ?? ['EDIT', 'PIN']) as readonly string[]
    if (changes.includes('EDIT')) forgetEdits(cache, event)
    if (changes.includes('PIN')) movePin(cache, event)
    forgetOwn(cache, event)
  },
  UpdateMessagePayload: (cache, event) => {
    if (event['cursor'] !== '') forgetEdits(cache, event)
  },
  PinMessagePayload: movePin,
  UnpinMessagePayload: movePin,
  MessageRemoved: removeMessage,
  MessageAppended: (cache, event, { texts }) => {
    const body = appendText(texts, event as never)
    if (body !== undefined)
      cache.modify({ id: keyOf(cache, 'Message', event['messageId']), fields: { body: () => body } })
  },
  MessageFinished: (_cache, event, { texts }) => keepText(texts, (event['message'] as GlueMessage).id, null),
  ReactionsUpdated: react,
  DeleteMessagePayload: removeMessage,
  ChannelTruncated: (cache, event) => {
    requireFields('ChannelTruncated', event, ['firstIndex', 'channel'])
    const channel = event['channel'] as { readonly id: string }
    const firstIndex = event['firstIndex'] as number
    modifyMessages(cache, keyOf(cache, 'Channel', channel.id), (messages) => ({
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

export function applyEvent(cache: ApolloCache, event: ResultObject, known: KnownToCache): void {
  changes[event.__typename]?.(cache, event, known)
}
