import { useState } from 'react'
import { Field } from '../../../ui/field.tsx'
import { TruncateChannelItemDocument } from '../../generated/channels.ts'
import type { ChannelItemFieldsFragment } from '../../generated/types.ts'
import { Choice } from '../../kit/choice.tsx'
import { FormDialog } from '../../kit/form-dialog.tsx'
import { channelsTexts as texts } from '../../texts/en/channels.ts'

/** Asks up to where the messages of a channel go. */
export default function TruncateChannel({
  channel: { id },
  onClose,
}: {
  readonly channel: ChannelItemFieldsFragment
  readonly onClose: () => void
}) {
  const [which, setWhich] = useState('before')
  const [index, setIndex] = useState('')
  const isAll = which === 'all'
  return (
    <FormDialog
      title={texts.truncateTitle}
      says={texts.truncateSays}
      action={texts.truncate}
      document={TruncateChannelItemDocument}
      fields={isAll ? [] : ['beforeIndex']}
      variables={() => ({ input: { channelId: id, ...(!isAll && { beforeIndex: Number(index) }) } })}
      isReady={isAll || /^\d+$/u.test(index.trim())}
      done={texts.truncated}
      onClose={onClose}
    >
      {(problemOf) => (
        <>
          <Choice label={texts.which} value={which} choices={Object.entries(texts.whichChoices)} onChange={setWhich} />
          {!isAll && (
            <Field
              label={texts.index}
              inputMode="numeric"
              autoComplete="off"
              value={index}
              problem={problemOf('beforeIndex')}
              onChange={({ target }) => setIndex(target.value)}
            />
          )}
        </>
      )}
    </FormDialog>
  )
}
