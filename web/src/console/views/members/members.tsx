import { MemberRowsDocument } from '../../generated/members.ts'
import type { MemberRowFieldsFragment } from '../../generated/types.ts'
import { bulkJob } from '../../kit/bulk-job.tsx'
import { channelParam, OfChannel, type ChannelHead } from '../../kit/channel-param.tsx'
import { DialogButton } from '../../kit/dialog-button.tsx'
import { ClearFilters, Filters, TextFilter } from '../../kit/filters.tsx'
import { List, type Column } from '../../kit/list.tsx'
import { channelName } from '../../kit/names.ts'
import { Page } from '../../kit/page.tsx'
import { To } from '../../kit/to.tsx'
import { useUrl } from '../../kit/url.ts'
import { When } from '../../kit/when.tsx'
import { bulkTexts } from '../../texts/en/bulk.ts'
import { membersTexts as texts } from '../../texts/en/members.ts'
import { peopleTexts } from '../../texts/en/people.ts'
import { MemberDetail } from './member-detail.tsx'
import { ReadUpTo } from './read-up-to.tsx'

const columns: readonly Column<MemberRowFieldsFragment>[] = [
  { head: texts.columns.name, cell: ({ identity, user }) => <bdi>{user.friendlyName ?? identity}</bdi> },
  { head: texts.columns.role, cell: ({ role }) => role.friendlyName, width: '9rem' },
  {
    head: texts.columns.read,
    cell: (member) => <ReadUpTo member={member} />,
    width: '8rem',
    align: 'end',
    phone: 'none',
  },
  {
    head: texts.columns.unread,
    cell: ({ unreadCount }) => unreadCount?.toLocaleString('en') ?? texts.notKept,
    width: '6rem',
    align: 'end',
    phone: 'end',
  },
  {
    head: texts.columns.joined,
    cell: ({ createdAt }) => <When at={createdAt} />,
    width: '8rem',
    align: 'end',
    phone: 'none',
  },
]

const bulkOf = ({ id: channelId, serviceId }: ChannelHead, hasAll: boolean) =>
  bulkJob<MemberRowFieldsFragment>(
    bulkTexts.members,
    ({ identity }) => identity,
    ({ ids, isAll }) => ({ removeMembers: isAll ? { channelId, filter: {} } : { channelId, memberIds: ids } }),
    { hasAll, serviceId },
  )

/** The members of the channel that the address names. */
export default function Members() {
  const url = useUrl()
  const identity = url.get('identity')
  return (
    <Page title={texts.title} says={texts.says}>
      <Filters>
        <TextFilter name={channelParam} label={peopleTexts.channel} placeholder={peopleTexts.channelPlaceholder} />
        <TextFilter name="identity" label={texts.identity} placeholder={texts.identityPlaceholder} />
        <ClearFilters names={[channelParam, 'identity']} />
      </Filters>
      <OfChannel>
        {(channel) => (
          <>
            <div className="of-channel">
              <h2>
                <bdi>{channelName(channel)}</bdi>
              </h2>
              <To path="/channels" params={{ open: channel.id }}>
                {texts.toChannel}
              </To>
              <To path="/messages" params={{ channel: channel.id }}>
                {texts.toMessages}
              </To>
              <To path="/pending" params={{ channel: channel.id }}>
                {texts.toPending}
              </To>
              {channel.isDirect ? (
                <p>{texts.directSays}</p>
              ) : (
                <DialogButton
                  kind="main"
                  label={texts.add}
                  load={() => import('./add-member.tsx')}
                  props={{ channel }}
                />
              )}
            </div>
            <List
              label={texts.titleOf(channelName(channel))}
              document={MemberRowsDocument}
              variables={{ channelId: channel.id, ...(identity !== undefined && { identities: [identity] }) }}
              pick={({ channel: read }) => read?.members}
              rowId={({ id }) => id}
              columns={columns}
              empty={texts.empty}
              filters={['identity']}
              bulk={channel.isDirect ? undefined : bulkOf(channel, identity === undefined)}
              detail={(id, close) => <MemberDetail key={id} id={id} onClose={close} />}
            />
          </>
        )}
      </OfChannel>
    </Page>
  )
}
