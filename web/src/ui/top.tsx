import { Contrast, Moon, Sun } from 'lucide-react'
import type { ReactNode } from 'react'
import { graphiqlHref } from '../routes.ts'
import { setTheme, useTheme, type Theme } from '../theme.ts'
import { IconButton } from './button.tsx'
import './top.css'

const next: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' }
const icons = { system: Contrast, light: Sun, dark: Moon }
const words = { system: 'as the system', light: 'light', dark: 'dark' }

/** The head of the page. */
export function Top({ says, children }: { readonly says: string; readonly children?: ReactNode }) {
  const theme = useTheme()
  const Icon = icons[theme]
  return (
    <header className="top">
      <h1>
        fone<i>chat</i>
      </h1>
      <p className="cut">{says}</p>
      {children}
      <nav aria-label="Page">
        <a href={graphiqlHref}>GraphiQL</a>
        <IconButton label={`Theme: ${words[theme]}`} onClick={() => setTheme(next[theme])}>
          <Icon size={17} aria-hidden="true" />
        </IconButton>
      </nav>
    </header>
  )
}
