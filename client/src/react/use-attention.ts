'use client'
import { useEffect, useState } from 'react'

const isAttentiveNow = (): boolean => document.visibilityState === 'visible' && document.hasFocus()

/** Whether the document is visible and has the focus: whether somebody may be looking. False on a server. */
export function useAttention(): boolean {
  const [isAttentive, setAttentive] = useState(false)
  useEffect(() => {
    const look = (): void => setAttentive(isAttentiveNow())
    const ends = new AbortController()
    document.addEventListener('visibilitychange', look, ends)
    for (const name of ['focus', 'blur']) addEventListener(name, look, ends)
    look()
    return () => ends.abort()
  }, [])
  return isAttentive
}
