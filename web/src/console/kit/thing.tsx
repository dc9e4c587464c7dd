import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { shortSid } from './sid.tsx'
import { useUrl } from './url.ts'

/** A link to whatever a SID or an identity names, in the view that shows it. */
export function Thing({ id, children }: { readonly id: string; readonly children?: ReactNode }) {
  return <Link href={useUrl().toThing(id)}>{children ?? shortSid(id)}</Link>
}
