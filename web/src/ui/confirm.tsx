import { AlertDialog } from '@base-ui/react/alert-dialog'
import { Button } from './button.tsx'
import './dialog.css'

export interface ConfirmProps {
  readonly title: string
  readonly says: string
  /** The word on the button that does it. */
  readonly action: string
  readonly onConfirm: () => void
  readonly onClose: () => void
}

/** Asks before something that cannot be taken back. */
export default function Confirm({ title, says, action, onConfirm, onClose }: ConfirmProps) {
  return (
    <AlertDialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="dialog-backdrop" />
        <AlertDialog.Popup className="dialog dialog-small">
          <AlertDialog.Title className="dialog-title">{title}</AlertDialog.Title>
          <AlertDialog.Description className="dialog-says">{says}</AlertDialog.Description>
          <div className="dialog-actions">
            <AlertDialog.Close render={<Button />}>Keep</AlertDialog.Close>
            <Button
              kind="main"
              onClick={() => {
                onConfirm()
                onClose()
              }}
            >
              {action}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
