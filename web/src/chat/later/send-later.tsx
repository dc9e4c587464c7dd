import { Clock } from 'lucide-react'
import { lazy, Suspense, useRef, useState } from 'react'
import { IconButton } from '../../ui/button.tsx'

const When = lazy(() => import('./when.tsx'))

export interface SendLaterProps {
  /** Whether there is nothing to send. */
  readonly isEmpty: boolean
  readonly onChoose: (at: Date) => void
}

/** The clock beside Send. */
export function SendLater({ isEmpty, onChoose }: SendLaterProps) {
  const [isOpen, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  return (
    <>
      <IconButton
        ref={button}
        label="Schedule for later"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        disabled={isEmpty}
        onClick={() => setOpen(!isOpen)}
      >
        <Clock size={17} aria-hidden="true" />
      </IconButton>
      {isOpen && (
        <Suspense fallback={null}>
          <When
            title="Schedule for later"
            anchor={button}
            action="Schedule"
            onChoose={onChoose}
            onClose={() => setOpen(false)}
          />
        </Suspense>
      )}
    </>
  )
}
