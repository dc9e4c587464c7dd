import { useState } from 'react'
import { CreateChannelItemDocument } from '../../generated/channels.ts'
import type { ChannelType } from '../../generated/types.ts'
import { Choice } from '../../kit/choice.tsx'
import { FormDialog } from '../../kit/form-dialog.tsx'
import { useUrl } from '../../kit/url.ts'
import { channelsTexts as texts } from '../../texts/en/channels.ts'
import { NameFields } from './name-fields.tsx'

/** Makes a channel in the name of the backend. */
export default function CreateChannel({
  serviceId,
  onClose,
}: {
  readonly serviceId: string | undefined
  readonly onClose: () => void
}) {
  const url = useUrl()
  const [name, setName] = useState('')
  const [uniqueName, setUniqueName] = useState('')
  const [type, setType] = useState<ChannelType>('PUBLIC')
  return (
    <FormDialog
      title={texts.createTitle}
      says={texts.createSays}
      action={texts.create}
      document={CreateChannelItemDocument}
      fields={['friendlyName', 'uniqueName']}
      variables={() => ({
        input: {
          ...(serviceId !== undefined && { serviceId }),
          friendlyName: name.trim() === '' ? null : name.trim(),
          uniqueName: uniqueName.trim() === '' ? null : uniqueName.trim(),
          type,
        },
      })}
      done={texts.created}
      onDone={({ createChannel }) => createChannel && url.set({ open: createChannel.channel.id })}
      onClose={onClose}
    >
      {(problemOf) => (
        <>
          <NameFields
            name={name}
            uniqueName={uniqueName}
            problemOf={problemOf}
            onName={setName}
            onUniqueName={setUniqueName}
          />
          <Choice
            label={texts.type}
            value={type}
            choices={Object.entries(texts.typeChoices)}
            onChange={(value) => setType(value === 'PRIVATE' ? 'PRIVATE' : 'PUBLIC')}
          />
        </>
      )}
    </FormDialog>
  )
}
