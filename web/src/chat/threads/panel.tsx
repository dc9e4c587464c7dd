import { useThread, type Messages } from '@fonechat/client/react'
import { ArrowLeft, Bell, BellOff, X } from 'lucide-react'
import { useEffect, useMemo, useRef } from 'react'
import { IconButton } from '../../ui/button.tsx'
import { Conversation, type ChatProps } from '../chat.tsx'
import './panel.css'

export interface ThreadPanelProps extends ChatProps {
  /** Index of the message whose replies are shown. */
  readonly index: number
  readonly onClose: () => void
}

/** A thread: the message, its replies, and where one replies. Beside the channel, or over it where there is no room. */
export default function ThreadPanel({ index, onClose, ...chat }: ThreadPanelProps) {
  const { known } = chat
  const shown = useThread({ channelId: known.channel.id, index })
  const { parent, replies, isMissing, following, thread } = shown
  const { rows, hasOlder } = replies
  const messages = useMemo<Messages>(
    // The message that is replied to stands before the first reply.
    () => (parent && !hasOlder ? { ...replies, rows: [parent, ...rows] } : replies),
    [parent, replies, rows, hasOlder],
  )
  const panel = useRef<HTMLDivElement>(null)
  // Where it was opened from has the focus when it is closed.
  useEffect(() => {
    const body = panel.current?.closest('.pane-body')
    return () => {
      if (document.activeElement !== document.body) return
      const line = body?.querySelector<HTMLElement>(`.pane-channel [data-thread="${index}"]`)
      ;(line ?? body?.querySelector<HTMLElement>('.composer-field'))?.focus()
    }
  }, [index])
  const isFollowed = following?.isFollowed === true
  return (
    <div
      ref={panel}
      className="thread"
      role="group"
      aria-label="Thread"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return
        event.stopPropagation()
        onClose()
      }}
    >
      <header className="thread-head">
        <IconButton className="thread-back" label="Back to the channel" onClick={onClose}>
          <ArrowLeft size={18} aria-hidden="true" />
        </IconButton>
        <div className="thread-title">
          <h3>Thread</h3>
          <p className="thread-about cut">{following && (isFollowed ? 'You follow it' : 'You do not follow it')}</p>
        </div>
        {following && (
          <IconButton
            label={isFollowed ? 'Stop following' : 'Follow'}
            data-on={isFollowed || undefined}
            onClick={() => void thread.follow(!isFollowed).catch(() => {})}
          >
            {isFollowed ? <Bell size={16} aria-hidden="true" /> : <BellOff size={16} aria-hidden="true" />}
          </IconButton>
        )}
        <IconButton className="thread-close" label="Close" onClick={onClose}>
          <X size={17} aria-hidden="true" />
        </IconButton>
      </header>
      {isMissing ? (
        <div className="pane-empty">
          <b>No such thread</b>
          <p>Its message was deleted.</p>
        </div>
      ) : (
        parent && <Conversation key={index} {...chat} messages={messages} thread={shown} />
      )}
    </div>
  )
}
