import type { ReactionGroup } from './reacted.ts'
import { shownReactions } from './reactions.ts'
import type { Mentions, Message, OutboxItem } from './state.ts'
import { isGone } from './thread.ts'

/** A line of a message list. The same object for as long as nothing in it has changed. */
export interface MessageRow {
  /** The same for as long as the message is shown, also when the server acknowledges it: what lists key their rows by. */
  readonly key: string
  /** Null while the message is only in the outbox. */
  readonly index: number | null
  readonly message: Message | null
  readonly body: string
  readonly attributes: unknown
  readonly mentions: Mentions
  readonly authorIdentity: string
  /** Milliseconds since the epoch; of one that waits, when it was written. */
  readonly createdAt: number
  readonly isMine: boolean
  readonly wasEdited: boolean
  readonly isPinned: boolean
  /** In the order of their first use, with what the user has done and the server has not yet acknowledged. */
  readonly reactions: readonly ReactionGroup[]
  /** `sent` is what the server has. The others are what the outbox says. */
  readonly status: 'sent' | 'pending' | 'sending' | 'failed'
  /** What waits for this message, or has failed: the send, an edit or a deletion. A pin is shown as done, and is gone when it fails. */
  readonly item: OutboxItem | null
}

/** Rows by what they show: as long as a message and its item are the same objects, so is its row. */
const rowsOfMessages = new WeakMap<Message, MessageRow>()
const rowsOfItems = new WeakMap<OutboxItem, MessageRow>()

/** The reactions that wait for the message of a row. */
const waitingOf = new WeakMap<MessageRow, readonly OutboxItem[]>()
const noAttributes = {}
const nobody: Mentions = {}
const noItems: readonly OutboxItem[] = []
const noneReacting: ReadonlyMap<string, readonly OutboxItem[]> = new Map()

const isSame = (one = noItems, other: readonly OutboxItem[]): boolean =>
  one.length === other.length && one.every((item, place) => item === other[place])

/** What the outbox wants of the message is shown as if it were done; nothing while it is to be deleted. */
export function rowOf(
  message: Message,
  changing: ReadonlyMap<string, OutboxItem>,
  self: string,
  reacting: ReadonlyMap<string, readonly OutboxItem[]> = noneReacting,
): MessageRow | null {
  const isMine = message.authorIdentity === self
  // What waits for a message that is on its way names it otherwise, also when the message has arrived before its answer.
  const name = isMine ? message.clientMessageId : null
  const waiting = (prefix: string): OutboxItem | undefined =>
    changing.get(prefix + message.id) ?? changing.get(prefix + name)
  const item = waiting('') ?? null
  const pin = waiting(pinPrefix)?.action
  const isPinned = pin?.kind === 'pin' ? pin.isPinned : message.pinnedAt !== null
  const known = rowsOfMessages.get(message)
  const own = reacting.get(message.id) ?? noItems
  const isKnown = known?.item === item && known.isMine === isMine && known.isPinned === isPinned
  if (isKnown && isSame(waitingOf.get(known), own)) return known
  if (isGone(message) || (item?.action.kind === 'delete' && item.status !== 'failed')) return null
  const edit = item?.action.kind === 'edit' && item.status !== 'failed' ? item.action : undefined
  const row: MessageRow = {
    key: message.clientMessageId ?? message.id,
    index: message.index,
    message,
    body: edit?.body ?? message.body,
    attributes: edit?.attributes ?? message.attributes,
    mentions: edit?.mentions ?? message.mentions ?? nobody,
    authorIdentity: message.authorIdentity,
    createdAt: Date.parse(message.createdAt),
    isMine,
    wasEdited: message.wasEdited || edit !== undefined,
    isPinned,
    reactions: shownReactions(message, own),
    status: item?.status ?? 'sent',
    item,
  }
  if (own.length > 0) waitingOf.set(row, own)
  rowsOfMessages.set(message, row)
  return row
}

const pinPrefix = 'pin '

/** The last edit or deletion that waits for each message, and the last pin, by the message’s SID, or by its `clientMessageId` while it waits itself. */
export function changingItems(pending: readonly OutboxItem[]): ReadonlyMap<string, OutboxItem> {
  const changing = new Map<string, OutboxItem>()
  for (const item of pending) {
    const { action } = item
    if (action.kind === 'send' || action.kind === 'react') continue
    changing.set((action.kind === 'pin' ? pinPrefix : '') + action.messageId, item)
  }
  return changing
}

/** The reactions that wait for each message, by its SID, in the order of sending. */
export function reactingItems(pending: readonly OutboxItem[]): ReadonlyMap<string, readonly OutboxItem[]> {
  const items = pending.filter(({ action, status }) => action.kind === 'react' && status !== 'failed')
  if (items.length === 0) return noneReacting
  const reacting = new Map<string, OutboxItem[]>()
  for (const item of items) {
    const { messageId } = item.action as Extract<OutboxItem['action'], { kind: 'react' }>
    reacting.set(messageId, [...(reacting.get(messageId) ?? []), item])
  }
  return reacting
}

/** The row of a send that waits, as it is to become; null of anything else, and while the send is to be deleted. */
export function pendingRow(
  item: OutboxItem,
  changing: ReadonlyMap<string, OutboxItem>,
  self: string,
): MessageRow | null {
  const { action, createdAt, status } = item
  if (action.kind !== 'send') return null
  const change = changing.get(action.clientMessageId)?.action
  if (change?.kind === 'delete') return null
  const {
    body = action.body,
    attributes = action.attributes ?? noAttributes,
    mentions = action.mentions ?? nobody,
  } = change?.kind === 'edit' ? change : {}
  const wasEdited = change !== undefined
  const known = rowsOfItems.get(item)
  const isKnown = known?.body === body && known.attributes === attributes && known.mentions === mentions
  if (isKnown && known.wasEdited === wasEdited) return known
  const row: MessageRow = {
    key: action.clientMessageId,
    index: null,
    message: null,
    body,
    attributes,
    mentions,
    authorIdentity: self,
    createdAt,
    isMine: true,
    wasEdited,
    isPinned: false,
    reactions: shownReactions(noAttributes, noItems),
    status,
    item,
  }
  rowsOfItems.set(item, row)
  return row
}
