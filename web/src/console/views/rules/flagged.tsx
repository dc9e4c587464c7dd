import { FlaggedDocument, RulesDocument } from '../../generated/rules.ts'
import type { FlaggedQuery } from '../../generated/types.ts'
import { ChoiceFilter, ClearFilters, Filters } from '../../kit/filters.tsx'
import { List, type Column } from '../../kit/list.tsx'
import { channelName } from '../../kit/names.ts'
import { Page } from '../../kit/page.tsx'
import { firstLine } from '../../kit/plain-text.tsx'
import { To } from '../../kit/to.tsx'
import { useServiceId, useUrl } from '../../kit/url.ts'
import { useData } from '../../kit/use-data.ts'
import { When } from '../../kit/when.tsx'
import { flaggedTexts as texts, rulesTexts } from '../../texts/en/rules.ts'

type Flagged = NonNullable<FlaggedQuery['flaggedMessages']>['nodes'][number]

/** What keyword rules have flagged. A row opens its message. */
export default function FlaggedMessages() {
  const url = useUrl()
  const serviceId = useServiceId()
  const rules = useData(RulesDocument, { serviceId }).data?.service?.keywordRules ?? []
  const names: Readonly<Record<string, string>> = Object.fromEntries(rules.map(({ id, name }) => [id, name]))
  const columns: readonly Column<Flagged>[] = [
    {
      head: texts.columns.text,
      cell: ({ message }) => <span dir="auto">{firstLine(message.body) || texts.emptyText}</span>,
    },
    { head: texts.columns.author, cell: ({ message }) => message.authorIdentity, width: '10rem' },
    {
      head: texts.columns.channel,
      cell: ({ message }) => channelName(message.channel),
      width: '11rem',
      phone: 'none',
    },
    {
      head: texts.columns.rules,
      cell: ({ keywordRuleIds }) => keywordRuleIds.map((id) => names[id] ?? texts.formerRule).join(', '),
      width: '12rem',
    },
    {
      head: texts.columns.at,
      cell: ({ message }) => <When at={message.createdAt} />,
      width: '7rem',
      align: 'end',
      phone: 'end',
    },
  ]
  return (
    <Page
      title={texts.title}
      says={texts.says}
      actions={
        <To path="/rules" className="button plain">
          {rulesTexts.back}
        </To>
      }
    >
      <Filters>
        <ChoiceFilter name="rule" label={texts.filters.rule} choices={names} />
        <ClearFilters names={['rule']} />
      </Filters>
      <List
        label={texts.title}
        document={FlaggedDocument}
        variables={{ serviceId, keywordRuleId: url.get('rule') }}
        pick={pick}
        rowId={({ message }) => message.id}
        columns={columns}
        empty={texts.empty}
        filters={['rule']}
        hrefOf={({ message }) => url.toThing(message.id)}
      />
    </Page>
  )
}

const pick = ({ flaggedMessages }: FlaggedQuery) => flaggedMessages
