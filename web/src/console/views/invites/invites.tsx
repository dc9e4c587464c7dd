import { InviteRowsDocument } from '../../generated/invites.ts'
import type { InviteRowFieldsFragment } from '../../generated/types.ts'
import { channelParam } from '../../kit/channel-param.tsx'
import { DialogButton } from '../../kit/dialog-button.tsx'
import { ClearFilters, Filters, TextFilter } from '../../kit/filters.tsx'
import { List, type Column } from '../../kit/list.tsx'
import { channelName } from '../../kit/names.ts'
import { Page } from '../../kit/page.tsx'
import { useServiceId, useUrl } from '../../kit/url.ts'
import { When } from '../../kit/when.tsx'
import { invitesTexts as texts } from '../../texts/en/invites.ts'
import { peopleTexts } from '../../texts/en/people.ts'
import { InviteDetail } from './invite-detail.tsx'

const columns: readonly Column<InviteRowFieldsFragment>[] = [
  { head: texts.columns.user, cell: ({ user, identity }) => <bdi>{user.friendlyName ?? identity}</bdi> },
  { head: texts.columns.channel, cell: ({ channel }) => <bdi>{channelName(channel)}</bdi> },
  { head: texts.columns.role, cell: ({ role }) => role.friendlyName, width: '10rem', phone: 'none' },
  { head: texts.columns.by, cell: ({ createdBy }) => <bdi>{createdBy}</bdi>, width: '9rem', phone: 'none' },
  {
    head: texts.columns.made,
    cell: ({ createdAt }) => <When at={createdAt} />,
    width: '8rem',
    align: 'end',
    phone: 'end',
  },
]

/** The pending invites of the service. */
export default function Invites() {
  const url = useUrl()
  const serviceId = useServiceId()
  const [channelId, identity] = [url.get(channelParam), url.get('identity')]
  const filter = { ...(channelId !== undefined && { channelId }), ...(identity !== undefined && { identity }) }
  return (
    <Page
      title={texts.title}
      says={texts.says}
      actions={
        <DialogButton
          kind="main"
          label={texts.create}
          load={() => import('./create-invite.tsx')}
          props={{ serviceId, channelId: channelId ?? '', identity: identity ?? '' }}
        />
      }
    >
      <Filters>
        <TextFilter name={channelParam} label={texts.channel} placeholder={peopleTexts.channelPlaceholder} />
        <TextFilter name="identity" label={texts.identity} placeholder={texts.identityPlaceholder} />
        <ClearFilters names={[channelParam, 'identity']} />
      </Filters>
      <List
        label={texts.title}
        document={InviteRowsDocument}
        variables={{ ...(serviceId !== undefined && { serviceId }), filter }}
        pick={({ invites }) => invites}
        rowId={({ id }) => id}
        columns={columns}
        empty={texts.empty}
        filters={[channelParam, 'identity']}
        detail={(id, close) => <InviteDetail key={id} id={id} onClose={close} />}
      />
    </Page>
  )
}
