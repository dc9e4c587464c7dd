import { lazy, Suspense } from 'react'

const EmojiPicker = lazy(() => import('./emoji/picker.tsx'))

/** Room for the picker, in pixels. */
const size = { width: 312, height: 302, gap: 8 }

export interface ReactionPickerProps {
  /** What it stands beside. */
  readonly anchor: DOMRect
  readonly onPick: (emoji: string) => void
  readonly onClose: () => void
}

/** The emoji picker beside a message: below it where there is room, else above, and always within the window. */
export function ReactionPicker({ anchor, onPick, onClose }: ReactionPickerProps) {
  const { width, height, gap } = size
  const below = anchor.bottom + gap
  const top = below + height < innerHeight ? below : Math.max(gap, anchor.top - gap - height)
  const left = Math.max(gap, Math.min(anchor.right - width, innerWidth - width - gap))
  return (
    <div className="reaction-picker" style={{ top, left }}>
      <Suspense fallback={null}>
        <EmojiPicker onPick={onPick} onClose={onClose} />
      </Suspense>
    </div>
  )
}
