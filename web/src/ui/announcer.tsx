import { createContext, useCallback, useMemo, useState, type ReactNode } from 'react'

const AnnouncerContext = createContext<(text: string) => void>(() => {})

/** The one live region of the page. */
export function Announcer({ children }: { readonly children: ReactNode }) {
  const [said, setSaid] = useState({ text: '', count: 0 })
  const announce = useCallback((text: string) => setSaid(({ count }) => ({ text, count: count + 1 })), [])
  // A new element each time: the same words twice are said twice.
  const line = useMemo(() => <span key={said.count}>{said.text}</span>, [said])
  return (
    <AnnouncerContext value={announce}>
      {children}
      <div className="unseen" role="status" aria-live="polite">
        {line}
      </div>
    </AnnouncerContext>
  )
}
