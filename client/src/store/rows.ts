import type { Message, OutboxItem } from './state.ts'

/** A line of a message list. The same object for as long as nothing in it has changed. */
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

/** Rows by what they show: as long as a message and its item are the same objects, so is its row. */
const rowsOfMessages = new WeakMap<Message, MessageRow>()
const rowsOfItems = new WeakMap<OutboxItem, MessageRow>()

/** What the outbox wants of the message is shown as if it were done; nothing while it is to be deleted. */
export function rowOf(message: Message, changing: ReadonlyMap<string, OutboxItem>, self: string): MessageRow | null {
  const item = changing.get(message.id) ?? null
  const known = rowsOfMessages.get(message)
  const isMine = message.authorIdentity === self
  if (known && known.item === item && known.isMine === isMine) return known
  if (item?.action.kind === 'delete' && item.status !== 'failed') return null
  const edit = item?.action.kind === 'edit' && item.status !== 'failed' ? item.action : undefined
  const row: MessageRow = {
    key: message.clientMessageId ?? message.id,
    index: message.index,
    message,
    body: edit?.body ?? message.body,
    attributes: edit?.attributes ?? message.attributes,
    authorIdentity: message.authorIdentity,
    createdAt: Date.parse(message.createdAt),
    isMine,
    wasEdited: message.wasEdited || edit !== undefined,
    status: item?.status ?? 'sent',
    item,
  }
  rowsOfMessages.set(message, row)
  return row
}

/** The last edit or deletion that waits for each message, by the message’s SID. */
export function changingItems(pending: readonly OutboxItem[]): ReadonlyMap<string, OutboxItem> {
  const changing = new Map<string, OutboxItem>()
  for (const item of pending) if (item.action.kind !== 'send') changing.set(item.action.messageId, item)
  return changing
}

/** The row of a send that waits; null of anything else. */
export function pendingRow(item: OutboxItem, self: string): MessageRow | null {
  const { action, createdAt, status } = item
  if (action.kind !== 'send') return null
  const known = rowsOfItems.get(item)
  if (known) return known
  const row: MessageRow = {
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
  }
  rowsOfItems.set(item, row)
  return row
}
