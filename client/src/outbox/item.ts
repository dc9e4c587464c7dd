import { ChatError } from '../errors.ts'
import { maxItemAge } from '../store/outbox-item.ts'
import type { OutboxAction, OutboxItem } from '../store/state.ts'

/** Items that an outbox holds. */
export const maxItems = 1000

export const outboxFull = (): ChatError => new ChatError('OUTBOX_FULL', `the outbox holds ${maxItems} items already`)

export function newItem(
  channelId: string,
  action: OutboxAction,
  isTried: boolean,
  createdAt: number,
): Omit<OutboxItem, 'id'> {
  return { channelId, action, createdAt, isTried, status: 'pending', error: null }
}

/** When an item ends that has not failed, in milliseconds since the epoch. */
export const endOf = ({ createdAt }: OutboxItem): number => createdAt + maxItemAge

/** The send that an edit, a deletion or a pin is for, while it waits itself: the action names the message by its `clientMessageId` then. */
export function isFor({ channelId, action }: OutboxItem, send: OutboxItem): boolean {
  return (
    action.kind !== 'send' &&
    send.action.kind === 'send' &&
    channelId === send.channelId &&
    action.messageId === send.action.clientMessageId
  )
}

/** The send with an edit in it. */
export function edited(send: OutboxItem, { action }: OutboxItem): OutboxItem {
  if (action.kind !== 'edit' || send.action.kind !== 'send') return send
  const { body, attributes, mentions } = action
  const merged = {
    ...send.action,
    ...(body !== undefined && { body }),
    ...(attributes !== undefined && { attributes }),
    ...(mentions && { mentions }),
  }
  return { ...send, action: merged, status: 'pending', error: null }
}
