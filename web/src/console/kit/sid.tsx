import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { useAnnounce } from '../../ui/announcer.tsx'
import { kitTexts as texts } from '../texts/en/kit.ts'
import './sid.css'

const confirmedMs = 1500

/** `IS…4f2c91ab`: the kind and the end, since the middle of SIDs of one time is alike. */
export const shortSid = (sid: string): string => `${sid.slice(0, 2)}…${sid.slice(-8)}`

/** A SID, short, with a button that copies all of it. Alone in a row that opens, it has none: `copy={false}`. */
export function Sid({ id, copy = true }: { readonly id: string; readonly copy?: boolean }) {
  return (
    <span className="sid" title={id}>
      <span className="sid-text">{shortSid(id)}</span>
      {copy && <CopyButton text={id} label={texts.copySid} />}
    </span>
  )
}

/** Copies a text. */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const announce = useAnnounce()
  const [isCopied, setIsCopied] = useState(false)
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => {
        announce(texts.copied)
        setIsCopied(true)
        setTimeout(() => setIsCopied(false), confirmedMs)
      },
      () => announce(texts.notCopied),
    )
  }
  const Icon = isCopied ? Check : Copy
  return (
    <button type="button" className="copy" title={label} aria-label={label} onClick={copy}>
      <Icon size={14} aria-hidden="true" />
    </button>
  )
}
