import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { CreateRuleDocument, DeleteRuleDocument, RulesDocument, UpdateRuleDocument } from '../../generated/rules.ts'
import type { RuleFieldsFragment } from '../../generated/types.ts'
import { ChangeButton } from '../../kit/change-button.tsx'
import { changedFields } from '../../kit/changed.ts'
import { Page } from '../../kit/page.tsx'
import { To } from '../../kit/to.tsx'
import { useServiceId, useUrl } from '../../kit/url.ts'
import { useChange } from '../../kit/use-change.ts'
import { useData } from '../../kit/use-data.ts'
import { Loaded, Nothing, Problem } from '../../kit/waiting.tsx'
import { rulesTexts as texts } from '../../texts/en/rules.ts'
import { RuleFields } from './rule-fields.tsx'
import { formOf, inputOf, matchesNothing, newRule, type RuleForm } from './rule-form.ts'
import { TryRule } from './try-rule.tsx'
import { useRuleProblems } from './use-rule-problems.ts'
import './edit-rule.css'

/** A new rule, or one that is changed, and beside it what it would have matched. */
export default function EditRule() {
  const id = useUrl().get('rule')
  const serviceId = useServiceId()
  const data = useData(RulesDocument, { serviceId }, { enabled: id !== undefined })
  const title = id === undefined ? texts.newTitle : texts.editTitle
  return (
    <Page
      title={title}
      actions={
        <To path="/rules" className="button plain">
          {texts.back}
        </To>
      }
    >
      {id === undefined ? (
        <Editor key="new" first={newRule} />
      ) : (
        <Loaded from={data} height="30rem">
          {({ service }) => {
            const rule = service?.keywordRules?.find((one) => one.id === id)
            return <OpenRule key={id} id={id} rule={rule} />
          }}
        </Loaded>
      )}
    </Page>
  )
}

/** What was written stays also where somebody else has deleted the rule meanwhile, and can become a new one. */
function OpenRule({ id, rule }: { readonly id: string; readonly rule: RuleFieldsFragment | undefined }) {
  const [first, setFirst] = useState(rule && formOf(rule))
  if (!first && rule) setFirst(formOf(rule))
  return first ? <Editor id={id} first={first} isDeleted={!rule} /> : <Nothing>{texts.gone}</Nothing>
}

function Editor({
  id,
  first,
  isDeleted = false,
}: {
  readonly id?: string
  readonly first: RuleForm
  readonly isDeleted?: boolean
}) {
  const url = useUrl()
  const serviceId = useServiceId()
  const [form, setForm] = useState(first)
  const [isAsked, setIsAsked] = useState(false)
  const wrong = useRuleProblems(form)
  const toList = (): void => url.go(url.to('/rules'))
  const options = { done: texts.saved, onDone: toList }
  const create = useChange(CreateRuleDocument, options)
  const update = useChange(UpdateRuleDocument, options)
  // Nobody has to read the list anew to learn it: saving says so, too.
  const isGone = isDeleted || update.error?.code === 'NOT_FOUND'
  const isNew = id === undefined || isGone
  const change = isNew ? create : update
  const name = form.name.trim()
  const save = (): void => {
    setIsAsked(true)
    if (name === '' || matchesNothing(form)) return
    const input = inputOf(form)
    const changed = changedFields(inputOf(first), input)
    if (!isNew && Object.keys(changed).length === 0) return toList()
    const saving = isNew
      ? create.run({ input: { serviceId, ...input } })
      : update.run({ input: { serviceId, keywordRuleId: id, ...changed } })
    // What failed is shown where it belongs.
    saving.catch(() => {})
  }
  const problemOf = (field: 'name' | 'words' | 'pattern'): string | undefined => {
    if (field === 'name') return isAsked && name === '' ? texts.nameMissing : change.problemOf(field)
    return wrong[field] ?? change.problemOf(field)
  }
  const isShown = ['name', 'words', 'pattern'].some((field) => change.problemOf(field) !== undefined)
  return (
    <div className="rule-editor">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <RuleFields form={form} problemOf={problemOf} onChange={setForm} />
        {isAsked && matchesNothing(form) && (
          <p className="problem" role="alert">
            {texts.tryNothing}
          </p>
        )}
        {isGone && <p role="status">{texts.goneSays}</p>}
        {!isShown && <Problem error={change.error} />}
        <div className="rule-actions">
          <Button kind="main" type="submit" disabled={change.isRunning}>
            {isGone ? texts.createAnew : texts.save}
          </Button>
          {!isNew && (
            <ChangeButton
              label={texts.delete}
              document={DeleteRuleDocument}
              variables={{ input: { serviceId, keywordRuleId: id } }}
              ask={{ title: texts.deleteTitle(first.name), says: texts.deleteSays }}
              done={texts.deleted}
              onDone={toList}
            />
          )}
        </div>
      </form>
      <TryRule form={form} />
    </div>
  )
}
