import { useState } from 'react'
import { Field } from '../../../ui/field.tsx'
import type { UserItemFieldsFragment } from '../../generated/types.ts'
import { UpdateUserItemDocument } from '../../generated/users.ts'
import { AttributesField, useAttributes } from '../../kit/attributes.tsx'
import { FormDialog } from '../../kit/form-dialog.tsx'
import { RoleChoice } from '../../kit/role-choice.tsx'
import { usersTexts as texts } from '../../texts/en/users.ts'

/** Changes the name, the role and the attributes of a user. */
export default function EditUser({
  user,
  onClose,
}: {
  readonly user: UserItemFieldsFragment
  readonly onClose: () => void
}) {
  const [name, setName] = useState(user.friendlyName ?? '')
  const [roleId, setRoleId] = useState(user.role.id)
  const attributes = useAttributes(user.attributes)
  const isRenamed = name !== (user.friendlyName ?? '')
  return (
    <FormDialog
      title={texts.editTitle}
      says={texts.editSays}
      action={texts.save}
      document={UpdateUserItemDocument}
      fields={['friendlyName', 'roleId', 'attributes']}
      variables={() => ({
        input: {
          userId: user.id,
          ...(isRenamed && { friendlyName: name.trim() === '' ? null : name.trim() }),
          ...(roleId !== user.role.id && { roleId }),
          ...attributes.input,
        },
      })}
      isReady={attributes.isJson && (isRenamed || roleId !== user.role.id || attributes.isChanged)}
      done={texts.saved}
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
          <RoleChoice
            type="DEPLOYMENT"
            serviceId={user.serviceId}
            value={roleId}
            problem={problemOf('roleId')}
            onChange={setRoleId}
          />
          <AttributesField attributes={attributes} problem={problemOf('attributes')} />
        </>
      )}
    </FormDialog>
  )
}
