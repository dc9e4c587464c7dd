import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { UpdateRoleColumnDocument } from '../../generated/roles.ts'
import { later } from '../../kit/later.tsx'
import { useNotify } from '../../kit/notices.tsx'
import { useChange } from '../../kit/use-change.ts'
import { kitTexts } from '../../texts/en/kit.ts'
import { rolesTexts as texts } from '../../texts/en/roles.ts'
import { inputOf, type Difference } from './changes.ts'

const Confirm = later(() => import('../../../ui/confirm.tsx'))

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
  const [isAsking, setIsAsking] = useState(false)
  /** One after the other: what has failed is still shown as not saved. */
  const save = async (): Promise<void> => {
    for (const difference of differences) {
      await change.run({ input: inputOf(difference) })
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
      <Button kind="main" aria-haspopup="dialog" onClick={() => setIsAsking(true)}>
        {texts.save}
      </Button>
      {isAsking && (
        <Confirm
          title={texts.saveTitle(differences.length)}
          says={<Differences of={differences} />}
          action={texts.saveAction}
          keep={kitTexts.cancel}
          onConfirm={save}
          onClose={() => setIsAsking(false)}
        />
      )}
    </div>
  )
}

/** Stands within a paragraph. */
function Differences({ of }: { readonly of: readonly Difference[] }) {
  return (
    <>
      {of.map(({ role, added, removed }) => (
        <span key={role.id} className="difference">
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
      <span className="difference">{texts.saveSays}</span>
    </>
  )
}
