import { Link2, Pencil, SmilePlus, Trash2 } from 'lucide-react'
import { IconButton } from '../../ui/button.tsx'

export interface MessageActionsProps {
  readonly isMine: boolean
  readonly onEdit: () => void
  readonly onDelete: () => void
  readonly onCopyLink: () => void
  readonly onReact: (reaction: string) => void
  /** Wants another reaction; the picker is to stand beside this. */
  readonly onPicking: (anchor: DOMRect) => void
}

/** What is mostly said by a reaction. */
const quick = [
  ['👍', 'thumbs up'],
  ['❤️', 'heart'],
  ['🎉', 'party'],
] as const

/** What can be done with a message; beside it while it is hovered, focused or pressed long. */
export function MessageActions({ isMine, onEdit, onDelete, onCopyLink, onReact, onPicking }: MessageActionsProps) {
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
      <IconButton label="Copy link" onClick={onCopyLink}>
        <Link2 size={15} aria-hidden="true" />
      </IconButton>
      {isMine && (
        <>
          <IconButton label="Edit" onClick={onEdit}>
            <Pencil size={15} aria-hidden="true" />
          </IconButton>
          <IconButton label="Delete" onClick={onDelete}>
            <Trash2 size={15} aria-hidden="true" />
          </IconButton>
        </>
      )}
    </div>
  )
}
