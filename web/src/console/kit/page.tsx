import { useEffect, useRef, type ReactNode } from 'react'
import './page.css'

/** How many views were shown: the first one of a visit takes no focus. */
let shownViews = 0

/** The frame of every view: its heading, what one can do, and what it shows. */
export function Page({
  title,
  says,
  actions,
  children,
}: {
  readonly title: string
  /** One sentence on what the view answers. */
  readonly says?: ReactNode
  /** Stand beside the heading. */
  readonly actions?: ReactNode
  readonly children: ReactNode
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    // Whoever followed a link stands at the head of what it led to, unless that is something open, which has taken the focus.
    const isTaken = heading.current?.closest('.view-page')?.contains(document.activeElement)
    if (shownViews++ > 0 && !isTaken) heading.current?.focus({ preventScroll: true })
  }, [])
  useEffect(() => {
    document.title = `${title} · fonechat`
  }, [title])
  return (
    <div className="view-page">
      <div className="view-head">
        <div className="view-words">
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {says !== undefined && <p>{says}</p>}
        </div>
        {actions !== undefined && <div className="view-actions">{actions}</div>}
      </div>
      {children}
    </div>
  )
}

/** A part of a view, with a heading of its own. */
export function Section({
  title,
  says,
  actions,
  children,
}: {
  readonly title: string
  readonly says?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}) {
  return (
    <section className="view-section">
      <div className="view-head">
        <div className="view-words">
          <h2>{title}</h2>
          {says !== undefined && <p>{says}</p>}
        </div>
        {actions !== undefined && <div className="view-actions">{actions}</div>}
      </div>
      {children}
    </section>
  )
}
