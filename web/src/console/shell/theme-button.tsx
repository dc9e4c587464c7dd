import { Contrast, Moon, Sun } from 'lucide-react'
import { setTheme, useTheme, type Theme } from '../../theme.ts'
import { IconButton } from '../../ui/button.tsx'
import { shellTexts as texts } from '../texts/en/shell.ts'

const next: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' }
const icons = { system: Contrast, light: Sun, dark: Moon }

export function ThemeButton() {
  const theme = useTheme()
  const Icon = icons[theme]
  return (
    <IconButton label={texts.theme(texts.themes[theme])} onClick={() => setTheme(next[theme])}>
      <Icon size={17} aria-hidden="true" />
    </IconButton>
  )
}
