import { useThreads } from '@fonechat/client/react'
import { MessagesSquare } from 'lucide-react'
import { lazy, Suspense, useRef, useState } from 'react'
import { counted } from '../../lib/format.ts'
import type { Place } from '../../routes.ts'
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
      <button
        ref={button}
        type="button"
        className="threads-button"
        title="Threads"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <MessagesSquare size={15} aria-hidden="true" />
        <span className="threads-label">Threads</span>
        <Unread count={unreadCount} says={`${counted(unreadCount, 'thread')} with unread replies`} />
      </button>
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
