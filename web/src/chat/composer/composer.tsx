import { Smile } from 'lucide-react'
import { lazy, Suspense, useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { isComposing } from '../../lib/hotkeys.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import type { Mentioning } from '../model.ts'
import { useMentionMenu } from './mention-menu.tsx'
import './composer.css'

const EmojiPicker = lazy(() => import('../emoji/picker.tsx'))

export interface ComposerProps {
  /** `Message # general`. */
  readonly label: string
  /** The text that waits in this channel, and for the next visit of it. */
  readonly draft: string
  readonly onDraft: (text: string) => void
  readonly onSend: (text: string) => void
  /** Called while one types, at every key. */
  readonly onTyping: () => void
  /** The text of the message that is edited, or null. */
  readonly editing: string | null
  readonly onEdit: (text: string) => void
  readonly onEditEnd: () => void
  /** ↑ in an empty composer. */
  readonly onEditLast: () => void
  /** Whom an `@` offers. */
  readonly mentioning?: Mentioning | undefined
  /** Stands beside the button that sends. */
  readonly beside?: ReactNode
  /** Why nothing can be sent here, in words. */
  readonly refusal?: string | undefined
  /** Stands above the text: what is quoted. */
  readonly above?: ReactNode
  /** Stands below it. */
  readonly below?: ReactNode
  /** Esc while nothing is edited. Returns whether it has done something. */
  readonly onEscape?: (() => boolean) | undefined
  /** Grows when one is to write here. */
  readonly focusAt?: number | undefined
}

const nobody: Mentioning = { find: () => [], onQuery: () => {}, onChoose: () => {} }

/** Where one writes. Enter sends, Shift Enter breaks the line, ↑ edits the last message, Esc ends editing; an input method is never cut off. */
export function Composer(props: ComposerProps) {
  const { label, draft, editing, refusal } = props
  const field = useRef<HTMLTextAreaElement>(null)
  const [edited, setEdited] = useState('')
  const [isPicking, setPicking] = useState(false)
  const isEditing = editing !== null
  const text = isEditing ? edited : draft

  useEffect(() => {
    if (editing === null) return
    setEdited(editing)
    field.current?.focus()
    requestAnimationFrame(() => field.current?.setSelectionRange(editing.length, editing.length))
  }, [editing])

  const { focusAt = 0 } = props
  useEffect(() => {
    if (focusAt > 0) field.current?.focus()
  }, [focusAt])

  const change = (value: string): void => {
    if (isEditing) return setEdited(value)
    props.onDraft(value)
    if (value !== '') props.onTyping()
  }

  const replace = (from: number, to: number, by: string): void => {
    change(text.slice(0, from) + by + text.slice(to))
    field.current?.focus()
    const caret = from + by.length
    requestAnimationFrame(() => field.current?.setSelectionRange(caret, caret))
  }
  const menu = useMentionMenu(text, field, props.mentioning ?? nobody, replace)

  const submit = (): void => {
    const trimmed = text.trim()
    if (trimmed === '') return
    if (isEditing) {
      if (trimmed !== editing) props.onEdit(trimmed)
      return props.onEditEnd()
    }
    props.onSend(trimmed)
    props.onDraft('')
  }

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (isComposing(event) || menu.onKey(event)) return
    if (event.key === 'Enter' && !event.shiftKey && !matchMedia('(pointer: coarse)').matches) {
      event.preventDefault()
      submit()
    } else if (event.key === 'Escape' && isEditing) {
      event.preventDefault()
      props.onEditEnd()
    } else if (event.key === 'Escape' && props.onEscape?.()) {
      event.preventDefault()
    } else if (event.key === 'ArrowUp' && text === '' && !isEditing) {
      event.preventDefault()
      props.onEditLast()
    }
  }

  const insert = (emoji: string): void => {
    const at = field.current?.selectionStart ?? text.length
    replace(at, field.current?.selectionEnd ?? at, emoji)
    setPicking(false)
  }

  return (
    <div className="composer">
      {isEditing && (
        <p className="composer-editing">
          Editing <span>Esc cancels</span>
        </p>
      )}
      {!isEditing && props.above}
      <form
        className="composer-box"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
          field.current?.focus()
        }}
      >
        <textarea
          ref={field}
          className="composer-field"
          aria-label={isEditing ? 'Edit the message' : label}
          placeholder={refusal ?? label}
          disabled={refusal !== undefined}
          dir="auto"
          rows={Math.min(6, text.split('\n').length)}
          enterKeyHint="send"
          value={text}
          {...menu.field}
          onChange={(event) => {
            change(event.target.value)
            menu.onCaret()
          }}
          onSelect={menu.onCaret}
          onBlur={menu.onBlur}
          onKeyDown={onKeyDown}
        />
        <IconButton
          label="Emoji"
          aria-expanded={isPicking}
          aria-haspopup="dialog"
          disabled={refusal !== undefined}
          onClick={() => setPicking(!isPicking)}
        >
          <Smile size={18} aria-hidden="true" />
        </IconButton>
        {!isEditing && props.beside}
        <Button kind="main" type="submit" disabled={text.trim() === ''}>
          {isEditing ? 'Save' : 'Send'}
        </Button>
      </form>
      {!isEditing && props.below}
      {menu.shown}
      {isPicking && (
        <Suspense fallback={null}>
          <EmojiPicker
            onPick={insert}
            onClose={() => {
              setPicking(false)
              field.current?.focus()
            }}
          />
        </Suspense>
      )}
    </div>
  )
}
