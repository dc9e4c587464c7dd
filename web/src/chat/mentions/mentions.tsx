import { AtSign } from 'lucide-react'
import { lazy, Suspense, useRef, useState } from 'react'
import { counted } from '../../lib/format.ts'
import type { Place } from '../../routes.ts'
import { ShelfButton } from '../../ui/shelf-button.tsx'
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
      <ShelfButton ref={button} icon={AtSign} label="Mentions" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Unread count={count} says={counted(count, 'unread mention')} />
      </ShelfButton>
      {isOpen && (
        <Suspense fallback={null}>
          <Panel anchor={button} hrefOf={hrefOf} onOpen={onOpen} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </div>
  )
}
