import { useState } from 'react'
import { UpdateMessageItemDocument } from '../../generated/messages.ts'
import { FormDialog } from '../../kit/form-dialog.tsx'
import { parseJson, TextArea } from '../../kit/text-area.tsx'
import { messagesTexts as texts } from '../../texts/en/messages.ts'
import { peopleTexts } from '../../texts/en/people.ts'
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
  const stored = JSON.stringify(storedAttributes, null, 2)
  const [json, setJson] = useState(stored)
  const attributes = parseJson(json)
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
          ...(json !== stored && { attributes: attributes?.value }),
        },
      })}
      isReady={attributes !== undefined && (text !== body || json !== stored)}
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
