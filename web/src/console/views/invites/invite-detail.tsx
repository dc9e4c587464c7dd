import { DeleteInviteItemDocument, InviteItemDocument } from '../../generated/invites.ts'
import type { InviteRowFieldsFragment } from '../../generated/types.ts'
import { ChangeButton } from '../../kit/change-button.tsx'
import { Detail } from '../../kit/detail.tsx'
import { Fact, Facts } from '../../kit/facts.tsx'
import { channelName } from '../../kit/names.ts'
import { Sid } from '../../kit/sid.tsx'
import { To } from '../../kit/to.tsx'
import { useData } from '../../kit/use-data.ts'
import { Loaded, Nothing } from '../../kit/waiting.tsx'
import { When } from '../../kit/when.tsx'
import { invitesTexts as texts } from '../../texts/en/invites.ts'

/** One invite. */
export function InviteDetail({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const data = useData(InviteItemDocument, { id })
  const invite = data.data?.invite
  const name = invite ? (invite.user.friendlyName ?? invite.identity) : texts.title
  return (
    <Detail
      title={name}
      above={<Sid id={id} />}
      onClose={onClose}
      actions={
        invite && (
          <ChangeButton
            label={texts.delete}
            document={DeleteInviteItemDocument}
            variables={{ input: { inviteId: id } }}
            ask={{ title: texts.deleteTitle(name), says: texts.deleteSays }}
            done={texts.deleted}
            onDone={onClose}
          />
        )
      }
    >
      <Loaded from={data} height="12rem">
        {({ invite: read }) => (read ? <InviteFacts invite={read} /> : <Nothing>{texts.gone}</Nothing>)}
      </Loaded>
    </Detail>
  )
}

function InviteFacts({
  invite: { identity, user, channel, role, createdBy, createdAt },
}: {
  readonly invite: InviteRowFieldsFragment
}) {
  return (
    <Facts>
      <Fact name={texts.user}>
        <To path="/users" params={{ open: user.id }}>
          <bdi>{identity}</bdi>
        </To>
      </Fact>
      <Fact name={texts.columns.channel}>
        <To path="/channels" params={{ open: channel.id }}>
          <bdi>{channelName(channel)}</bdi>
        </To>
      </Fact>
      <Fact name={texts.columns.role}>
        <To path="/roles" params={{ role: role.id }}>
          <bdi>{role.friendlyName}</bdi>
        </To>
      </Fact>
      <Fact name={texts.columns.by}>
        <bdi>{createdBy}</bdi>
      </Fact>
      <Fact name={texts.columns.made}>
        <When at={createdAt} />
      </Fact>
    </Facts>
  )
}
