import { useEffect, useId, useRef, useState, type ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import { kitTexts as texts } from '../texts/en/kit.ts'
import { useUrl } from './url.ts'
import './filters.css'

/** What belongs to one place in a list, which another filter has not. */
export const placeParams = { after: null, before: null, open: null }

/** How long after the last key a text is looked for, in milliseconds. */
const typingMs = 300

/** The filters of a list. Their values are parameters of the address, by the names of the filters; `/` focuses the first. */
export function Filters({ children }: { readonly children: ReactNode }) {
  return (
    <div className="filters" role="search">
      {children}
    </div>
  )
}

/** Takes all filters away. */
export function ClearFilters({ names }: { readonly names: readonly string[] }) {
  const url = useUrl()
  if (!names.some((name) => url.get(name) !== undefined)) return null
  return (
    <Button onClick={() => url.set({ ...placeParams, ...Object.fromEntries(names.map((name) => [name, null])) })}>
      {texts.clearFilters}
    </Button>
  )
}

/** A filter that is written. */
export function TextFilter({
  name,
  label,
  placeholder,
}: {
  readonly name: string
  readonly label: string
  readonly placeholder?: string
}) {
  const id = useId()
  const url = useUrl()
  const chosen = url.get(name) ?? ''
  const [text, setText] = useState(chosen)
  // What the address says counts, also where it was another link that changed it.
  const [shown, setShown] = useState(chosen)
  if (shown !== chosen) {
    setShown(chosen)
    setText(chosen)
  }
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const choose = (value: string): void => {
    clearTimeout(timer.current)
    const wanted = value.trim()
    // A link may have led to a name with spaces around it, which stays until somebody writes.
    if (wanted === chosen || value === chosen) return
    setShown(wanted)
    url.set({ ...placeParams, [name]: wanted }, { replace: true })
  }
  return (
    <div className="filter">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="search"
        data-filter
        autoComplete="off"
        spellCheck={false}
        value={text}
        placeholder={placeholder}
        onChange={({ target: { value } }) => {
          setText(value)
          clearTimeout(timer.current)
          timer.current = setTimeout(() => choose(value), typingMs)
        }}
        onBlur={() => choose(text)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') choose(text)
        }}
      />
    </div>
  )
}

/** A filter of few values. The first choice is for all. */
export function ChoiceFilter({
  name,
  label,
  all = texts.all,
  choices,
}: {
  readonly name: string
  readonly label: string
  readonly all?: string
  /** Words by value. */
  readonly choices: Readonly<Record<string, string>>
}) {
  const id = useId()
  const url = useUrl()
  const chosen = url.get(name) ?? ''
  return (
    <div className="filter">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="select"
        data-filter
        value={chosen}
        onChange={({ target: { value } }) => url.set({ ...placeParams, [name]: value })}
      >
        <option value="">{all}</option>
        {/* What a link has and this version does not know is shown as it is. */}
        {chosen !== '' && !(chosen in choices) && <option value={chosen}>{chosen}</option>}
        {Object.entries(choices).map(([value, word]) => (
          <option key={value} value={value}>
            {word}
          </option>
        ))}
      </select>
    </div>
  )
}

/** Moves the focus to the first filter of the view. */
export function focusFilters(): boolean {
  const filter = document.querySelector<HTMLElement>('[data-filter]')
  filter?.focus()
  return filter !== null
}
