import { useThreads } from '@fonechat/client/react'
import { MessagesSquare } from 'lucide-react'
import { lazy, Suspense, useRef, useState } from 'react'
import { counted } from '../../lib/format.ts'
import type { Place } from '../../routes.ts'
import { ShelfButton } from '../../ui/shelf-button.tsx'
import { Unread } from '../../ui/unread.tsx'
import './threads.css'

const Followed = lazy(() => import('./followed.tsx'))

/** How many threads that the user follows have unread replies, and on demand which there are. Nothing where none is. */
export function Threads({
  hrefOf,
  onOpen,
}: {
  readonly hrefOf: (place: Place) => string
  readonly onOpen: (place: Place) => void
}) {
  const { threads, unreadCount, hasMore, list } = useThreads()
  const [isOpen, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  if (threads.length === 0 && !isOpen) return null
  return (
    <div className="threads-shelf">
      <ShelfButton
        ref={button}
        icon={MessagesSquare}
        label="Threads"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Unread count={unreadCount} says={`${counted(unreadCount, 'thread')} with unread replies`} />
      </ShelfButton>
      {isOpen && (
        <Suspense fallback={null}>
          <Followed
            threads={threads}
            onMore={hasMore ? () => void list.loadMore().catch(() => {}) : undefined}
            anchor={button}
            hrefOf={hrefOf}
            onOpen={onOpen}
            onClose={() => setOpen(false)}
          />
        </Suspense>
      )}
    </div>
  )
}
