import { intervalAt } from './intervals.ts'
import { placeOf } from './messages.ts'
import type { ChannelState, Message, OutboxItem, State } from './state.ts'

/** A line of a message list. */
export interface MessageRow {
  /** The same for as long as the message is shown, also when the server acknowledges it: what lists key their rows by. */
  readonly key: string
  /** Null while the message is only in the outbox. */
  readonly index: number | null
  readonly message: Message | null
  readonly body: string
  readonly attributes: unknown
  readonly authorIdentity: string
  /** Milliseconds since the epoch; of one that waits, when it was written. */
  readonly createdAt: number
  readonly isMine: boolean
  readonly wasEdited: boolean
  /** `sent` is what the server has. The others are what the outbox says. */
  readonly status: 'sent' | 'pending' | 'sending' | 'failed'
  /** What waits for this message, or has failed: the send, an edit or a deletion. */
  readonly item: OutboxItem | null
}

/** Most messages that a window has. */
export const windowSize = 500

/** The part of a channel that a list shows: a stretch without holes. */
export interface Window {
  /** Index of the first message that is wanted. */
  readonly from: number
  /** Index of the last one; null follows the newest. */
  readonly to: number | null
}

export interface MessageWindow {
  readonly rows: readonly MessageRow[]
  /** Whether older messages exist that the window does not have. */
  readonly hasOlder: boolean
  readonly hasNewer: boolean
  /** Whether any page of this channel has been read. */
  readonly isLoaded: boolean
}

export function selectWindow(state: State, known: ChannelState, { from, to }: Window): MessageWindow {
  const self = state.session?.identity ?? ''
  const end = to ?? known.head
  const interval = intervalAt(known.intervals, end) ?? intervalAt(known.intervals, from)
  const first = Math.max(from, interval?.[0] ?? end + 1)
  const last = Math.min(end, interval?.[1] ?? end)
  const messages = known.messages
    .slice(placeOf(known.messages, first), placeOf(known.messages, last + 1))
    .slice(-windowSize)
  const rows = messages.flatMap((message) => rowOf(message, known.pending, self))
  const isAtHead = last >= known.head
  const sent = new Set(messages.map(({ clientMessageId }) => clientMessageId))
  const pending = isAtHead ? known.pending.flatMap((item) => pendingRow(item, sent, self)) : []
  return {
    rows: [...rows, ...pending],
    hasOlder: (messages[0]?.index ?? first) > known.channel.firstIndex && first > known.channel.firstIndex,
    hasNewer: !isAtHead,
    isLoaded: interval !== undefined || known.head < known.channel.firstIndex,
  }
}

/** What the outbox wants of the message is shown as if it were done. */
function rowOf(message: Message, pending: readonly OutboxItem[], self: string): MessageRow[] {
  const item = pending.findLast(({ action }) => action.kind !== 'send' && action.messageId === message.id) ?? null
  if (item?.action.kind === 'delete' && item.status !== 'failed') return []
  const edit = item?.action.kind === 'edit' && item.status !== 'failed' ? item.action : undefined
  return [
    {
      key: message.clientMessageId ?? message.id,
      index: message.index,
      message,
      body: edit?.body ?? message.body,
      attributes: edit?.attributes ?? message.attributes,
      authorIdentity: message.authorIdentity,
      createdAt: Date.parse(message.createdAt),
      isMine: message.authorIdentity === self,
      wasEdited: message.wasEdited || edit !== undefined,
      status: item?.status ?? 'sent',
      item,
    },
  ]
}

function pendingRow(item: OutboxItem, sent: ReadonlySet<string | null>, self: string): MessageRow[] {
  const { action, createdAt, status } = item
  if (action.kind !== 'send' || sent.has(action.clientMessageId)) return []
  return [
    {
      key: action.clientMessageId,
      index: null,
      message: null,
      body: action.body,
      attributes: action.attributes ?? {},
      authorIdentity: self,
      createdAt,
      isMine: true,
      wasEdited: false,
      status,
      item,
    },
  ]
}
