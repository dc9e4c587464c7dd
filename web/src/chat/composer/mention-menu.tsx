import { AtSign } from 'lucide-react'
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from 'react'
import { counted } from '../../lib/format.ts'
import { namingAt } from '../../lib/mentions.ts'
import { Avatar } from '../../ui/avatar.tsx'
import type { Mentionable, Mentioning } from '../model.ts'
import './mention-menu.css'

interface Menu {
  /** What the field says of the menu. */
  readonly field: Readonly<Record<string, string | undefined>>
  readonly onCaret: () => void
  readonly onBlur: () => void
  /** Returns whether the key was for the menu. */
  readonly onKey: (event: KeyboardEvent) => boolean
  readonly shown: ReactNode
}

const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 }

/** Opens a menu of people at an `@`. ↑ and ↓ choose, Enter and Tab take, Esc closes it for this `@`. The focus stays in the text. */
export function useMentionMenu(
  text: string,
  input: RefObject<HTMLTextAreaElement | null>,
  { find, onQuery, onChoose }: Mentioning,
  replace: (from: number, to: number, by: string) => void,
): Menu {
  const [caret, setCaret] = useState<number | null>(null)
  const [closedAt, setClosedAt] = useState<number | null>(null)
  const [place, setPlace] = useState(0)
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const naming = caret === null ? null : namingAt(text, Math.min(caret, text.length))
  const at = naming?.at ?? null
  const query = naming && at !== closedAt ? naming.query : null
  const found = query === null ? [] : find(query)
  const chosen = found[Math.min(place, found.length - 1)]
  const optionId = (one: Mentionable): string => `${id}-${one.identity ?? ''}`

  useEffect(() => {
    setPlace(0)
    onQuery(query)
  }, [query, onQuery])
  // Another @ opens it again.
  useEffect(() => {
    if (at === null) setClosedAt(null)
  }, [at])
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [chosen])

  const take = (one: Mentionable): void => {
    if (!naming) return
    onChoose(one)
    replace(naming.at, naming.at + 1 + naming.query.length, `@${one.name} `)
    setCaret(null)
  }
  const onKey = (event: KeyboardEvent): boolean => {
    const step = steps[event.key]
    if (!chosen) return false
    if (step !== undefined) setPlace((found.indexOf(chosen) + step + found.length) % found.length)
    else if (event.key === 'Escape') setClosedAt(at)
    else if ((event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey) take(chosen)
    else return false
    event.preventDefault()
    event.stopPropagation()
    return true
  }
  return {
    field: chosen
      ? {
          'aria-autocomplete': 'list',
          'aria-controls': `${id}-list`,
          'aria-activedescendant': optionId(chosen),
        }
      : {},
    onCaret: () => {
      const { selectionStart, selectionEnd } = input.current ?? {}
      setCaret(selectionStart === selectionEnd ? (selectionStart ?? null) : null)
    },
    onBlur: () => setCaret(null),
    onKey,
    shown: (
      <>
        <p className="unseen" role="status">
          {chosen ? `${counted(found.length, 'suggestion')}. ↑ and ↓ choose, Enter takes one.` : ''}
        </p>
        {chosen && (
          <div ref={list} className="mention-menu" role="listbox" id={`${id}-list`} aria-label="People to mention">
            {found.map((one) => (
              <div
                key={one.identity}
                id={optionId(one)}
                role="option"
                aria-selected={one === chosen}
                className="mention-menu-one"
                onPointerMove={() => setPlace(found.indexOf(one))}
                // The text keeps the focus.
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => take(one)}
              >
                <Option one={one} />
              </div>
            ))}
          </div>
        )}
      </>
    ),
  }
}

function Option({ one }: { readonly one: Mentionable }) {
  const { identity, name, isOutside } = one
  return (
    <>
      {identity === null ? (
        <span className="mention-menu-all" aria-hidden="true">
          <AtSign size={15} />
        </span>
      ) : (
        <Avatar identity={identity} name={name} />
      )}
      <b className="cut" dir="auto">
        {identity === null ? '@channel' : name}
      </b>
      <span className="mention-menu-about cut">
        {identity === null ? 'everybody here' : isOutside ? 'not in this channel' : identity !== name ? identity : ''}
      </span>
    </>
  )
}
