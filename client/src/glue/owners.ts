import { parseCursor } from '../cursor.ts'
import type { Entry } from './segments.ts'

/** What is read of a message in an event or an answer. */
export interface GlueMessage extends Readonly<Record<string, unknown>> {
  readonly id: string
  readonly channelId: string
  readonly index: number
  readonly isShownInChannel?: boolean
  readonly replyCount?: number
  readonly deletedAt?: string | null
  /** Of a reply: what it answers, where that is there and selected. */
  readonly parent?: { readonly id: string; readonly replyCount?: number; readonly deletedAt?: string | null } | null
}

/** What has a list in which a message stands: its channel, where that shows it, and the message that it replies to. */
export function ownersOf({
  channelId,
  isShownInChannel,
  parent,
}: GlueMessage): readonly (readonly [type: string, id: string])[] {
  const channel = isShownInChannel === false ? [] : [['Channel', channelId] as const]
  return parent ? [...channel, ['Message', parent.id]] : channel
}

/** The ids of the messages that have no place any more with a removal: one with replies keeps it, and what was deleted before goes with its last reply. */
export function removedIds({ id, replyCount = 0, parent }: GlueMessage): readonly string[] {
  const removed = replyCount > 0 ? [] : [id]
  return parent?.deletedAt != null && parent.replyCount === 0 ? [...removed, parent.id] : removed
}

/** Whether an event may have reactions of the user itself of which it does not say so: of a message that was changed while nobody listened. */
export const hidesOwnReactions = (event: Readonly<Record<string, unknown>>): boolean => {
  const { reactions = [] } = event['message'] as { readonly reactions?: readonly unknown[] }
  const changes = (event['changes'] ?? []) as readonly string[]
  return reactions.length > 0 && (event['__typename'] === 'MessageAdded' || changes.includes('REACTIONS'))
}

/** An event's cursor, where it is the message's own place. */
export const ownCursor = (cursor: string, { index }: Pick<Entry, 'index'>): string | undefined =>
  parseCursor(cursor).index === index ? cursor : undefined
