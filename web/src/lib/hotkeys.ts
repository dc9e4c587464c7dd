import { useEffect, useEffectEvent } from 'react'

const isApple = typeof navigator === 'object' && /Mac|iPhone|iPad/u.test(navigator.platform)

/** What the page writes for the key that opens the switcher. */
export const switcherKey = isApple ? '⌘K' : 'Ctrl K'

/** Calls `onPress` for ⌘K, or Ctrl K elsewhere than on a Mac. */
export function useSwitcherKey(onPress: () => void): void {
  const press = useEffectEvent(onPress)
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || event.shiftKey || event.altKey) return
      if (!(isApple ? event.metaKey : event.ctrlKey)) return
      event.preventDefault()
      press()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [])
}

/** Whether a key belongs to an input method that is composing. Safari ends the composition before Enter and tells by the code 229 alone. */
export const isComposing = (event: { nativeEvent: KeyboardEvent }): boolean =>
  event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229
