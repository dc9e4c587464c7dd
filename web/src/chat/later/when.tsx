import { Popover } from '@base-ui/react/popover'
import { useId, useState, type ReactNode, type RefObject } from 'react'
import { formatAhead } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { choices, fromField, refusalOf, toField } from './times.ts'
import './when.css'

export interface WhenProps {
  readonly title: string
  /** The element that it stands beside, or where that was. */
  readonly anchor: RefObject<HTMLElement | null> | { readonly getBoundingClientRect: () => DOMRect }
  readonly side?: 'top' | 'bottom'
  /** The word on the button beside a time of one’s own. */
  readonly action: string
  readonly onChoose: (at: Date) => void
  readonly onClose: () => void
  /** Where the focus goes afterwards. */
  readonly finalFocus?: RefObject<HTMLElement | null> | (() => HTMLElement | null) | undefined
  /** Stands above the times. */
  readonly children?: ReactNode
}

/** Asks for a time in the future: one of a few that make sense, or any. By the clock and in the zone of this device. */
export default function When(props: WhenProps) {
  const { title, anchor, side = 'top', action, onChoose, onClose, finalFocus } = props
  const id = useId()
  const [now] = useState(() => new Date())
  const [own, setOwn] = useState(() => toField(choices(now)[1]!.at))
  const [refusal, setRefusal] = useState<string | null>(null)
  const choose = (at: Date): void => {
    onChoose(at)
    onClose()
  }
  const chooseOwn = (): void => {
    const at = fromField(own)
    const why = refusalOf(at, new Date())
    setRefusal(why)
    if (at && why === null) choose(at)
  }
  return (
    <Popover.Root
      open
      onOpenChange={(isOpen, { event }) => {
        const isOnAnchor = 'current' in anchor && event.target instanceof Node && anchor.current?.contains(event.target)
        // The button closes it by itself.
        if (!isOpen && !isOnAnchor) onClose()
      }}
    >
      <Popover.Portal>
        <Popover.Positioner
          className="when-positioner"
          anchor={anchor}
          side={side}
          align="end"
          sideOffset={8}
          collisionPadding={12}
        >
          <Popover.Popup className="when" finalFocus={finalFocus}>
            <Popover.Title className="when-title">{title}</Popover.Title>
            {props.children}
            <ul className="when-choices">
              {choices(now).map(({ label, at }) => (
                <li key={label}>
                  <button type="button" className="when-choice" onClick={() => choose(at)}>
                    <span>{label}</span>
                    <span className="when-time">{formatAhead(at, now)}</span>
                  </button>
                </li>
              ))}
            </ul>
            <form
              className="when-own"
              noValidate
              onSubmit={(event) => {
                event.preventDefault()
                // React passes it on to the form of the composer, in which the clock stands.
                event.stopPropagation()
                chooseOwn()
              }}
            >
              <label htmlFor={id}>Date and time</label>
              <div className="when-row">
                <input
                  id={id}
                  type="datetime-local"
                  value={own}
                  min={toField(now)}
                  aria-invalid={refusal !== null || undefined}
                  aria-describedby={refusal === null ? undefined : `${id}-refusal`}
                  onChange={(event) => {
                    setOwn(event.target.value)
                    setRefusal(null)
                  }}
                />
                <Button kind="main" type="submit">
                  {action}
                </Button>
              </div>
              {refusal !== null && (
                <p id={`${id}-refusal`} className="when-refusal" role="alert">
                  {refusal}
                </p>
              )}
            </form>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
