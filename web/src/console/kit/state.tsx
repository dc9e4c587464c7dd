import './state.css'

/** A state in words: all of them begin with a capital. A text that is made says so by `as const`. */
type StateWords = Capitalize<string>

/** `good` is as it should be, `wait` will change by itself, `bad` needs somebody, `off` is over or not in use. */
export type StateKind = 'good' | 'wait' | 'bad' | 'off'

/** A state in words, with a dot in front. Only what is not as it should be has a coloured word. */
export function State({ kind, words }: { readonly kind: StateKind; readonly words: StateWords }) {
  return (
    <span className="state-word" data-kind={kind}>
      <span className="state-dot" aria-hidden="true" />
      {words}
    </span>
  )
}
