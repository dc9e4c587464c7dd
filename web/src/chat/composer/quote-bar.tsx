import type { MessageRow } from '@fonechat/client'
import { X } from 'lucide-react'
import { IconButton } from '../../ui/button.tsx'

/** Above the text: which message it will quote. */
export function QuoteBar({
  row,
  author,
  onClose,
}: {
  readonly row: MessageRow
  readonly author: string
  readonly onClose: () => void
}) {
  return (
    <div className="composer-quote">
      <p className="composer-quote-text cut" dir="auto">
        <b>{author}</b> {row.body.slice(0, 200)}
      </p>
      <IconButton label="Do not quote" onClick={onClose}>
        <X size={15} aria-hidden="true" />
      </IconButton>
    </div>
  )
}
