import { SmilePlus, type LucideIcon } from 'lucide-react'
import { IconButton } from '../../ui/button.tsx'

/** Something that can be done with a message. */
export interface MessageAction {
  readonly label: string
  readonly icon: LucideIcon
  /** `anchor` is where its button stands. */
  readonly onAct: (anchor: DOMRect) => void
}

export interface MessageActionsProps {
  readonly onReact: (reaction: string) => void
  /** Wants another reaction; the picker is to stand beside this. */
  readonly onPicking: (anchor: DOMRect) => void
  /** What else can be done. */
  readonly actions: readonly MessageAction[]
}

/** What is mostly said by a reaction. */
const quick = [
  ['👍', 'thumbs up'],
  ['❤️', 'heart'],
  ['🎉', 'party'],
] as const

/** What can be done with a message; beside it while it is hovered, focused or pressed long. */
export function MessageActions({ onReact, onPicking, actions }: MessageActionsProps) {
  return (
    <div className="message-actions" role="toolbar" aria-label="Message">
      {quick.map(([reaction, name]) => (
        <IconButton key={reaction} label={`React: ${name}`} onClick={() => onReact(reaction)}>
          <span className="message-actions-sign" aria-hidden="true">
            {reaction}
          </span>
        </IconButton>
      ))}
      <IconButton
        label="React with another emoji"
        aria-haspopup="dialog"
        onClick={({ currentTarget }) => onPicking(currentTarget.getBoundingClientRect())}
      >
        <SmilePlus size={15} aria-hidden="true" />
      </IconButton>
      <span className="message-actions-line" aria-hidden="true" />
      {actions.map(({ label, icon: Icon, onAct }) => (
        <IconButton
          key={label}
          label={label}
          onClick={({ currentTarget }) => onAct(currentTarget.getBoundingClientRect())}
        >
          <Icon size={15} aria-hidden="true" />
        </IconButton>
      ))}
    </div>
  )
}
