import { useEffect, useState, type FocusEvent, type KeyboardEvent, type PointerEvent } from 'react'
import { useLongPress } from '../../lib/use-long-press.ts'

const rowOf = (target: EventTarget | null): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>('[data-key]') : null

const keyOf = (target: EventTarget | null): string | null => rowOf(target)?.dataset['key'] ?? null

/** Which message shows what can be done with it: the one under the mouse, with the focus of the keyboard, or on which a finger rests. */
export function useActive() {
  const [active, setActive] = useState<string | null>(null)
  const longPress = useLongPress((target) => setActive(keyOf(target)))
  useEffect(() => {
    if (active === null) return
    const close = ({ pointerType, target }: globalThis.PointerEvent): void => {
      if (pointerType === 'touch' && target instanceof Element && !target.closest('.message-actions')) setActive(null)
    }
    document.addEventListener('pointerdown', close)
    return () => document.removeEventListener('pointerdown', close)
  }, [active])
  return {
    active,
    handlers: {
      ...longPress,
      onPointerOver: ({ pointerType, target }: PointerEvent) => {
        const key = keyOf(target)
        if (pointerType === 'mouse' && key !== null) setActive(key)
      },
      onPointerLeave: ({ pointerType }: PointerEvent) => {
        if (pointerType === 'mouse') setActive(null)
      },
      onFocus: ({ target }: FocusEvent) => {
        if (target.matches(':focus-visible')) setActive(keyOf(target))
      },
      onBlur: ({ currentTarget, relatedTarget }: FocusEvent) => {
        if (!currentTarget.contains(relatedTarget)) setActive(null)
      },
      onKeyDown: ({ key, target }: KeyboardEvent) => {
        if (key !== 'Escape') return
        const row = rowOf(target)
        if (row === target) setActive(null)
        else row?.focus()
      },
    },
  }
}
