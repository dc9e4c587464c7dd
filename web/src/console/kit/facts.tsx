import type { ReactNode } from 'react'
import './facts.css'

/** Names and values of one thing. */
export function Facts({ children }: { readonly children: ReactNode }) {
  return <dl className="facts">{children}</dl>
}

/** One of them. `says` explains the value below it. */
export function Fact({
  name,
  says,
  children,
}: {
  readonly name: string
  readonly says?: ReactNode
  readonly children: ReactNode
}) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>
        {children}
        {says !== undefined && <p className="fact-says">{says}</p>}
      </dd>
    </div>
  )
}
