import { X } from 'lucide-react'
import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from 'react'
import { useAnnounce } from '../../ui/announcer.tsx'
import { IconButton } from '../../ui/button.tsx'
import { kitTexts as texts } from '../texts/en/kit.ts'
import './notices.css'

/** Longer than one needs to read it. */
const shownMs = 6000
const maxShown = 3

export interface NoticeOptions {
  /** Stays until it is closed. */
  readonly isProblem?: boolean
}

type Notify = (text: string, options?: NoticeOptions) => void

const NoticeContext = createContext<Notify>(() => {})

/** Says at the foot of the page what has happened. */
export const useNotify = (): Notify => useContext(NoticeContext)

interface Notice {
  readonly id: number
  readonly text: string
  readonly isProblem: boolean
}

export function Notices({ children }: { readonly children: ReactNode }) {
  const announce = useAnnounce()
  const [notices, setNotices] = useState<readonly Notice[]>([])
  const last = useRef(0)
  const close = useCallback((id: number) => setNotices((shown) => shown.filter((notice) => notice.id !== id)), [])
  const notify = useCallback<Notify>(
    (text, { isProblem = false } = {}) => {
      const id = ++last.current
      announce(text)
      setNotices((shown) => [...shown, { id, text, isProblem }].slice(-maxShown))
      if (!isProblem) setTimeout(() => close(id), shownMs)
    },
    [announce, close],
  )
  const list = useMemo(
    () =>
      notices.map(({ id, text, isProblem }) => (
        <li key={id} className="notice" data-problem={isProblem || undefined}>
          <span>{text}</span>
          <IconButton label={texts.closeNotice} onClick={() => close(id)}>
            <X size={15} aria-hidden="true" />
          </IconButton>
        </li>
      )),
    [notices, close],
  )
  return (
    <NoticeContext value={notify}>
      {children}
      {notices.length > 0 && (
        <section aria-label={texts.notices}>
          <ul className="notices">{list}</ul>
        </section>
      )}
    </NoticeContext>
  )
}
