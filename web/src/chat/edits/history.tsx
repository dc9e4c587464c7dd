import { Dialog } from '@base-ui/react/dialog'
import type { Message } from '@fonechat/client'
import type { MessageEdits } from '@fonechat/client/edits'
import { X } from 'lucide-react'
import { useEffect, useState, type ReactNode } from 'react'
import { formatShort, formatTime } from '../../lib/format.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { usePageClient } from '../live/page-client.ts'
import type { Person } from '../model.ts'
import '../../ui/dialog.css'
import './history.css'

export interface HistoryProps {
  /** The message as it is now. */
  readonly message: Message
  /** Somebody of the channel, by identity. */
  readonly personOf: (identity: string) => Person
  readonly onClose: () => void
}

/** What a message is and what it was, the newest first. */
export default function History({ message, personOf, onClose }: HistoryProps) {
  const client = usePageClient()
  const { id, version } = message
  const [pages, setPages] = useState<readonly MessageEdits[]>([])
  const [problem, setProblem] = useState<string | null>(null)
  const add = (reading: Promise<MessageEdits | null>, before: readonly MessageEdits[]): void => {
    reading.then(
      (page) => setPages([...before, ...(page ? [page] : [])]),
      (error: unknown) => setProblem(error instanceof Error ? error.message : 'It could not be read.'),
    )
  }
  const [isRead, setRead] = useState(false)
  // An edit that comes meanwhile makes one version more.
  useEffect(() => {
    let isOver = false
    client.edits.of(id).then(
      (page) => {
        if (isOver) return
        setPages(page ? [page] : [])
        setRead(true)
      },
      (error: unknown) => !isOver && setProblem(error instanceof Error ? error.message : 'It could not be read.'),
    )
    return () => {
      isOver = true
    }
  }, [client, id, version])
  const items = pages.flatMap((page) => page.items)
  const last = pages.at(-1)
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-backdrop" />
        <Dialog.Popup className="dialog history">
          <div className="history-head">
            <Dialog.Title className="dialog-title">Edits</Dialog.Title>
            <Dialog.Close render={<IconButton label="Close" />}>
              <X size={17} aria-hidden="true" />
            </Dialog.Close>
          </div>
          {problem !== null && (
            <p className="history-says" role="alert">
              {problem}
            </p>
          )}
          <ol className="history-list">
            <Version says="Now" at={message.editedAt ?? message.createdAt} body={message.body} />
            {items.map(({ version: number, body, writtenBy, writtenAt }) => (
              <Version
                key={number}
                says={`${number === 1 ? 'As it was sent' : `Version ${number}`} by ${personOf(writtenBy).name}`}
                at={writtenAt}
                body={body}
              />
            ))}
          </ol>
          {isRead && items.length === 0 && <p className="history-says">What it was before is not kept here.</p>}
          {last?.hasMore && (
            <Button className="history-more" onClick={() => add(last.more(), pages)}>
              Earlier versions
            </Button>
          )}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Version({ says, at, body }: { readonly says: string; readonly at: string; readonly body: string }): ReactNode {
  const date = new Date(at)
  const day = formatShort(date, new Date())
  const time = formatTime(date)
  return (
    <li className="history-one">
      <p className="history-by">
        <b>{says}</b> <time dateTime={at}>{day === time ? time : `${day} ${time}`}</time>
      </p>
      <p className="history-text" dir="auto">
        {body}
      </p>
    </li>
  )
}
