import { useLayoutEffect, useRef, type RefObject } from 'react'

/**
 * Brings into view what the address asks for, once: the row that is open or shown, or else the end of a list that begins there. Later pages are read
 * from their start.
 */
export function useRowInView(
  body: RefObject<HTMLElement | null>,
  {
    isThere,
    isPlaced,
    begins,
  }: { readonly isThere: boolean; readonly isPlaced: boolean; readonly begins: 'start' | 'end' },
): void {
  const isDone = useRef(false)
  useLayoutEffect(() => {
    if (isDone.current || !isThere) return
    isDone.current = true
    const asked = body.current?.querySelector('[data-open], [data-shows]')
    const end = begins === 'end' && !isPlaced ? body.current?.lastElementChild : undefined
    const row = asked ?? end
    if (row && !isInView(row)) row.scrollIntoView({ block: asked ? 'center' : 'end' })
  }, [isThere, isPlaced, begins, body])
}

function isInView(row: Element): boolean {
  const { top, bottom } = row.getBoundingClientRect()
  return top >= 0 && bottom <= innerHeight
}
