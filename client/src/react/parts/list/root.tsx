'use client'
import { useCallback, useEffect, useMemo, useRef, useState, type ReactElement, type ReactNode } from 'react'
import { useChannel } from '../../use-channel.ts'
import { useConnection } from '../../use-connection.ts'
import { useLayout } from '../../use-layout.ts'
import { useMessages, type Messages } from '../../use-messages.ts'
import { useRead } from '../../use-read.ts'
import { renderPart, type Part } from '../part.ts'
import { Context, type ListContext } from './context.ts'
import type { Scrolling } from './scrolling.ts'
import { useEnd } from './use-end.ts'
import { useFirstUnread } from './use-first-unread.ts'

/** For how long a message that was jumped to is lit, in milliseconds. */
const litFor = 2000

export type RootProps = Part<
  object,
  {
    /** SID of the channel. */
    readonly channelId: string
    /** Index of a message to go to and light up, also when it changes later. By default the list begins at the first unread message, or at the end. */
    readonly at?: number | undefined
    /** What `useMessages` gave of this channel, where the page needs it too, or messages of elsewhere in its shape. Without it the list reads them. */
    readonly messages?: Messages | undefined
    /** Index of the newest message that was read, of messages of elsewhere: where the line of the unread stands. Null: all were. */
    readonly readIndex?: number | null | undefined
    /** What newest message has been looked at, of messages of elsewhere. By default the channel is marked as read. */
    readonly onRead?: ((index: number) => void) | undefined
    /** `Scroller`, `Jump` and `Announcer` by default. */
    readonly children?: ReactNode
  }
>

/** A list without its content. */
export function ListRoot({ channelId, ...props }: RootProps): ReactElement {
  // Another channel is another list, with nothing of the one before.
  const { messages } = props
  if (!messages) return <OfChannel key={channelId} channelId={channelId} {...props} />
  return <OfMessages key={channelId} channelId={channelId} {...props} messages={messages} />
}

function OfChannel(props: RootProps): ReactElement {
  return <OfMessages {...props} messages={useMessages(props.channelId)} />
}

type Shown = RootProps & { readonly messages: Messages }

function OfMessages({ channelId, at, messages: shown, readIndex, onRead, children, ...given }: Shown): ReactElement {
  const { list, rows, hasNewer } = shown
  const scroller = useRef<HTMLElement | null>(null)
  const scrolling = useRef<Scrolling | null>(null)
  const isLive = useConnection().status === 'live'
  const { isAtEnd, missed, setAtEnd } = useEnd(shown)
  const firstUnread = useFirstUnread(useChannel(channelId), shown, readIndex)
  const [highlighted, setHighlighted] = useState<number | null>(null)

  const newest = rows.findLast(({ index }) => index !== null)?.index ?? null
  useRead(channelId, scroller, isAtEnd && !hasNewer ? newest : null, onRead)

  const toNewest = useCallback(() => {
    scrolling.current?.toEnd()
    setAtEnd(scrolling.current?.isAtEnd ?? true)
    // What fails is read again when one scrolls.
    list.loadNewest().catch(() => {})
  }, [list, setAtEnd])

  const reached = useRef<number | undefined>(undefined)
  useEffect(() => {
    if (at === undefined) reached.current = at
    if (reached.current === at) return
    let isWanted = true
    scrolling.current?.leaveEnd()
    list.jumpTo(at!).then(
      () => {
        if (!isWanted) return
        reached.current = at
        setHighlighted(at!)
      },
      // What fails is tried again when the client is live again.
      () => {},
    )
    return () => {
      isWanted = false
    }
  }, [list, at, isLive])
  const known = useRef(rows)
  useLayout(() => {
    known.current = rows
  }, [rows])
  // Before it is painted: it would be seen elsewhere first.
  useLayout(() => {
    if (highlighted === null) return
    // Of one that was deleted, or is beyond the newest, the row next to it.
    const { current } = known
    const row = current.find(({ index }) => index !== null && index >= highlighted) ?? current.at(-1)
    if (row && scrolling.current?.toRow(row.key)) setAtEnd(scrolling.current.isAtEnd)
    const timer = setTimeout(() => setHighlighted(null), litFor)
    return () => clearTimeout(timer)
  }, [highlighted, setAtEnd])

  const context = useMemo<ListContext>(
    () => ({ ...shown, at, scroller, scrolling, isAtEnd, missed, firstUnread, highlighted, toNewest, setAtEnd }),
    [shown, at, isAtEnd, missed, firstUnread, highlighted, toNewest, setAtEnd],
  )
  return <Context.Provider value={context}>{renderPart('div', { children }, {}, given)}</Context.Provider>
}
