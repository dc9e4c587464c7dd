import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { formatSince, formatTime } from '../../lib/format.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { useNow } from '../kit/use-now.ts'
import { shellTexts as texts } from '../texts/en/shell.ts'
import { readAway, type Away } from './readiness.ts'

/** How often the server is asked whether it is ready, in milliseconds, and how often once it is not. */
const askMs = 5000
const askAgainMs = 2000

/** What is away, and since when this page knows. Everything is read again when it is back. */
function useOutage(): { readonly away: Away; readonly since: number } | null {
  const client = useQueryClient()
  const announce = useAnnounce()
  const [outage, setOutage] = useState<{ readonly away: Away; readonly since: number } | null>(null)
  useEffect(() => {
    let isOver = false
    let before: Away | null = null
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async (): Promise<void> => {
      clearTimeout(timer)
      const away = await readAway()
      if (isOver) return
      if (away !== before) {
        setOutage((known) => (away === null ? null : { away, since: known?.since ?? Date.now() }))
        announce(away === null ? texts.back : texts.away[away])
        if (away === null) void client.invalidateQueries()
      }
      before = away
      clearTimeout(timer)
      timer = document.hidden ? undefined : setTimeout(() => void ask(), away === null ? askMs : askAgainMs)
    }
    const onVisible = (): void => {
      if (!document.hidden) void ask()
    }
    document.addEventListener('visibilitychange', onVisible)
    void ask()
    return () => {
      isOver = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', onVisible)
    }
  }, [announce, client])
  return outage
}

/** Says what is away since when, above every view. */
export function OutageBanner() {
  const outage = useOutage()
  const now = useNow()
  if (!outage) return null
  const { away, since } = outage
  return (
    <section className="banner" aria-label={texts.outage}>
      <strong>{texts.away[away]}</strong>
      <span>{texts.awaySince(formatTime(new Date(since)), formatSince(now - since))}</span>
    </section>
  )
}
