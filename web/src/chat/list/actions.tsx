import { Ellipsis, SmilePlus, type LucideIcon } from 'lucide-react'
import { IconButton } from '../../ui/button.tsx'

/** Something that can be done with a message. */
export interface MessageAction {
  readonly label: string
  readonly icon: LucideIcon
  /** `anchor` is where its button stands. */
  readonly onAct: (anchor: DOMRect) => void
  /** It stands in the menu of what is done less often. */
  readonly isMore?: boolean
}

export interface MessageActionsProps {
  /** Left out where nothing is to react to. */
  readonly onReact: ((reaction: string) => void) | undefined
  /** Wants another reaction; the picker is to stand beside this. */
  readonly onPicking: (anchor: DOMRect) => void
  /** What else can be done. */
  readonly actions: readonly MessageAction[]
  /** Wants the menu of the others, beside this. */
  readonly onMore: (more: readonly MessageAction[], anchor: DOMRect) => void
}

/** What is mostly said by a reaction. */
const quick = [
  ['👍', 'thumbs up'],
  ['❤️', 'heart'],
  ['🎉', 'party'],
] as const

/** What can be done with a message; beside it while it is hovered, focused or pressed long. */
export function MessageActions({ onReact, onPicking, actions, onMore }: MessageActionsProps) {
  const more = actions.filter(({ isMore }) => isMore)
  return (
    <div className="message-actions" role="toolbar" aria-label="Message">
      {onReact && (
        <>
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
        </>
      )}
      {actions.map(
        ({ label, icon: Icon, onAct, isMore }) =>
          !isMore && (
            <IconButton
              key={label}
              label={label}
              onClick={({ currentTarget }) => onAct(currentTarget.getBoundingClientRect())}
            >
              <Icon size={15} aria-hidden="true" />
            </IconButton>
          ),
      )}
      {more.length > 0 && (
        <IconButton
          label="More"
          aria-haspopup="menu"
          onClick={({ currentTarget }) => onMore(more, currentTarget.getBoundingClientRect())}
        >
          <Ellipsis size={15} aria-hidden="true" />
        </IconButton>
      )}
    </div>
  )
}
