import { useLayoutEffect, useState } from 'react'

/** What has come is shown within some three times of this, in milliseconds. */
const easing = 50

/** Whether a text may be cut here: neither within a pair nor before what changes the sign before it. */
const mayCut = (text: string, at: number): boolean =>
  !/^(?:[\udc00-\udfff]|[\p{M}\p{Emoji_Modifier}\u200d])/u.test(text.slice(at, at + 2)) && text[at - 1] !== '\u200d'

const isStill = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches || document.hidden

/** What is shown of a text that is being written: it comes in pieces, and grows evenly. What is not at its end shows at once. */
export function useGrowing(text: string, isWritten: boolean): string {
  const [shown, setShown] = useState(text)
  const isBehind = isWritten && shown !== text && text.startsWith(shown)
  useLayoutEffect(() => {
    if (!isBehind) return setShown(text)
    let before: number | undefined
    let frame = requestAnimationFrame(function grow(now) {
      const passed = now - (before ?? now - 16)
      before = now
      setShown((known) => {
        if (!text.startsWith(known) || isStill()) return text
        let end = known.length + Math.ceil((text.length - known.length) * Math.min(1, passed / easing))
        while (end < text.length && !mayCut(text, end)) end++
        return text.slice(0, end)
      })
      frame = requestAnimationFrame(grow)
    })
    return () => cancelAnimationFrame(frame)
  }, [text, isBehind])
  return isBehind ? shown : text
}
