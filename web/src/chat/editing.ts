import { ChatError, type ChannelHandle, type MessageRow } from '@fonechat/client'
import { problemOf } from '../lib/use-attempt.ts'

/** The version that one has seen who began to edit a row: the present one where that says the same, as after an earlier edit of one’s own. */
export function versionSeen({ key, message, body }: MessageRow, rows: readonly MessageRow[]): number | undefined {
  const now = rows.find((row) => row.key === key)?.message
  return now?.body === body ? now.version : message?.version
}

/** Puts a text that came too late in the place of the one that is there, unless that changes once more meanwhile. */
export async function saveMine(
  channel: ChannelHandle,
  { message, item }: MessageRow,
  discard: (item: number) => Promise<void>,
): Promise<void> {
  if (!message || item?.action.kind !== 'edit') return
  const { body, attributes, mentions } = item.action
  await discard(item.id)
  await channel.updateMessage(
    message.id,
    { ...(body !== undefined && { body }), ...(attributes !== undefined && { attributes }), mentions },
    { expectedVersion: message.version },
  )
}

/** Why something with a message did not work, in words. */
export const messageProblemOf = (error: unknown): string =>
  error instanceof ChatError && error.currentVersion !== undefined
    ? 'Your edit came too late: the message was edited meanwhile. Both texts stand there.'
    : problemOf(error)
