import { useState } from 'react'
import { Field } from '../../../ui/field.tsx'
import { CreateUserItemDocument } from '../../generated/users.ts'
import { ExactField } from '../../kit/exact-field.tsx'
import { FormDialog } from '../../kit/form-dialog.tsx'
import { RoleChoice } from '../../kit/role-choice.tsx'
import { useUrl } from '../../kit/url.ts'
import { usersTexts as texts } from '../../texts/en/users.ts'

/** Makes a user before its first sign-in. */
export default function CreateUser({
  serviceId,
  onClose,
}: {
  readonly serviceId: string | undefined
  readonly onClose: () => void
}) {
  const url = useUrl()
  const [identity, setIdentity] = useState('')
  const [name, setName] = useState('')
  const [roleId, setRoleId] = useState('')
  return (
    <FormDialog
      title={texts.createTitle}
      says={texts.createSays}
      action={texts.create}
      document={CreateUserItemDocument}
      fields={['identity', 'friendlyName', 'roleId']}
      variables={() => ({
        input: {
          ...(serviceId !== undefined && { serviceId }),
          identity,
          friendlyName: name.trim() === '' ? null : name.trim(),
          ...(roleId !== '' && { roleId }),
        },
      })}
      isReady={identity !== ''}
      done={texts.created}
      onDone={({ createUser }) => createUser && url.set({ open: createUser.user.id })}
      onClose={onClose}
    >
      {(problemOf) => (
        <>
          <ExactField
            label={texts.identity}
            placeholder={texts.identityPlaceholder}
            value={identity}
            problem={problemOf('identity')}
            onChange={({ target }) => setIdentity(target.value)}
          />
          <Field
            label={texts.name}
            autoComplete="off"
            value={name}
            problem={problemOf('friendlyName')}
            onChange={({ target }) => setName(target.value)}
          />
          <RoleChoice
            type="DEPLOYMENT"
            serviceId={serviceId}
            value={roleId}
            fallback={texts.defaultRole}
            problem={problemOf('roleId')}
            onChange={setRoleId}
          />
        </>
      )}
    </FormDialog>
  )
}
