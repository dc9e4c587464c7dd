import { useState } from 'react'
import { Field } from '../../../ui/field.tsx'
import { CreateRoleColumnDocument } from '../../generated/roles.ts'
import type { RoleColumnFieldsFragment, RoleType } from '../../generated/types.ts'
import { Choice } from '../../kit/choice.tsx'
import { FormDialog } from '../../kit/form-dialog.tsx'
import { useUrl } from '../../kit/url.ts'
import { rolesTexts as texts } from '../../texts/en/roles.ts'

/** Makes a role of the type that is shown; its permissions are ticked in the matrix afterwards. */
export default function CreateRole({
  type,
  serviceId,
  roles,
  onClose,
}: {
  readonly type: RoleType
  readonly serviceId: string | undefined
  readonly roles: readonly RoleColumnFieldsFragment[]
  readonly onClose: () => void
}) {
  const url = useUrl()
  const [name, setName] = useState('')
  const [likeId, setLikeId] = useState('')
  const like = roles.find(({ id }) => id === likeId)
  return (
    <FormDialog
      title={texts.createTitle}
      says={texts.types[type]}
      action={texts.createAction}
      document={CreateRoleColumnDocument}
      fields={['friendlyName', 'permissions']}
      variables={() => ({
        input: {
          ...(serviceId !== undefined && { serviceId }),
          type,
          friendlyName: name.trim(),
          permissions: [...(like?.permissions ?? [])],
        },
      })}
      isReady={name.trim() !== ''}
      done={texts.created}
      onDone={({ createRole }) => createRole && url.set({ role: createRole.role.id })}
      onClose={onClose}
    >
      {(problemOf) => (
        <>
          <Field
            label={texts.name}
            autoComplete="off"
            value={name}
            problem={problemOf('friendlyName')}
            onChange={({ target }) => setName(target.value)}
          />
          <Choice
            label={texts.like}
            value={likeId}
            choices={[['', texts.nothing], ...roles.map(({ id, friendlyName }) => [id, friendlyName] as const)]}
            problem={problemOf('permissions')}
            onChange={setLikeId}
          />
        </>
      )}
    </FormDialog>
  )
}
