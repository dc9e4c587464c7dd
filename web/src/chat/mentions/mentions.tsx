import { AtSign } from 'lucide-react'
import { lazy, Suspense, useRef, useState } from 'react'
import { counted } from '../../lib/format.ts'
import type { Place } from '../../routes.ts'
import { Unread } from '../../ui/unread.tsx'
import './mentions.css'

const Panel = lazy(() => import('./panel.tsx'))

/** How many unread messages name the user, and on demand all that do. */
export function Mentions({
  count,
  hrefOf,
  onOpen,
}: {
  readonly count: number
  readonly hrefOf: (place: Place) => string
  readonly onOpen: (place: Place) => void
}) {
  const [isOpen, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  return (
    <div className="mentions-shelf">
      <button
        ref={button}
        type="button"
        className="mentions-button"
        title="Mentions"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <AtSign size={15} aria-hidden="true" />
        <span className="mentions-label">Mentions</span>
        <Unread count={count} says={counted(count, 'unread mention')} />
      </button>
      {isOpen && (
        <Suspense fallback={null}>
          <Panel anchor={button} hrefOf={hrefOf} onOpen={onOpen} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </div>
  )
}
