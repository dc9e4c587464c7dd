import { useSyncExternalStore } from 'react'

/** A theme as one chose it; `system` follows the system. */
export type Theme = 'system' | 'light' | 'dark'

const key = 'fonechat.theme'
const listeners = new Set<() => void>()

function current(): Theme {
  const theme = document.documentElement.dataset['theme']
  return theme === 'light' || theme === 'dark' ? theme : 'system'
}

/** Chooses a theme, and keeps it for the next visit where storage is allowed. `public/theme.js` reads it before the first paint. */
export function setTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
  try {
    if (theme === 'system') localStorage.removeItem(key)
    else localStorage.setItem(key, theme)
  } catch {
    // Without storage the choice lasts for this visit.
  }
  for (const listener of listeners) listener()
}

/** The theme as one chose it. */
export function useTheme(): Theme {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    current,
    () => 'system',
  )
}
