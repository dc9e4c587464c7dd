import { Dialog } from '@base-ui/react/dialog'
import { Button } from '../../ui/button.tsx'
import { kitTexts } from '../texts/en/kit.ts'
import { shellTexts as texts } from '../texts/en/shell.ts'
import '../../ui/dialog.css'
import './help.css'

/** What can be done by keys. */
export default function Help({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-backdrop" />
        <Dialog.Popup className="dialog dialog-small">
          <Dialog.Title className="dialog-title">{texts.keys}</Dialog.Title>
          <dl className="help">
            {texts.keyList.map(([key, says]) => (
              <div key={key}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{says}</dd>
              </div>
            ))}
          </dl>
          <div className="dialog-actions">
            <Dialog.Close render={<Button />}>{kitTexts.close}</Dialog.Close>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
