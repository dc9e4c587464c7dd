import { useEffect, useRef, type RefObject } from 'react'

/** Where a long form is saved from the foot of the page, what is wrong may be far from there: it is brought into view. */
export function useProblemInView<Part extends HTMLElement>(problem: string | undefined): RefObject<Part | null> {
  const part = useRef<Part>(null)
  useEffect(() => {
    if (problem !== undefined) part.current?.scrollIntoView({ block: 'center' })
  }, [problem])
  return part
}
