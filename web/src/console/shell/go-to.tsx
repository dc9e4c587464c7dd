import { Search } from 'lucide-react'
import { useId, useState } from 'react'
import { useUrl } from '../kit/url.ts'
import { goTexts as texts } from '../texts/en/go.ts'
import './go-to.css'

/** Opens what a SID, an identity or a unique name is of. */
export function GoTo() {
  const id = useId()
  const url = useUrl()
  const [text, setText] = useState('')
  return (
    <search className="go-to">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (text === '') return
          setText('')
          url.go(url.toThing(text))
        }}
      >
        <label htmlFor={id} className="unseen">
          {texts.label}
        </label>
        <Search size={15} aria-hidden="true" />
        <input
          id={id}
          type="search"
          data-go
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={300}
          placeholder={texts.placeholder}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      </form>
    </search>
  )
}

/** Moves the focus there. */
export function focusGoTo(): boolean {
  const field = document.querySelector<HTMLElement>('[data-go]')
  field?.focus()
  return field !== null
}
