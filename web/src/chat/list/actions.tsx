import { Link2, Pencil, Trash2 } from 'lucide-react'
import { IconButton } from '../../ui/button.tsx'

export interface MessageActionsProps {
  readonly isMine: boolean
  readonly onEdit: () => void
  readonly onDelete: () => void
  readonly onCopyLink: () => void
}

/** What can be done with a message; beside it while it is hovered, focused or pressed long. */
export function MessageActions({ isMine, onEdit, onDelete, onCopyLink }: MessageActionsProps) {
  return (
    <div className="message-actions" role="toolbar" aria-label="Message">
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
