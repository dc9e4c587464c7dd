import { LimitsInForceDocument, RefusalsDocument } from '../../generated/live.ts'
import type { LimitsInForceQuery, RefusalsQuery } from '../../generated/types.ts'
import { wholeList } from '../../kit/connection.ts'
import { Fact, Facts } from '../../kit/facts.tsx'
import { ChoiceFilter, ClearFilters, Filters } from '../../kit/filters.tsx'
import { List, type Column } from '../../kit/list.tsx'
import { Page, Section } from '../../kit/page.tsx'
import { To } from '../../kit/to.tsx'
import { useUrl } from '../../kit/url.ts'
import { useData } from '../../kit/use-data.ts'
import { Loaded } from '../../kit/waiting.tsx'
import { When } from '../../kit/when.tsx'
import { liveTexts } from '../../texts/en/live.ts'
import { Refused, type Refusal } from './refused.tsx'
import { ServiceFilter, useChosenService, useFilteredService } from './service-filter.tsx'
import { Silent } from './silent.tsx'
import './live.css'

const texts = liveTexts.limits

const filters = ['kind', 'of']

type Kind = Refusal['kind']

const columns: readonly Column<Refusal>[] = [
  { head: texts.columns.who, cell: (refusal) => <Refused by={refusal} /> },
  { head: texts.columns.kind, cell: ({ kind }) => texts.kinds[kind] },
  { head: texts.columns.met, cell: ({ limit, seconds }) => texts.met(limit ?? null, seconds ?? null), width: '10rem' },
  {
    head: texts.columns.count,
    cell: ({ count }) => count.toLocaleString('en'),
    width: '7rem',
    align: 'end',
    phone: 'none',
  },
  {
    head: texts.columns.last,
    cell: ({ lastRefusedAt }) => <When at={lastRefusedAt} />,
    width: '8rem',
    align: 'end',
    phone: 'end',
  },
]

const rowId = ({ kind, userId, apiKeyId }: Refusal): string => [kind, userId ?? apiKeyId ?? ''].join(':')

const pick = ({ rateRefusals }: RefusalsQuery) => wholeList(rateRefusals?.nodes)

/** How often the list is read again, in milliseconds: refusals come by themselves, and all processes are asked. */
const refetchMs = 15_000

/** Who is refused, and what the limits are. */
export default function Limits() {
  const url = useUrl()
  const serviceId = useFilteredService()
  const kind = url.get('kind')
  return (
    <Page title={texts.title} says={texts.says}>
      <Filters>
        <ChoiceFilter name="kind" label={texts.kind} choices={texts.kinds} />
        <ServiceFilter />
        <ClearFilters names={filters} />
      </Filters>
      {serviceId !== undefined && (
        <List
          label={texts.title}
          document={RefusalsDocument}
          variables={{ serviceId, kind: kind !== undefined && kind in texts.kinds ? (kind as Kind) : null }}
          pick={pick}
          rowId={rowId}
          columns={columns}
          empty={texts.empty}
          filters={filters}
          size={100}
          refetchMs={refetchMs}
          above={({ rateRefusals }) => rateRefusals && <Silent processes={rateRefusals.silentProcesses} />}
        />
      )}
      <InForce />
    </Page>
  )
}

/** The limits of the service that is chosen. */
function InForce() {
  const serviceId = useChosenService()
  const data = useData(LimitsInForceDocument, { serviceId: serviceId ?? '' }, { enabled: serviceId !== undefined })
  const service = data.data?.service
  return (
    <Section
      title={texts.forceTitle}
      says={service && texts.forceSays(service.friendlyName ?? service.id)}
      actions={
        serviceId !== undefined && (
          <To path={`/services/${serviceId}`} className="live-link">
            {texts.settings}
          </To>
        )
      }
    >
      <Loaded from={data} height="13rem">
        {({ service: of }) => of && <LimitFacts limits={of.limits} />}
      </Loaded>
    </Section>
  )
}

function LimitFacts({ limits }: { readonly limits: NonNullable<LimitsInForceQuery['service']>['limits'] }) {
  const { userSends, userOperations, userTyping, userSockets, userSubscriptions } = limits
  const rate = (of: { readonly limit: number; readonly seconds: number }): string => texts.met(of.limit, of.seconds)
  return (
    <div className="limit-facts">
      <Facts>
        <Fact name={texts.sends}>{rate(userSends)}</Fact>
        <Fact name={texts.operations}>{rate(userOperations)}</Fact>
        <Fact name={texts.typing}>{rate(userTyping)}</Fact>
        <Fact name={texts.sockets}>{texts.met(userSockets, null)}</Fact>
        <Fact name={texts.subscriptions}>{texts.met(userSubscriptions, null)}</Fact>
      </Facts>
      <p>
        {texts.keys} <To path="/keys">{texts.toKeys}</To>
      </p>
    </div>
  )
}
