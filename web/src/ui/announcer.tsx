import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from 'react'

const AnnouncerContext = createContext<(text: string) => void>(() => {})

/** Says a text once to screen readers. The list of messages is no live region, since loaded history would be read aloud. */
export const useAnnounce = (): ((text: string) => void) => useContext(AnnouncerContext)

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
