import type { ComponentProps } from 'react'
import './button.css'

/** A button with words. `plain` stands in text, `main` is the one action of its place. */
export function Button({ kind = 'plain', ...props }: ComponentProps<'button'> & { kind?: 'main' | 'plain' }) {
  return <button type="button" {...props} className={`button ${kind} ${props.className ?? ''}`} />
}

/** A button with an icon alone; its label is read and shown as a title. */
export function IconButton({ label, ...props }: ComponentProps<'button'> & { label: string }) {
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      {...props}
      className={`icon-button ${props.className ?? ''}`}
    />
  )
}
