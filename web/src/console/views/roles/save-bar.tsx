import { useQueryClient } from '@tanstack/react-query'
import { Button } from '../../../ui/button.tsx'
import { UpdateRoleColumnDocument } from '../../generated/roles.ts'
import { DialogButton } from '../../kit/dialog-button.tsx'
import { useNotify } from '../../kit/notices.tsx'
import { useChange } from '../../kit/use-change.ts'
import { kitTexts } from '../../texts/en/kit.ts'
import { rolesTexts as texts } from '../../texts/en/roles.ts'
import { inputOf, type Difference } from './changes.ts'
import '../../kit/save-bar.css'

/** Says that something is not saved; saving shows the difference first. */
export function SaveBar({
  differences,
  onSaved,
  onDiscard,
}: {
  readonly differences: readonly Difference[]
  /** One role is as it was wanted. */
  readonly onSaved: (roleId: string) => void
  readonly onDiscard: () => void
}) {
  const notify = useNotify()
  const client = useQueryClient()
  const change = useChange(UpdateRoleColumnDocument, { rereads: false })
  const unsaved = new Set(differences)
  /** One after the other: what has failed is still shown as not saved, and alone tried again. */
  const save = async (): Promise<void> => {
    for (const difference of unsaved) {
      await change.run({ input: inputOf(difference) })
      unsaved.delete(difference)
      // Before that the ticks would show for a moment what was stored.
      await client.invalidateQueries()
      onSaved(difference.role.id)
    }
    notify(texts.saved)
  }
  return (
    <div className="save-bar">
      <p role="status">{texts.changed(differences.length)}</p>
      <Button onClick={onDiscard}>{texts.discard}</Button>
      <DialogButton
        kind="main"
        label={texts.save}
        isEager
        load={() => import('../../../ui/confirm.tsx')}
        props={{
          title: texts.saveTitle(differences.length),
          says: <Differences of={differences} />,
          action: texts.saveAction,
          keep: kitTexts.cancel,
          onConfirm: save,
        }}
      />
    </div>
  )
}

/** Stands within a paragraph. */
function Differences({ of }: { readonly of: readonly Difference[] }) {
  return (
    <>
      {of.map(({ role, added, removed }) => (
        <span key={role.id} className="role-difference">
          <b>
            <bdi>{role.friendlyName}</bdi>
          </b>
          {added.length > 0 && (
            <span>
              {' '}
              {texts.gets} <ins>{added.join(', ')}</ins>
            </span>
          )}
          {removed.length > 0 && (
            <span>
              {' '}
              {texts.loses} <del>{removed.join(', ')}</del>
            </span>
          )}
        </span>
      ))}
      <span className="role-difference">{texts.saveSays}</span>
    </>
  )
}
