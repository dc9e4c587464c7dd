import { useState } from 'react'
import { UpdateChannelItemDocument } from '../../generated/channels.ts'
import type { ChannelItemFieldsFragment } from '../../generated/types.ts'
import { FormDialog } from '../../kit/form-dialog.tsx'
import { parseJson, TextArea } from '../../kit/text-area.tsx'
import { channelsTexts as texts } from '../../texts/en/channels.ts'
import { peopleTexts } from '../../texts/en/people.ts'
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
  const stored = JSON.stringify(channel.attributes, null, 2)
  const [json, setJson] = useState(stored)
  const attributes = parseJson(json)
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
          friendlyName: name.trim() === '' ? null : name.trim(),
          ...(uniqueName !== (channel.uniqueName ?? '') && {
            uniqueName: uniqueName.trim() === '' ? null : uniqueName.trim(),
          }),
          ...(json !== stored && { attributes: attributes?.value }),
        },
      })}
      isReady={attributes !== undefined}
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
          <TextArea
            label={peopleTexts.attributes}
            data-code
            spellCheck={false}
            value={json}
            problem={attributes === undefined ? peopleTexts.notJson : problemOf('attributes')}
            onChange={({ target }) => setJson(target.value)}
          />
        </>
      )}
    </FormDialog>
  )
}
