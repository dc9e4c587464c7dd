import { useEffect, useEffectEvent, useState, type RefObject } from 'react'

/** How long something has to be seen to be read. */
const readMs = 500

/** Whether the document is visible and has the focus. */
function useAttention(): boolean {
  const [isAttentive, setAttentive] = useState(() => document.visibilityState === 'visible' && document.hasFocus())
  useEffect(() => {
    const look = (): void => setAttentive(document.visibilityState === 'visible' && document.hasFocus())
    look()
    document.addEventListener('visibilitychange', look)
    addEventListener('focus', look)
    addEventListener('blur', look)
    return () => {
      document.removeEventListener('visibilitychange', look)
      removeEventListener('focus', look)
      removeEventListener('blur', look)
    }
  }, [])
  return isAttentive
}

/** Whether an element is on the screen: a pane may be behind another one. */
function useOnScreen(element: RefObject<Element | null>): boolean {
  const [isOnScreen, setOnScreen] = useState(false)
  useEffect(() => {
    if (!element.current) return
    const observer = new IntersectionObserver((entries) => setOnScreen(entries.at(-1)?.isIntersecting ?? false))
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])
  return isOnScreen
}

/** Calls `onRead` once `index` was at the end of the list, visible and focused, for half a second. */
export function useRead(
  element: RefObject<Element | null>,
  index: number | null,
  onRead: ((index: number) => void) | null,
): void {
  const isAttentive = useAttention()
  const isOnScreen = useOnScreen(element)
  const read = useEffectEvent((seen: number) => onRead?.(seen))
  const isRead = isAttentive && isOnScreen && index !== null
  useEffect(() => {
    if (!isRead || index === null) return
    const timer = setTimeout(() => read(index), readMs)
    return () => clearTimeout(timer)
  }, [isRead, index])
}
