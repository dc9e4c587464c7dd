import type { Message, MessageRow } from '@fonechat/client'
import { useSyncExternalStore } from 'react'
import { isDeleted, type ThreadLook } from './look.ts'
import './quote.css'

/** What a message quotes, as it is now; a way to it. It has its room before it is known. */
export function Quote({ row, threads }: { readonly row: MessageRow; readonly threads: ThreadLook }) {
  const { quotedOf, subscribe, personOf, onJump } = threads
  const quoted = useSyncExternalStore(subscribe, () => quotedOf(row))
  if (!quoted || isDeleted(quoted)) {
    return (
      <p className="quote quote-gone">
        {quoted === undefined
          ? '…'
          : quoted
            ? `${personOf(quoted.authorIdentity).name}: deleted`
            : 'The quoted message is gone'}
      </p>
    )
  }
  return (
    <button type="button" className="quote" onClick={() => onJump(quoted)}>
      <span className="unseen">Quotes </span>
      <b className="quote-author cut" dir="auto">
        {personOf(quoted.authorIdentity).name}
      </b>
      <span className="quote-text" dir="auto">
        {firstLines(quoted)}
      </span>
    </button>
  )
}

/** Long texts are cut for the eye by the style; so much is never shown. */
const firstLines = ({ body }: Message): string => body.slice(0, 500)
