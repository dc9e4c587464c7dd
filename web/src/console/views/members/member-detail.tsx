import { MemberBacklogDocument, MemberItemDocument, RemoveMemberItemDocument } from '../../generated/members.ts'
import type { MemberItemQuery } from '../../generated/types.ts'
import { ChangeButton } from '../../kit/change-button.tsx'
import { onlyForward } from '../../kit/connection.ts'
import { Detail } from '../../kit/detail.tsx'
import { DialogButton } from '../../kit/dialog-button.tsx'
import { Fact, Facts } from '../../kit/facts.tsx'
import { channelName } from '../../kit/names.ts'
import { Sid } from '../../kit/sid.tsx'
import { SubList } from '../../kit/sub-list.tsx'
import { To } from '../../kit/to.tsx'
import { useData } from '../../kit/use-data.ts'
import { Loaded, Nothing } from '../../kit/waiting.tsx'
import { When } from '../../kit/when.tsx'
import { membersTexts as texts } from '../../texts/en/members.ts'
import { peopleTexts } from '../../texts/en/people.ts'
import { ReadUpTo } from './read-up-to.tsx'

type Member = NonNullable<MemberItemQuery['member']>

/** One membership. */
export function MemberDetail({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const data = useData(MemberItemDocument, { id })
  const member = data.data?.member
  return (
    <Detail
      title={member ? (member.user.friendlyName ?? member.identity) : texts.title}
      above={<Sid id={id} />}
      onClose={onClose}
      actions={member && <MemberActions member={member} onClose={onClose} />}
    >
      <Loaded from={data} height="16rem">
        {({ member: read }) => (read ? <MemberFacts member={read} /> : <Nothing>{texts.gone}</Nothing>)}
      </Loaded>
      {member && <Devices member={member} />}
    </Detail>
  )
}

function MemberFacts({ member }: { readonly member: Member }) {
  const { channel, identity, user, role } = member
  return (
    <Facts>
      <Fact name={texts.user}>
        <To path="/users" params={{ open: user.id }}>
          <bdi>{identity}</bdi>
        </To>
      </Fact>
      <Fact name={texts.channel}>
        <To path="/channels" params={{ open: channel.id }}>
          <bdi>{channelName(channel)}</bdi>
        </To>
      </Fact>
      <Fact name={texts.columns.role}>
        <To path="/roles" params={{ role: role.id }}>
          <bdi>{role.friendlyName}</bdi>
        </To>{' '}
        ·{' '}
        <To path="/roles" params={{ identity, channel: channel.id, action: 'SEND_MESSAGE' }}>
          {texts.may}
        </To>
      </Fact>
      <Fact name={texts.columns.read}>
        <ReadUpTo member={member} />
      </Fact>
      {member.lastReadAt !== null && (
        <Fact name={texts.readAt}>
          <When at={member.lastReadAt} />
        </Fact>
      )}
      {member.unreadCount !== null && (
        <Fact name={texts.columns.unread}>{member.unreadCount.toLocaleString('en')}</Fact>
      )}
      {member.unreadMentionsCount !== null && (
        <Fact name={texts.mentions}>{member.unreadMentionsCount.toLocaleString('en')}</Fact>
      )}
      <Fact name={texts.preferences}>
        <Preferences of={member.preferences} />
      </Fact>
      <Fact name={texts.columns.joined}>
        <When at={member.createdAt} />
      </Fact>
      <Fact name={texts.changed}>
        <When at={member.updatedAt} />
      </Fact>
    </Facts>
  )
}

/** Of which devices have not received everything, and up to where each has. */
function Devices({ member: { id, channelId, user } }: { readonly member: Member }) {
  return (
    <SubList
      title={texts.devicesTitle}
      name="devices"
      owner={id}
      document={MemberBacklogDocument}
      variables={{ channelId, userId: user.id }}
      pick={({ deliveryBacklogs }) => onlyForward(deliveryBacklogs)}
      rowId={({ deviceId }) => deviceId ?? ''}
      row={({ deviceId, deliveredIndex, pendingCount, hasMore, oldestAt }) => (
        <>
          <span>{peopleTexts.device(deviceId)}</span>
          <span className="aside">{texts.receivedUpTo(deliveredIndex)}</span>
          <span className="aside">{peopleTexts.waiting(pendingCount, hasMore)}</span>
          {oldestAt !== null && (
            <span className="aside">
              <When at={oldestAt} />
            </span>
          )}
        </>
      )}
      empty={texts.noDevices}
      link={
        <To path="/pending" params={{ channel: channelId, user: user.id }}>
          {texts.toPending}
        </To>
      }
    />
  )
}

function Preferences({ of }: { readonly of: Member['preferences'] }) {
  const words = [
    of?.pinnedOrder != null && texts.pinned,
    of?.isArchived === true && texts.archived,
    of?.isHidden === true && texts.hidden,
    of?.notificationLevel != null && texts.notifies(of.notificationLevel),
  ].filter((word) => word !== false)
  if (words.length === 0 && of?.muteEndsAt == null) return <span className="none">{texts.noPreferences}</span>
  return (
    <>
      {words.join(', ')}
      {of?.muteEndsAt != null && (
        <>
          {words.length > 0 && ', '}
          {texts.muted} <When at={of.muteEndsAt} />
        </>
      )}
    </>
  )
}

function MemberActions({ member, onClose }: { readonly member: Member; readonly onClose: () => void }) {
  return (
    <>
      <DialogButton label={texts.edit} load={() => import('./edit-member.tsx')} props={{ member }} />
      {!member.channel.isDirect && (
        <ChangeButton
          label={texts.remove}
          document={RemoveMemberItemDocument}
          variables={{ input: { memberId: member.id } }}
          ask={{ title: texts.removeTitle(member.user.friendlyName ?? member.identity), says: texts.removeSays }}
          done={texts.removed}
          onDone={onClose}
        />
      )}
    </>
  )
}
