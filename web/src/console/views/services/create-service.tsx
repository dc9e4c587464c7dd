import { useState } from 'react'
import { Field } from '../../../ui/field.tsx'
import { CreateServiceDocument } from '../../generated/services.ts'
import { FormDialog } from '../../kit/form-dialog.tsx'
import { useUrl } from '../../kit/url.ts'
import { servicesTexts as texts } from '../../texts/en/services.ts'

/** Makes a service, and opens it. */
export default function CreateService({ onClose }: { readonly onClose: () => void }) {
  const url = useUrl()
  const [friendlyName, setFriendlyName] = useState('')
  return (
    <FormDialog
      title={texts.createTitle}
      says={texts.createSays}
      action={texts.create}
      document={CreateServiceDocument}
      variables={() => ({ input: { friendlyName: friendlyName.trim() } })}
      done={texts.created}
      onDone={({ createService }) => createService && url.go(url.to(`/services/${createService.service.id}`))}
      fields={['friendlyName']}
      onClose={onClose}
    >
      {(problemOf) => (
        <Field
          label={texts.names.friendlyName}
          autoComplete="off"
          value={friendlyName}
          problem={problemOf('friendlyName')}
          onChange={({ target }) => setFriendlyName(target.value)}
        />
      )}
    </FormDialog>
  )
}
