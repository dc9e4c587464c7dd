import { Menu } from '@base-ui/react/menu'
import type { MessageAction } from './actions.tsx'
import './more.css'

export interface MoreProps {
  readonly actions: readonly MessageAction[]
  readonly anchor: DOMRect
  /** What has the focus afterwards. */
  readonly finalFocus: () => HTMLElement | null
  readonly onClose: () => void
}

/** What is done less often with a message. */
export default function More({ actions, anchor, finalFocus, onClose }: MoreProps) {
  return (
    <Menu.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Menu.Portal>
        <Menu.Positioner
          className="more-positioner"
          anchor={{ getBoundingClientRect: () => anchor }}
          side="bottom"
          align="end"
          sideOffset={4}
          collisionPadding={12}
        >
          <Menu.Popup className="more" aria-label="More" finalFocus={finalFocus}>
            {actions.map(({ label, icon: Icon, onAct }) => (
              // Once the menu is closed, and has given the focus back: what is chosen may take it.
              <Menu.Item key={label} className="more-one" onClick={() => setTimeout(() => onAct(anchor))}>
                <Icon size={15} aria-hidden="true" /> {label}
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}
