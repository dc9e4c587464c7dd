import type { ChannelState, MessageRow } from '@fonechat/client'
import type { Person, ShownMessage } from '../model.ts'
import { personIn, personOf } from './names.ts'

const shown = new WeakMap<MessageRow, ShownMessage>()

/** The rows of a window as the list shows them. The same row gives the same object, so that it is not rendered again. */
export function shownMessages(
  rows: readonly MessageRow[],
  known: ChannelState | undefined,
  self: Person,
): readonly ShownMessage[] {
  return rows.map((row) => {
    const before = shown.get(row)
    if (before) return before
    const { key, index, message, body, createdAt, isMine, wasEdited, status } = row
    const author = isMine
      ? self
      : message?.author
        ? personOf(message.author)
        : known
          ? personIn(known, row.authorIdentity)
          : { identity: row.authorIdentity, name: row.authorIdentity }
    const made: ShownMessage = {
      key,
      id: message?.id ?? null,
      index,
      author,
      body,
      createdAt: message?.createdAt ?? new Date(createdAt).toISOString(),
      isEdited: wasEdited,
      isMine,
      isPending: status !== 'sent',
    }
    shown.set(row, made)
    return made
  })
}
