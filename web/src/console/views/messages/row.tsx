import type { MessageRowFieldsFragment } from '../../generated/types.ts'
import { messagesTexts as texts } from '../../texts/en/messages.ts'

interface Range {
  readonly start: number
  readonly end: number
}

/** How much of a text stands in a row; what is found begins near its start. */
const shownCharacters = 300
const beforeFound = 40

/** The text of a message in one line, as it is, with what was found marked; and what has happened to it. */
export function RowText({
  message: { body, deletedAt, wasEdited, pinnedAt, parentIndex, replyCount, streamState },
  highlights = [],
}: {
  readonly message: MessageRowFieldsFragment
  readonly highlights?: readonly Range[]
}) {
  const words = [
    streamState === 'STREAMING' && texts.streaming,
    pinnedAt !== null && texts.pinned,
    parentIndex !== null && texts.replyTo(parentIndex),
    replyCount > 0 && texts.replyCount(replyCount),
    wasEdited && deletedAt === null && texts.edited,
  ].filter((word) => word !== false)
  return (
    <>
      {deletedAt !== null || body === '' ? (
        <span className="none">{deletedAt === null ? texts.emptyText : texts.deletedMessage}</span>
      ) : (
        <bdi>
          <Marked text={body} ranges={highlights} />
        </bdi>
      )}
      {words.map((word) => (
        <span key={word} className="row-word">
          {word}
        </span>
      ))}
    </>
  )
}

/** Ranges are in UTF-16 code units, in their order. */
function Marked({ text, ranges }: { readonly text: string; readonly ranges: readonly Range[] }) {
  const from = Math.max(0, (ranges[0]?.start ?? 0) - beforeFound)
  const to = from + shownCharacters
  const shown = ranges.filter(({ start, end }) => start >= from && end <= to)
  return (
    <>
      {from > 0 && '…'}
      {text.slice(from, shown[0]?.start ?? to)}
      {shown.map(({ start, end }, at) => (
        <span key={start}>
          <mark>{text.slice(start, end)}</mark>
          {text.slice(end, shown[at + 1]?.start ?? to)}
        </span>
      ))}
      {to < text.length && '…'}
    </>
  )
}
