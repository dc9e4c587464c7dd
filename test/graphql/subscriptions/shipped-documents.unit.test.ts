import { globSync, readFileSync } from 'node:fs'
import { TypeInfo, parse, visit, visitWithTypeInfo, type DocumentNode } from 'graphql'
import { expect, test } from 'vitest'
import { schema } from '../../../src/graphql/schema.ts'

const root = new URL('../../../schema/operations/', import.meta.url).pathname
const text = globSync('**/*.graphql', { cwd: root }).map((file) => readFileSync(root + file, 'utf8'))
const { definitions } = parse(text.join('\n'))
const subscriptions = schema.getSubscriptionType()!.getFields()

/** What a definition and the fragments that it spreads select, by the names of their fields. */
function perViewerFieldsOf(definition: DocumentNode['definitions'][number]): string[] {
  const found: string[] = []
  const types = new TypeInfo(schema)
  visit(
    definition,
    visitWithTypeInfo(types, {
      Field: () => {
        const field = types.getFieldDef()
        if (field?.extensions['perViewer']) found.push(`${types.getParentType()!.name}.${field.name}`)
      },
      FragmentSpread: ({ name }) => {
        const fragment = definitions.find((one) => one.kind === 'FragmentDefinition' && one.name.value === name.value)
        found.push(...perViewerFieldsOf(fragment!))
      },
    }),
  )
  return found
}

test('no shipped subscription to channels selects what each viewer sees differently: each would be in a group of its own', () => {
  const streams = definitions.filter(
    (one) =>
      one.kind === 'OperationDefinition' &&
      one.operation === 'subscription' &&
      one.selectionSet.selections.some(
        (field) => field.kind === 'Field' && subscriptions[field.name.value]!.extensions['stream'],
      ),
  )
  expect(streams.length).toBeGreaterThanOrEqual(5)
  expect(streams.flatMap(perViewerFieldsOf)).toEqual([])
  const members = definitions.find((one) => one.kind === 'FragmentDefinition' && one.name.value === 'MemberFields')
  expect(perViewerFieldsOf(members!)).toContain('Member.unreadCount')
})
