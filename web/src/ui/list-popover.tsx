import { Popover } from '@base-ui/react/popover'
import { X } from 'lucide-react'
import type { ReactNode, RefObject } from 'react'
import { IconButton } from './button.tsx'

export interface ListPopoverProps {
  /** Of its classes: `pins` makes `pins`, `pins-positioner`, `pins-head` and `pins-title`. */
  readonly name: string
  readonly title: string
  /** The button that opens and closes it. */
  readonly anchor: RefObject<HTMLElement | null>
  readonly align: 'start' | 'center'
  /** Stands beside the title. */
  readonly beside?: ReactNode
  readonly children: ReactNode
  readonly onClose: () => void
}

/** A list below its button. */
export function ListPopover({ name, title, anchor, align, beside, children, onClose }: ListPopoverProps) {
  return (
    <Popover.Root
      open
      onOpenChange={(isOpen, { event }) => {
        // The button closes it by itself.
        if (!isOpen && !(event.target instanceof Node && anchor.current?.contains(event.target))) onClose()
      }}
    >
      <Popover.Portal>
        <Popover.Positioner
          className={`${name}-positioner`}
          anchor={anchor}
          side="bottom"
          align={align}
          sideOffset={8}
          collisionPadding={12}
        >
          <Popover.Popup className={name} finalFocus={anchor}>
            <div className={`${name}-head`}>
              <Popover.Title className={`${name}-title`}>{title}</Popover.Title>
              {beside}
              <Popover.Close render={<IconButton label="Close" />}>
                <X size={16} aria-hidden="true" />
              </Popover.Close>
            </div>
            {children}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
