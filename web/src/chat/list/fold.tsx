import { useId, useLayoutEffect, useRef, useState, type FocusEvent, type ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'

/** Lines that a folded message shows. */
export const foldedLines = 20
/** So many lines more are not worth a button. */
const slackLines = 4

/** Whether a text may be higher than a folded one, whatever its width: what is not is not measured. */
export const mayFold = (body: string): boolean => body.length > 300 || body.split('\n').length > foldedLines

export interface FoldProps {
  readonly startsOpen: boolean
  /** Called before the height changes by hand. */
  readonly onToggle: (isOpen: boolean) => void
  readonly children: ReactNode
}

/** A long text, of which the first lines are shown until one wants all. Screen readers read all of it: it is cut for the eye alone. */
export function Fold({ startsOpen, onToggle, children }: FoldProps) {
  const [isOpen, setOpen] = useState(startsOpen)
  const [isLong, setLong] = useState(true)
  const text = useRef<HTMLDivElement>(null)
  const id = useId()
  useLayoutEffect(() => {
    const element = text.current!
    const measure = (): void => {
      const line = Number.parseFloat(getComputedStyle(element).lineHeight)
      setLong(element.offsetHeight > line * (foldedLines + slackLines))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const toggle = (next: boolean): void => {
    onToggle(next)
    setOpen(next)
  }
  const isFolded = isLong && !isOpen
  // A link below the fold that gets the focus is to be seen.
  const onFocus = ({ currentTarget, target }: FocusEvent): void => {
    const { bottom } = currentTarget.getBoundingClientRect()
    if (isFolded && target.getBoundingClientRect().bottom > bottom) toggle(true)
  }
  return (
    <>
      <div id={id} className="fold" data-folded={isFolded || undefined} onFocus={onFocus}>
        <div ref={text}>{children}</div>
      </div>
      {isLong && (
        <Button className="fold-button" aria-expanded={isOpen} aria-controls={id} onClick={() => toggle(!isOpen)}>
          {isOpen ? 'Show less' : 'Show more'}
        </Button>
      )}
    </>
  )
}
