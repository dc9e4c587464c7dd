import type { ScheduledMessage } from '@fonechat/client/later'
import { useEffect, useRef, useState } from 'react'
import { problemOf } from '../../lib/use-attempt.ts'
import { Button } from '../../ui/button.tsx'
import { usePageClient } from '../live/page-client.ts'
import { choices, fromField, refusalOf, toField } from './times.ts'

export interface EditScheduledProps {
  readonly message: ScheduledMessage
  readonly name: string | null
  readonly onClose: () => void
}

/** Changes the text and the time of a scheduled message, unless another device has changed it meanwhile. */
export function EditScheduled({ message, name, onClose }: EditScheduledProps) {
  const { later } = usePageClient()
  const { id, state, version } = message
  const [body, setBody] = useState(message.body)
  const [at, setAt] = useState(() =>
    toField(state === 'FAILED' ? choices(new Date())[0]!.at : new Date(message.sendAt)),
  )
  const [problem, setProblem] = useState<string | null>(null)
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => field.current?.focus(), [])
  const save = (): void => {
    const sendAt = fromField(at)
    const isSameTime = sendAt !== null && state !== 'FAILED' && at === toField(new Date(message.sendAt))
    const refusal = isSameTime ? null : refusalOf(sendAt, new Date())
    if (body.trim() === '') return setProblem('There is nothing to send.')
    if (refusal !== null || !sendAt) return setProblem(refusal)
    later
      .reschedule(id, {
        body: body.trim(),
        ...(!isSameTime && { sendAt: sendAt.toISOString() }),
        expectedVersion: version,
      })
      .then(onClose, (error: unknown) => setProblem(wordsOf(error)))
  }
  return (
    <li className="later-one">
      <form
        className="later-edit"
        aria-label={`Edit the message for ${name ?? 'a channel you left'}`}
        noValidate
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          // The dialog stays.
          event.stopPropagation()
          onClose()
        }}
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <textarea
          aria-label="Text"
          dir="auto"
          rows={3}
          value={body}
          ref={field}
          onChange={(event) => setBody(event.target.value)}
        />
        <div className="later-edit-row">
          <input
            type="datetime-local"
            aria-label="Date and time"
            value={at}
            onChange={(event) => setAt(event.target.value)}
          />
          <Button onClick={onClose}>Keep</Button>
          <Button kind="main" type="submit">
            Save
          </Button>
        </div>
        {problem !== null && (
          <p className="later-why" role="alert">
            {problem}
          </p>
        )}
      </form>
    </li>
  )
}

function wordsOf(error: unknown): string {
  const { currentVersion, code } = error as { readonly currentVersion?: number; readonly code?: string }
  if (currentVersion !== undefined) return 'It was changed on another device meanwhile. Close this to see it.'
  if (code === 'CONFLICT') return 'It is being sent already.'
  return problemOf(error)
}
