import { X } from 'lucide-react'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { formatClock } from '../../lib/format.ts'
import { personColor } from '../../lib/people.ts'
import { IconButton } from '../../ui/button.tsx'
import type { Frame, Frames } from '../frames.ts'
import './drawer.css'

/** Frames that keep a connection alive are left out unless asked for. */
const isBeat = (title: string): boolean => title === 'ping' || title === 'pong'

/** The lines that make one's own chat, and the frames behind what one just saw. */
export default function CodeDrawer({
  frames,
  identity,
  lastText,
  onClose,
}: {
  readonly frames: Frames
  /** Who wrote last. */
  readonly identity: string
  /** What was written last, or null. */
  readonly lastText: string | null
  readonly onClose: () => void
}) {
  const all = useSyncExternalStore(frames.subscribe, frames.getSnapshot)
  const [withBeats, setWithBeats] = useState(false)
  const shown = withBeats ? all : all.filter(({ title }) => !isBeat(title))
  const list = useRef<HTMLOListElement>(null)
  const newest = shown.at(-1)?.id
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight })
  }, [newest])
  return (
    <section
      className="code"
      aria-label="Code"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose()
      }}
    >
      <div className="code-lines">
        <h2>The lines</h2>
        <pre tabIndex={0} aria-label="The lines that make this chat">
          <code>{linesOf(identity, lastText)}</code>
        </pre>
      </div>
      <div className="code-frames">
        <div className="code-head">
          <h2>The frames</h2>
          <label>
            <input type="checkbox" checked={withBeats} onChange={(event) => setWithBeats(event.target.checked)} /> pings
          </label>
          <IconButton label="Close the code" onClick={onClose}>
            <X size={17} aria-hidden="true" />
          </IconButton>
        </div>
        <ol ref={list} tabIndex={0} aria-label="Frames between the clients and the server">
          {shown.map((frame) => (
            <FrameLine key={frame.id} frame={frame} />
          ))}
        </ol>
      </div>
    </section>
  )
}

function FrameLine({ frame: { at, who, direction, title, text } }: { readonly frame: Frame }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <li>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <time>{formatClock(new Date(at))}</time>
          <span className="code-who" style={{ backgroundColor: personColor(who) }}>
            {who}
          </span>
          <span className="code-way" aria-hidden="true">
            {direction === 'sent' ? '→' : '←'}
          </span>
          <span className="unseen">{direction}</span>
          <span className="cut">{title}</span>
        </summary>
        {isOpen && (
          <pre tabIndex={0} aria-label={title}>
            {text}
          </pre>
        )}
      </details>
    </li>
  )
}

function linesOf(identity: string, lastText: string | null): string {
  return `import { createClient } from '@fonechat/client'

const client = createClient({
  identity: ${quoted(identity)},
  token: () => fetch('/my/token').then((response) => response.text()),
})
const channel = await client.getChannel('general')

const list = channel.messageList()
list.subscribe(() => render(list.getSnapshot().rows))
await list.loadNewest()

await channel.sendMessage(${quoted(lastText ?? 'Draw the owl!')})`
}

/** A text as one would write it in TypeScript. */
const quoted = (text: string): string =>
  `'${JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
    .replaceAll("'", String.raw`\'`)}'`
