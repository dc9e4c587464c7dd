import { useState } from 'react'
import { UpdateMessageItemDocument } from '../../generated/messages.ts'
import { AttributesField, useAttributes } from '../../kit/attributes.tsx'
import { FormDialog } from '../../kit/form-dialog.tsx'
import { TextArea } from '../../kit/text-area.tsx'
import { messagesTexts as texts } from '../../texts/en/messages.ts'
import type { Message } from './message.ts'

/** Edits the text and the attributes of a message. An edit that another person has made meanwhile is not written over. */
export default function EditMessage({
  message: { id, body, attributes: storedAttributes, version },
  onClose,
}: {
  readonly message: Message
  readonly onClose: () => void
}) {
  const [text, setText] = useState(body)
  const attributes = useAttributes(storedAttributes)
  return (
    <FormDialog
      title={texts.editTitle}
      says={texts.editSays}
      action={texts.save}
      document={UpdateMessageItemDocument}
      fields={['body', 'attributes']}
      variables={() => ({
        input: {
          messageId: id,
          expectedVersion: version,
          ...(text !== body && { body: text }),
          ...attributes.input,
        },
      })}
      isReady={attributes.isJson && (text !== body || attributes.isChanged)}
      done={texts.saved}
      onClose={onClose}
    >
      {(problemOf) => (
        <>
          <TextArea
            label={texts.text}
            dir="auto"
            value={text}
            problem={problemOf('body')}
            onChange={({ target }) => setText(target.value)}
          />
          <AttributesField attributes={attributes} problem={problemOf('attributes')} />
        </>
      )}
    </FormDialog>
  )
}
