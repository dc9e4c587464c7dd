'use client'
import {
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
  type FormEvent,
  type ReactElement,
  type ReactNode,
} from 'react'
import { ChatError } from '../../../errors.ts'
import { useClient } from '../../provider.tsx'
import { useChannelHandle } from '../../use-channel-handle.ts'
import { renderPart, type Part } from '../part.ts'
import { Context } from './context.ts'
import { memoryDrafts, type ComposerDrafts } from './drafts.ts'
import { Field } from './field.tsx'
import { Notice } from './notice.tsx'
import { Send } from './send.tsx'

/** What the server takes of a message, in bytes. */
const maxBytes = 32 * 1024

export interface ComposerState {
  readonly editing: boolean
  readonly empty: boolean
  readonly tooLong: boolean
}

export type RootProps = Part<
  ComposerState,
  {
    /** SID of the channel. */
    readonly channelId: string
    /** SID of the message to which replies are written: then it is the composer of its thread, and ↑ edits nothing. */
    readonly parentId?: string | undefined
    /** Where what is written waits: in the memory of the tab by default; `client.later.drafts` has it on all devices of the user. */
    readonly drafts?: ComposerDrafts | undefined
    /** `Field`, `Send` and `Notice` by default. */
    readonly children?: ReactNode
  }
>

/**
 * Where one writes to a channel, a form. What is written stays when one leaves the channel. Sending empties it at once: what fails stands in the outbox,
 * and shows at the message; what the outbox does not take comes back.
 */
export function Root({ channelId, ...props }: RootProps): ReactElement {
  return <OfPlace key={props.parentId ?? channelId} channelId={channelId} {...props} />
}

function OfPlace({ channelId, parentId, drafts: given, children, ...props }: RootProps): ReactElement {
  const client = useClient()
  const channel = useChannelHandle(channelId)
  const field = useRef<HTMLTextAreaElement>(null)
  const drafts = given ?? memoryDrafts(client)
  const place = { channelId, parentId }
  // A server, and a page that takes over from it, know of no draft.
  const draft = useSyncExternalStore(
    drafts.subscribe,
    () => drafts.get(place),
    () => '',
  )
  const [isFull, setFull] = useState(false)
  useEffect(() => () => drafts.flush(), [drafts])
  const [edited, setEdited] = useState<{ readonly id: string; readonly before: string; readonly text: string } | null>(
    null,
  )

  const text = edited?.text ?? draft
  const excess = Math.max(0, new TextEncoder().encode(text.trim()).length - maxBytes)
  const canSend = text.trim() !== '' && excess === 0

  const setText = (written: string): void => {
    if (edited) return setEdited({ ...edited, text: written })
    drafts.write(place, written)
    // The handle asks the server only as often as it needs to be. Nobody misses it where it fails.
    if (written !== '') channel.typing(parentId === undefined ? {} : { parentId }).catch(() => {})
  }
  const submit = (): void => {
    const body = text.trim()
    if (!canSend) return
    if (edited) {
      if (body !== edited.before) channel.updateMessage(edited.id, body).catch(() => {})
      setEdited(null)
    } else {
      setFull(false)
      channel.sendMessage(body, { parentId, ...drafts.take(place) }).catch((error: unknown) => {
        if (!(error instanceof ChatError) || error.code !== 'OUTBOX_FULL') return
        setFull(true)
        if (drafts.get(place) === '') drafts.write(place, body)
      })
    }
  }
  const editLast = (): void => {
    if (parentId !== undefined) return
    const { messages = [], membership } = channel.state ?? {}
    const last = messages.findLast((one) => !one.deletedAt && one.authorIdentity === membership?.identity)
    if (last) setEdited({ id: last.id, before: last.body, text: last.body })
  }

  const editing = edited?.id
  useEffect(() => {
    if (editing === undefined) return
    const { current } = field
    current?.focus()
    current?.setSelectionRange(current.value.length, current.value.length)
  }, [editing])

  const isEditing = edited !== null
  const context = {
    text,
    setText,
    isEditing,
    excess,
    isFull,
    canSend,
    submit,
    cancel: () => setEdited(null),
    editLast,
    field,
  }
  const own = {
    onSubmit: (event: FormEvent) => {
      event.preventDefault()
      submit()
      field.current?.focus()
    },
    children: children ?? (
      <>
        <Field />
        <Send />
        <Notice />
      </>
    ),
  }
  const state: ComposerState = { editing: isEditing, empty: text === '', tooLong: excess > 0 }
  return <Context.Provider value={context}>{renderPart('form', own, state, props)}</Context.Provider>
}
