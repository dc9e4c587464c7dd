import { Component, useEffect, useState, type ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import { LoadError } from '../kit/later.tsx'
import { shellTexts as texts } from '../texts/en/shell.ts'
import { readAway } from './readiness.ts'

/** How often the server is asked whether it is back, in milliseconds. */
const askMs = 2000

/** Shows that a view broke, or could not be loaded, with the way on. */
export class ViewBoundary extends Component<{ readonly children: ReactNode }, { readonly error: Error | null }> {
  override state: { readonly error: Error | null } = { error: null }

  static getDerivedStateFromError(error: unknown): { readonly error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === null) return this.props.children
    if (error instanceof LoadError) return <NotLoaded />
    return <Broken>{`${texts.viewBroke} ${error.message}`}</Broken>
  }
}

function Broken({ children }: { readonly children: string }) {
  return (
    <div className="failed" role="alert">
      <p>{children}</p>
      <Button onClick={() => location.reload()}>{texts.loadAgain}</Button>
    </div>
  )
}

/**
 * Loads the page again once the server is back: browsers and Vite remember what could not be loaded. Where the server was there all the time, that is left to
 * the reader, since it could go on for ever.
 */
function NotLoaded() {
  const [isAway, setIsAway] = useState(true)
  useEffect(() => {
    let isGone = false
    let wasAway = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async (): Promise<void> => {
      const away = await readAway()
      if (isGone) return
      if (away !== null) {
        wasAway = true
        timer = setTimeout(() => void ask(), askMs)
      } else if (wasAway) location.reload()
      else setIsAway(false)
    }
    void ask()
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [])
  if (!isAway) return <Broken>{texts.notLoaded}</Broken>
  return (
    <p className="failed" role="alert">
      {texts.notLoadedYet}
    </p>
  )
}
