import type { ComponentProps } from 'react'

/** A link that the page follows by itself, but for a click that opens it in another tab or window. */
export function Link({ onFollow, children, ...props }: ComponentProps<'a'> & { href: string; onFollow: () => void }) {
  return (
    <a
      {...props}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return
        event.preventDefault()
        onFollow()
      }}
    >
      {children}
    </a>
  )
}
