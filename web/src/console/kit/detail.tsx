import { X } from 'lucide-react'
import { useEffect, useId, useRef, type ReactNode } from 'react'
import { IconButton } from '../../ui/button.tsx'
import { kitTexts as texts } from '../texts/en/kit.ts'
import './detail.css'

/** What is open, beside the list that it is of; on narrow pages over it. It takes the focus when it opens; the list gets it back. */
export function Detail({
  title,
  above,
  actions,
  onClose,
  children,
}: {
  readonly title: string
  /** Above the title, such as the SID. */
  readonly above?: ReactNode
  /** Stand at the foot. */
  readonly actions?: ReactNode
  readonly onClose: () => void
  readonly children: ReactNode
}) {
  const id = useId()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus({ preventScroll: true }), [])
  return (
    <aside className="detail" aria-labelledby={id}>
      <div className="detail-head">
        <div className="detail-words">
          <h2 id={id} ref={heading} tabIndex={-1}>
            {title}
          </h2>
          {above !== undefined && <div className="detail-above">{above}</div>}
        </div>
        <IconButton label={texts.close} onClick={onClose}>
          <X size={17} aria-hidden="true" />
        </IconButton>
      </div>
      <div className="detail-body">{children}</div>
      {actions !== undefined && <div className="detail-actions">{actions}</div>}
    </aside>
  )
}
