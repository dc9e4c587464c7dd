import type { ReactNode } from 'react'
import { shortSid } from './sid.tsx'
import { To } from './to.tsx'

/** A link to whatever a SID or an identity names, in the view that shows it. */
export function Thing({ id, children }: { readonly id: string; readonly children?: ReactNode }) {
  return (
    <To path="/go" params={{ name: id }}>
      {children ?? shortSid(id)}
    </To>
  )
}
