import type { UserItemFieldsFragment } from '../../generated/types.ts'
import {
  DeleteUserItemDocument,
  UserBacklogDocument,
  UserItemChannelsDocument,
  UserItemDocument,
} from '../../generated/users.ts'
import { ChangeButton } from '../../kit/change-button.tsx'
import { onlyForward } from '../../kit/connection.ts'
import { Detail } from '../../kit/detail.tsx'
import { DialogButton } from '../../kit/dialog-button.tsx'
import { Fact, Facts } from '../../kit/facts.tsx'
import { Links } from '../../kit/links.tsx'
import { channelName } from '../../kit/names.ts'
import { JsonView } from '../../kit/plain-text.tsx'
import { Sid } from '../../kit/sid.tsx'
import { SubList } from '../../kit/sub-list.tsx'
import { To } from '../../kit/to.tsx'
import { useData } from '../../kit/use-data.ts'
import { Loaded, Nothing } from '../../kit/waiting.tsx'
import { When } from '../../kit/when.tsx'
import { peopleTexts } from '../../texts/en/people.ts'
import { usersTexts as texts } from '../../texts/en/users.ts'
import { Presence } from './presence.tsx'

/** One user, and the channels that it is in. */
export function UserDetail({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const data = useData(UserItemDocument, { id })
  const user = data.data?.user
  return (
    <Detail
      title={user ? (user.friendlyName ?? user.identity) : texts.title}
      above={<Sid id={id} />}
      onClose={onClose}
      actions={user && <UserActions user={user} onClose={onClose} />}
    >
      <Loaded from={data} height="20rem">
        {({ user: read }) => (read ? <UserFacts user={read} /> : <Nothing>{texts.gone}</Nothing>)}
      </Loaded>
      {user && (
        <>
          <UserChannels id={id} />
          <UserBacklog user={user} />
          <Links>
            <To path="/connections" params={{ identity: user.identity }}>
              {texts.toConnections}
            </To>
            <To path="/invites" params={{ identity: user.identity }}>
              {texts.invites}
            </To>
            <To path="/audit" params={{ about: user.identity }}>
              {texts.audit}
            </To>
          </Links>
        </>
      )}
    </Detail>
  )
}

function UserFacts({ user }: { readonly user: UserItemFieldsFragment }) {
  const { identity, role, status, isOnline, lastSeenAt, isNotifiable } = user
  const yesNo = (is: boolean | null | undefined) => (is ? texts.yes : texts.no)
  return (
    <Facts>
      <Fact name={texts.columns.identity}>{identity}</Fact>
      <Fact name={texts.columns.role}>
        <To path="/roles" params={{ type: 'DEPLOYMENT', role: role.id }}>
          {role.friendlyName}
        </To>{' '}
        ·{' '}
        <To path="/roles" params={{ type: 'DEPLOYMENT', identity }}>
          {texts.may}
        </To>
      </Fact>
      <Fact
        name={texts.state}
        says={
          <>
            <To path="/connections" params={{ identity }}>
              {texts.connections}
            </To>
            {' · '}
            <To path="/pending" params={{ user: identity }}>
              {texts.pending}
            </To>
          </>
        }
      >
        <Presence isOnline={isOnline} />
      </Fact>
      <Fact name={texts.columns.seen}>
        <When at={lastSeenAt} />
      </Fact>
      {isNotifiable !== null && (
        <Fact name={texts.notifiable}>{isNotifiable ? texts.reachable : texts.notReachable}</Fact>
      )}
      {status && (
        <Fact name={texts.status}>
          <bdi>{[status.emoji, status.text].filter(Boolean).join(' ')}</bdi>
          {status.until !== null && (
            <>
              {' '}
              {texts.statusUntil} <When at={status.until} />
            </>
          )}
        </Fact>
      )}
      <Fact name={texts.invisible}>{yesNo(user.isInvisible)}</Fact>
      <Fact name={texts.receipts}>{yesNo(user.readReceiptsEnabled)}</Fact>
      {user.locale !== null && <Fact name={texts.locale}>{user.locale}</Fact>}
      {user.timeZone !== null && <Fact name={texts.timeZone}>{user.timeZone}</Fact>}
      {user.avatarUrl !== null && <Fact name={texts.avatar}>{user.avatarUrl}</Fact>}
      <Fact name={texts.data}>
        <JsonView value={user.attributes} />
      </Fact>
      <Fact name={texts.made}>
        <When at={user.createdAt} />
      </Fact>
      <Fact name={texts.changed}>
        <When at={user.updatedAt} />
      </Fact>
    </Facts>
  )
}

function UserChannels({ id }: { readonly id: string }) {
  return (
    <SubList
      title={texts.channelsTitle}
      name="channels"
      owner={id}
      document={UserItemChannelsDocument}
      variables={{ id }}
      pick={({ user }) => user?.channels}
      rowId={({ id: key }) => key}
      row={({ channel, member, status, unreadCount }) => (
        <>
          <To path="/channels" params={{ open: channel.id }}>
            <bdi>{channelName(channel)}</bdi>
          </To>
          {status === 'INVITED' && <span className="aside">{texts.invited}</span>}
          {member && (
            <To className="aside" path="/members" params={{ channel: channel.id, open: member.id }}>
              {member.role.friendlyName}
            </To>
          )}
          {unreadCount !== null && unreadCount > 0 && <span className="aside">{texts.unread(unreadCount)}</span>}
        </>
      )}
      empty={texts.noChannels}
    />
  )
}

/** In which channels its devices have not received everything. */
function UserBacklog({ user: { id, serviceId } }: { readonly user: UserItemFieldsFragment }) {
  return (
    <SubList
      title={texts.pendingTitle}
      name="backlog"
      owner={id}
      document={UserBacklogDocument}
      variables={{ userId: id, serviceId }}
      pick={({ deliveryBacklogs }) => onlyForward(deliveryBacklogs)}
      rowId={({ channel, deviceId }) => `${channel.id} ${deviceId ?? ''}`}
      row={({ channel, deviceId, pendingCount, hasMore, oldestAt }) => (
        <>
          <To path="/channels" params={{ open: channel.id }}>
            <bdi>{channelName(channel)}</bdi>
          </To>
          <span className="aside">{peopleTexts.device(deviceId)}</span>
          <span className="aside">{peopleTexts.waiting(pendingCount, hasMore)}</span>
          {oldestAt !== null && (
            <span className="aside">
              <When at={oldestAt} />
            </span>
          )}
        </>
      )}
      empty={texts.noPending}
      link={
        <To path="/pending" params={{ user: id }}>
          {texts.toPending}
        </To>
      }
    />
  )
}

function UserActions({ user, onClose }: { readonly user: UserItemFieldsFragment; readonly onClose: () => void }) {
  const { id, identity, friendlyName } = user
  return (
    <>
      <DialogButton label={texts.edit} load={() => import('./edit-user.tsx')} props={{ user }} />
      <ChangeButton
        label={texts.delete}
        document={DeleteUserItemDocument}
        variables={{ input: { userId: id } }}
        ask={{ title: texts.deleteTitle(friendlyName ?? identity), says: texts.deleteSays, phrase: identity }}
        done={texts.deleted}
        onDone={onClose}
      />
    </>
  )
}
