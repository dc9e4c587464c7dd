import { Dialog } from '@base-ui/react/dialog'
import { channelName, type ChannelState } from '@fonechat/client'
import { X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { counted } from '../../lib/format.ts'
import type { Place } from '../../routes.ts'
import { Avatar, OnlineWord } from '../../ui/avatar.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { personOf } from '../live/names.ts'
import { usePageClient } from '../live/page-client.ts'
import type { Person } from '../model.ts'
import '../../ui/dialog.css'
import './people.css'

/** The people of a channel, and a way to write to each. The first hundred: who looks for somebody else searches. */
export default function People({
  known,
  self,
  isOnline,
  onOpen,
  onClose,
}: {
  readonly known: ChannelState
  readonly self: Person
  readonly isOnline: (identity: string) => boolean | undefined
  readonly onOpen: (place: Place) => void
  readonly onClose: () => void
}) {
  const client = usePageClient()
  const { id, membersCount } = known.channel
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => {
    client
      .channel(id)
      .getMembers(100)
      .catch((error: unknown) => setProblem(error instanceof Error ? error.message : 'They could not be read.'))
  }, [client, id])
  const members = [...known.members.values()].toSorted((a, b) =>
    personOf(a.user).name.localeCompare(personOf(b.user).name),
  )
  const write = (identity: string): void => {
    client.people.openDirectChannel([identity]).then(
      ({ id: channel }) => {
        onOpen({ channel })
        onClose()
      },
      (error: unknown) => setProblem(error instanceof Error ? error.message : 'It could not be opened.'),
    )
  }
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-backdrop" />
        <Dialog.Popup className="dialog people">
          <div className="people-head">
            <Dialog.Title className="dialog-title cut">{`# ${channelName(known)}`}</Dialog.Title>
            <Dialog.Description className="people-count">{counted(membersCount, 'member')}</Dialog.Description>
            <Dialog.Close render={<IconButton label="Close" />}>
              <X size={17} aria-hidden="true" />
            </Dialog.Close>
          </div>
          {problem !== null && (
            <p className="people-problem" role="alert">
              {problem}
            </p>
          )}
          <ul className="people-list">
            {members.map(({ identity, user, role }) => (
              <li key={identity}>
                <Avatar {...personOf(user)} online={isOnline(identity)} />
                <span className="people-text">
                  <b className="cut" dir="auto">
                    {personOf(user).name}
                    <OnlineWord online={isOnline(identity)} />
                  </b>
                  <span className="cut">{identity === self.identity ? 'you' : role.friendlyName}</span>
                </span>
                {identity !== self.identity && (
                  <Button aria-label={`Write to ${personOf(user).name}`} onClick={() => write(identity)}>
                    Write
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
