import { useParams } from 'wouter'
import { ServicesDocument } from '../../generated/services.ts'
import type { ServicesQuery } from '../../generated/types.ts'
import { DialogButton } from '../../kit/dialog-button.tsx'
import { later } from '../../kit/later.tsx'
import { List, type Column } from '../../kit/list.tsx'
import { Page } from '../../kit/page.tsx'
import { Sid } from '../../kit/sid.tsx'
import { useUrl } from '../../kit/url.ts'
import { When } from '../../kit/when.tsx'
import { servicesTexts as texts } from '../../texts/en/services.ts'

const ServicePage = later(() => import('./service-page.tsx'))

type Row = NonNullable<ServicesQuery['services']>['nodes'][number]

const columns: readonly Column<Row>[] = [
  { head: texts.columns.name, cell: ({ friendlyName }) => friendlyName },
  { head: texts.columns.sid, cell: ({ id }) => <Sid id={id} />, width: '12rem' },
  {
    head: texts.columns.default,
    cell: ({ isDefault }) => (isDefault ? texts.yes : texts.no),
    width: '9rem',
    phone: 'none',
  },
  { head: texts.columns.created, cell: ({ createdAt }) => <When at={createdAt} />, width: '8rem', phone: 'none' },
  {
    head: texts.columns.updated,
    cell: ({ updatedAt }) => <When at={updatedAt} />,
    width: '10rem',
    align: 'end',
    phone: 'end',
  },
]

/** The services of the account, and below `/services/` the settings of one. */
export default function Services() {
  const { '*': id } = useParams<{ '*'?: string }>()
  return id ? <ServicePage key={id} id={id} /> : <AllServices />
}

function AllServices() {
  const url = useUrl()
  return (
    <Page
      title={texts.title}
      says={texts.says}
      actions={<DialogButton kind="main" label={texts.create} load={() => import('./create-service.tsx')} props={{}} />}
    >
      <List
        label={texts.title}
        document={ServicesDocument}
        variables={{}}
        pick={({ services }) => services}
        rowId={({ id }) => id}
        columns={columns}
        empty={texts.empty}
        hrefOf={({ id }) => url.to(`/services/${id}`)}
      />
    </Page>
  )
}
