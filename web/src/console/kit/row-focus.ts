import { useLayoutEffect, useRef, useState, type KeyboardEvent, type RefObject } from 'react'
import { useRouter } from 'wouter'

export interface RowFocus {
  /** The row that the Tab key comes to. */
  readonly at: number
  readonly set: (at: number) => void
  /** Moves the focus to a row, once it is there. */
  readonly to: (at: number) => void
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void
  readonly hrefOf: (path: string) => string
}

/**
 * Of the links of a list’s rows one is in the order of the Tab key; arrows, Home and End move between them. With another `page`, such as that of another
 * filter, it is the first one again.
 */
export function useRowFocus(body: RefObject<HTMLElement | null>, count: number, page: string): RowFocus {
  const { base } = useRouter()
  const [chosen, setChosenOf] = useState({ page, row: 0 })
  const setChosen = (row: number): void => setChosenOf({ page, row })
  const at = chosen.page === page ? Math.min(chosen.row, Math.max(0, count - 1)) : 0
  const wanted = useRef<number | null>(null)
  useLayoutEffect(() => {
    if (wanted.current === null) return
    const link = body.current?.querySelector<HTMLElement>(`[data-row="${wanted.current}"]`)
    wanted.current = null
    link?.focus()
  })
  const to = (row: number): void => {
    wanted.current = row
    setChosen(row)
  }
  return {
    at,
    set: setChosen,
    to,
    onKeyDown: (event) => {
      if (!(event.target instanceof Element) || !event.target.closest('[data-row]')) return
      const target = targets[event.key]?.(at, count)
      if (target === undefined || event.altKey || event.ctrlKey || event.metaKey) return
      event.preventDefault()
      const row = Math.min(Math.max(target, 0), count - 1)
      body.current?.querySelector<HTMLElement>(`[data-row="${row}"]`)?.focus()
    },
    hrefOf: (path) => base + path,
  }
}

const targets: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowDown: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  PageDown: (at) => at + 10,
  PageUp: (at) => at - 10,
  Home: () => 0,
  End: (_at, count) => count - 1,
}
