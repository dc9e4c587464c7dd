import type { ReactNode } from 'react'
import './links.css'

/** Links to the views that have more of one thing. */
export function Links({ children }: { readonly children: ReactNode }) {
  return <p className="links">{children}</p>
}
