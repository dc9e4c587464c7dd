import type { LaterSnapshot } from '@fonechat/client/later'
import { Bookmark, PencilLine } from 'lucide-react'
import { counted } from '../../lib/format.ts'
import { ShelfButton } from '../../ui/shelf-button.tsx'
import './shelf.css'

/** The lists of what the user keeps for itself. */
export type ShelfName = 'drafts' | 'saved'

/** The ways to drafts and scheduled messages, and to what was saved. Amber where something has failed or a reminder has come. */
export function Shelf({
  later,
  onOpen,
}: {
  readonly later: LaterSnapshot
  readonly onOpen: (name: ShelfName) => void
}) {
  const { drafts, scheduled, saved } = later
  const waiting = drafts.size + scheduled.length
  const failed = scheduled.filter(({ state }) => state === 'FAILED').length
  const due = saved.filter(({ remindedAt }) => remindedAt !== null).length
  return (
    <div className="shelf">
      <ShelfButton icon={PencilLine} label="Drafts & scheduled" onClick={() => onOpen('drafts')}>
        <Count
          count={waiting}
          isWarning={failed > 0}
          says={failed > 0 ? `${failed} not sent` : counted(waiting, 'message')}
        />
      </ShelfButton>
      <ShelfButton icon={Bookmark} label="Saved" onClick={() => onOpen('saved')}>
        <Count
          count={due > 0 ? due : saved.length}
          isWarning={due > 0}
          says={due > 0 ? counted(due, 'reminder') : counted(saved.length, 'message')}
        />
      </ShelfButton>
    </div>
  )
}

function Count({
  count,
  isWarning,
  says,
}: {
  readonly count: number
  readonly isWarning: boolean
  readonly says: string
}) {
  return (
    count > 0 && (
      <span className="shelf-count" data-warning={isWarning || undefined}>
        <span aria-hidden="true">{count > 99 ? '99+' : count}</span>
        <span className="unseen">{says}</span>
      </span>
    )
  )
}
