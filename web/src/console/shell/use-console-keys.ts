import { useEffect, useEffectEvent } from 'react'
import { focusFilters } from '../kit/filters.tsx'
import { focusGoTo } from './go-to.tsx'

/** Keys that work in every view, outside of what one writes in: `/`, `g` and `?`. */
export function useConsoleKeys({ onHelp }: { readonly onHelp: () => void }): void {
  const press = useEffectEvent((event: KeyboardEvent): void => {
    const { target, key, ctrlKey, metaKey, altKey } = event
    if (ctrlKey || metaKey || altKey || event.defaultPrevented) return
    if (
      target instanceof Element &&
      target.closest('input, textarea, select, [contenteditable], [role="dialog"], [role="alertdialog"]')
    )
      return
    if (key === '?') onHelp()
    else if (key === 'g' ? !focusGoTo() : key !== '/' || !focusFilters()) return
    event.preventDefault()
  })
  useEffect(() => {
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])
}
