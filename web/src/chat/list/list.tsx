import type { MessageRow } from '@fonechat/client'
import type { Messages } from '@fonechat/client/react'
import { MessageList as List } from '@fonechat/client/react/parts/virtual'
import { ArrowDown } from 'lucide-react'
import { useMemo, useState, type ReactNode } from 'react'
import { foldedLines } from './fold.tsx'
import { hasQuote, LookContext, type Look } from './look.ts'
import { Message } from './message.tsx'
import { useActive } from './use-active.ts'
import './list.css'

export interface MessageListProps {
  /** SID of the channel. */
  readonly channelId: string
  /** What the list is called: `Messages in general`. */
  readonly label: string
  readonly messages: Messages
  /** Index of a message to jump to: scrolled to and lit. */
  readonly target: number | null
  /** The same object until something of it changes. */
  readonly look: Look
  /** Stands where there are no messages. */
  readonly empty: ReactNode
  /** Of a thread: index of the newest reply that was read, and what marks more. By default it is the channel that is read. */
  readonly readIndex?: number | null | undefined
  readonly onRead?: ((index: number) => void) | undefined
}

/** The messages of a channel: the list of the client, with a look. */
export function MessageList(props: MessageListProps) {
  const { channelId, label, messages, target, look, empty, readIndex, onRead } = props
  const { active, handlers } = useActive()
  const [unfolded] = useState(() => new Set<string>())
  // What is open belongs to its message, wherever the mouse goes meanwhile.
  const shown = look.held ?? active
  const context = useMemo(() => ({ ...look, active: shown, unfolded }), [look, shown, unfolded])
  return (
    <LookContext value={context}>
      <List.Root
        className="list"
        channelId={channelId}
        messages={messages}
        at={target ?? undefined}
        readIndex={readIndex}
        onRead={onRead}
      >
        {messages.isLoaded && messages.rows.length === 0 && empty}
        <List.Scroller
          className="list-scroller"
          aria-label={label}
          estimate={estimate}
          paddingStart={messages.hasOlder ? 120 : 16}
          paddingEnd={messages.hasNewer ? 120 : 12}
          {...handlers}
        >
          {Message}
        </List.Scroller>
        <List.Jump render={jump} />
        <List.Announcer />
      </List.Root>
    </LookContext>
  )
}

const jump: NonNullable<Parameters<typeof List.Jump>[0]['render']> = ({ children, ...props }) => (
  <button type="button" {...(props as object)} className="list-jump">
    {children}
    <ArrowDown size={14} aria-hidden="true" />
  </button>
)

/** A guess at the height of a row that was never shown. */
function estimate(row: MessageRow): number {
  const { body, reactions, message } = row
  const lines = body.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 46)), 0)
  return (
    16 +
    Math.min(lines, foldedLines + 1) * 22 +
    (reactions.length > 0 ? 33 : 0) +
    (message?.replyCount ? 36 : 0) +
    (hasQuote(row) ? 52 : 0)
  )
}
