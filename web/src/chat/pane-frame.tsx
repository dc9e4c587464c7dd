import { useState, type ReactNode } from 'react'
import './pane.css'

export interface PaneFrameProps {
  readonly name: string
  /** Whether it shares the width with another one: its list of channels becomes a rail sooner. */
  readonly isHalf: boolean
  /** Whether another pane is in front of it, where there is room for one alone. */
  readonly isBehind: boolean
  /** Called when the pane is used: the switcher opens for it. */
  readonly onUse: () => void
  readonly side: (close: () => void) => ReactNode
  readonly chat: (openChannels: () => void) => ReactNode
}

/** A person's half of the page: channels beside a chat. Where it is narrow the channels open over the chat. */
export function PaneFrame({ name, isHalf, isBehind, onUse, side, chat }: PaneFrameProps) {
  const [isListOpen, setListOpen] = useState(false)
  const close = (): void => setListOpen(false)
  return (
    <section
      className="pane"
      aria-label={name}
      data-half={isHalf || undefined}
      data-behind={isBehind || undefined}
      data-list-open={isListOpen || undefined}
      onPointerDownCapture={onUse}
      onFocusCapture={onUse}
      onKeyDown={(event) => event.key === 'Escape' && close()}
    >
      <div className="pane-side">{side(close)}</div>
      <div className="pane-shade" onClick={close} />
      <div className="pane-chat">{chat(() => setListOpen(true))}</div>
    </section>
  )
}
