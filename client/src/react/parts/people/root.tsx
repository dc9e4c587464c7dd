'use client'
import { memo, useEffect, type ReactElement, type ReactNode } from 'react'
import type { Presence } from '../../../modules/people.ts'
import type { Member } from '../../../store/state.ts'
import { useChannelHandle } from '../../use-channel-handle.ts'
import { useChannel } from '../../use-channel.ts'
import { useConnection } from '../../use-connection.ts'
import { usePresence } from '../../use-presence.ts'
import { renderPart, type Part } from '../part.ts'

type Content = (member: Member, presence: Presence | undefined) => ReactNode

export type RootProps = Part<
  object,
  {
    /** SID of the channel. */
    readonly channelId: string
    /** What stands in the line of a member. By default its name, and `online` in words. Keep the function. */
    readonly children?: Content
  }
>

/** The members of a channel, up to 100 in the order in which they joined, and who of them is online. Needs the module `people()`. */
export function Root({ channelId, children, ...given }: RootProps): ReactElement {
  const channel = useChannelHandle(channelId)
  const members = useChannel(channelId)?.members
  const isLive = useConnection().status === 'live'
  useEffect(() => {
    // What fails is read again when the client is live again.
    if (isLive) channel.getMembers().catch(() => {})
  }, [channel, isLive])
  const lines = [...(members?.values() ?? [])].map((member) => (
    <Person key={member.identity} member={member} content={children} />
  ))
  return renderPart('ul', { 'aria-label': 'Members', children: lines }, {}, given)
}

const Person = memo(function Person({
  member,
  content,
}: {
  readonly member: Member
  readonly content: Content | undefined
}) {
  const presence = usePresence(member.identity)
  const isOnline = presence?.isOnline === true
  return (
    <li data-identity={member.identity} data-online={isOnline ? '' : undefined}>
      {content ? (
        content(member, presence)
      ) : (
        <>
          <span dir="auto">{member.user.friendlyName ?? member.identity}</span>
          {isOnline && ' online'}
        </>
      )}
    </li>
  )
})
