import { RulesDocument } from '../../generated/rules.ts'
import type { RuleFieldsFragment, RulesQuery } from '../../generated/types.ts'
import { wholeList } from '../../kit/connection.ts'
import { List, type Column } from '../../kit/list.tsx'
import { Page } from '../../kit/page.tsx'
import { To } from '../../kit/to.tsx'
import { useServiceId, useUrl } from '../../kit/url.ts'
import { rulesTexts as texts } from '../../texts/en/rules.ts'

const columns: readonly Column<RuleFieldsFragment>[] = [
  { head: texts.columns.name, cell: ({ name }) => name },
  {
    head: texts.columns.action,
    cell: ({ action }) => texts.actions[action],
    width: '8rem',
    phone: 'end',
  },
  { head: texts.columns.words, cell: ({ words }) => <Words words={words} /> },
  {
    head: texts.columns.pattern,
    cell: ({ pattern }) => (pattern == null ? <span className="none">{texts.none}</span> : <code>{pattern}</code>),
    phone: 'none',
  },
]

/** The keyword rules of a service, in the order in which they apply. */
export default function Rules() {
  const url = useUrl()
  const serviceId = useServiceId()
  return (
    <Page
      title={texts.title}
      says={texts.says}
      actions={
        <>
          <To path="/flagged" className="button plain">
            {texts.showFlagged}
          </To>
          <To path="/rules/edit" className="button main">
            {texts.create}
          </To>
        </>
      }
    >
      <List
        label={texts.title}
        document={RulesDocument}
        variables={{ serviceId }}
        pick={pick}
        rowId={({ id }) => id}
        columns={columns}
        empty={texts.empty}
        hrefOf={({ id }) => url.to('/rules/edit', { rule: id })}
        size={null}
      />
    </Page>
  )
}

const pick = ({ service }: RulesQuery) => wholeList(service && (service.keywordRules ?? []))

function Words({ words }: { readonly words: readonly string[] }) {
  if (words.length === 0) return <span className="none">{texts.none}</span>
  return <span title={texts.words(words.length)}>{words.slice(0, 20).join(', ')}</span>
}
