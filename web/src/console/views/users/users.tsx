import type { UserOrder, UserRowFieldsFragment } from '../../generated/types.ts'
import { UserRowsDocument } from '../../generated/users.ts'
import { bulkJob } from '../../kit/bulk-job.tsx'
import { DialogButton } from '../../kit/dialog-button.tsx'
import { ChoiceFilter, ClearFilters, Filters, TextFilter } from '../../kit/filters.tsx'
import { List, type Column } from '../../kit/list.tsx'
import { Page } from '../../kit/page.tsx'
import { useSidFilter } from '../../kit/sid-filter.ts'
import { useServiceId, useUrl } from '../../kit/url.ts'
import { When } from '../../kit/when.tsx'
import { bulkTexts } from '../../texts/en/bulk.ts'
import { usersTexts as texts } from '../../texts/en/users.ts'
import { Presence } from './presence.tsx'
import { UserDetail } from './user-detail.tsx'

const columns: readonly Column<UserRowFieldsFragment>[] = [
  { head: texts.columns.name, cell: ({ friendlyName, identity }) => friendlyName ?? identity },
  { head: texts.columns.identity, cell: ({ identity }) => identity, phone: 'none' },
  { head: texts.columns.role, cell: ({ role }) => role.friendlyName, width: '9rem' },
  {
    head: texts.columns.channels,
    cell: ({ joinedChannelsCount }) => joinedChannelsCount.toLocaleString('en'),
    width: '6rem',
    align: 'end',
    phone: 'none',
  },
  {
    head: texts.columns.seen,
    cell: ({ isOnline, lastSeenAt }) => (isOnline ? <Presence isOnline /> : <When at={lastSeenAt} />),
    width: '8rem',
    align: 'end',
    phone: 'end',
  },
]

const orders: Readonly<Record<string, UserOrder>> = {
  newest: { field: 'CREATED_AT', direction: 'DESC' },
  identity: { field: 'IDENTITY', direction: 'ASC' },
}

/** Names and identities are searched by words of at most so many characters; what is longer can be an identity alone. */
const maxSearched = 100

/** The users of the service. */
export default function Users() {
  const url = useUrl()
  const serviceId = useServiceId()
  useSidFilter('q', 'US')
  const text = url.get('q')
  const orderBy = text === undefined ? orders[url.get('order') ?? ''] : undefined
  const filter =
    text === undefined ? undefined : text.length > maxSearched ? { identityPrefix: text } : { search: text }
  return (
    <Page
      title={texts.title}
      says={texts.says}
      actions={
        <DialogButton kind="main" label={texts.create} load={() => import('./create-user.tsx')} props={{ serviceId }} />
      }
    >
      <Filters>
        <TextFilter name="q" label={texts.find} placeholder={texts.findPlaceholder} />
        {text === undefined && (
          <ChoiceFilter name="order" label={texts.order} all={texts.oldest} choices={texts.orders} />
        )}
        <ClearFilters names={['q', 'order']} />
      </Filters>
      <List
        label={texts.title}
        document={UserRowsDocument}
        variables={{
          ...(serviceId !== undefined && { serviceId }),
          ...(filter && { filter }),
          ...(orderBy && { orderBy }),
        }}
        pick={({ users }) => users}
        rowId={({ id }) => id}
        columns={columns}
        empty={texts.empty}
        filters={['q']}
        bulk={bulkJob<UserRowFieldsFragment>(
          bulkTexts.users,
          ({ friendlyName, identity }) => friendlyName ?? identity,
          ({ ids, isAll }) => ({ deleteUsers: isAll && filter ? { filter } : { userIds: ids } }),
          { hasAll: filter !== undefined },
        )}
        detail={(id, close) => <UserDetail key={id} id={id} onClose={close} />}
      />
    </Page>
  )
}
