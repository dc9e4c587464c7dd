import type { PinnedList } from '@fonechat/client/pins'
import { Pin } from 'lucide-react'
import { lazy, Suspense, useRef, useState, useSyncExternalStore, type ReactNode } from 'react'
import { counted } from '../../lib/format.ts'
import type { PanelProps } from './panel.tsx'
import './pins.css'

const Panel = lazy(() => import('./panel.tsx'))

/** How many messages of a channel are pinned, and on demand which. Nothing where none is. */
export function Pins({
  list,
  ...panel
}: { readonly list: PinnedList } & Omit<PanelProps, 'messages' | 'anchor' | 'onClose'>): ReactNode {
  const { messages } = useSyncExternalStore(list.subscribe, list.getSnapshot)
  const [isOpen, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  // Who unpins the last one is not thrown out of the panel.
  if (messages.length === 0 && !isOpen) return null
  const label = counted(messages.length, 'pinned message')
  return (
    <>
      <button
        ref={button}
        type="button"
        className="pins-button"
        title={label}
        aria-label={label}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Pin size={14} aria-hidden="true" />
        {messages.length}
      </button>
      {isOpen && (
        <Suspense fallback={null}>
          <Panel {...panel} messages={messages} anchor={button} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  )
}
