import type { LucideIcon } from 'lucide-react'
import type { ComponentProps } from 'react'
import './shelf-button.css'

/** A way to a list of the user's, above the list of channels. Its children say how much is in it. */
export function ShelfButton({
  icon: Icon,
  label,
  children,
  ...props
}: ComponentProps<'button'> & { icon: LucideIcon; label: string }) {
  return (
    <button type="button" title={label} aria-haspopup="dialog" {...props} className="shelf-button">
      <Icon size={15} aria-hidden="true" />
      <span className="shelf-button-label cut">{label}</span>
      {children}
    </button>
  )
}
