import type { Message } from '@fonechat/client'
import { X } from 'lucide-react'
import { IconButton } from '../../ui/button.tsx'

/** Above the text: which message it will quote. */
export function QuoteBar({
  quoted,
  author,
  onClose,
}: {
  readonly quoted: Message | null | undefined
  readonly author: string
  readonly onClose: () => void
}) {
  return (
    <div className="composer-quote">
      <p className="composer-quote-text cut" dir="auto">
        {quoted ? (
          <>
            <b>{author}</b> {quoted.body.slice(0, 200)}
          </>
        ) : quoted === null ? (
          'The quoted message is gone'
        ) : (
          '…'
        )}
      </p>
      <IconButton label="Do not quote" onClick={onClose}>
        <X size={15} aria-hidden="true" />
      </IconButton>
    </div>
  )
}
