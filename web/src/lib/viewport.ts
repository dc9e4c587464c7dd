import { useSyncExternalStore } from 'react'

/** Where there is room for one pane alone. In em, as in the style sheets, so that larger text changes it sooner. */
export const onePane = '(max-width: 44.99em)'

/** Whether a media query matches now. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = matchMedia(query)
      list.addEventListener('change', listener)
      return () => list.removeEventListener('change', listener)
    },
    () => matchMedia(query).matches,
    () => false,
  )
}
