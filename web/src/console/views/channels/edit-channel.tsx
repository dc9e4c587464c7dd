import { useState } from 'react'
import { UpdateChannelItemDocument } from '../../generated/channels.ts'
import type { ChannelItemFieldsFragment } from '../../generated/types.ts'
import { AttributesField, useAttributes } from '../../kit/attributes.tsx'
import { FormDialog } from '../../kit/form-dialog.tsx'
import { channelsTexts as texts } from '../../texts/en/channels.ts'
import { NameFields } from './name-fields.tsx'

/** Changes the names and the attributes of a channel. */
export default function EditChannel({
  channel,
  onClose,
}: {
  readonly channel: ChannelItemFieldsFragment
  readonly onClose: () => void
}) {
  const [name, setName] = useState(channel.friendlyName ?? '')
  const [uniqueName, setUniqueName] = useState(channel.uniqueName ?? '')
  const attributes = useAttributes(channel.attributes)
  const isRenamed = name !== (channel.friendlyName ?? '')
  const isUniqueNameNew = uniqueName !== (channel.uniqueName ?? '')
  return (
    <FormDialog
      title={texts.editTitle}
      says={texts.editSays}
      action={texts.save}
      document={UpdateChannelItemDocument}
      fields={channel.isDirect ? ['friendlyName', 'attributes'] : ['friendlyName', 'uniqueName', 'attributes']}
      variables={() => ({
        input: {
          channelId: channel.id,
          ...(isRenamed && { friendlyName: name.trim() === '' ? null : name.trim() }),
          ...(isUniqueNameNew && { uniqueName: uniqueName.trim() === '' ? null : uniqueName.trim() }),
          ...attributes.input,
        },
      })}
      isReady={attributes.isJson && (isRenamed || isUniqueNameNew || attributes.isChanged)}
      done={texts.saved}
      onClose={onClose}
    >
      {(problemOf) => (
        <>
          <NameFields
            name={name}
            uniqueName={uniqueName}
            hasUniqueName={!channel.isDirect}
            problemOf={problemOf}
            onName={setName}
            onUniqueName={setUniqueName}
          />
          <AttributesField attributes={attributes} problem={problemOf('attributes')} />
        </>
      )}
    </FormDialog>
  )
}
