import type { ReactNode } from 'react'
import './state.css'

/** `good` is as it should be, `wait` will change by itself, `bad` needs somebody, `off` is over or not in use. */
export type StateKind = 'good' | 'wait' | 'bad' | 'off'

/** A state as a word with a dot in front. Only what is not as it should be has a coloured word. */
export function State({ kind, children }: { readonly kind: StateKind; readonly children: ReactNode }) {
  return (
    <span className="state-word" data-kind={kind}>
      <span className="state-dot" aria-hidden="true" />
      {children}
    </span>
  )
}
