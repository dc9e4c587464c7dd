import { expect, test } from 'vitest'
import { changedFields } from '../../src/console/kit/changed.ts'
import { inputOf, newRule } from '../../src/console/views/rules/rule-form.ts'

test('a form sends only what was changed in it', () => {
  const before = { friendlyName: 'billing', rate: { limit: 600, seconds: 60 } }
  expect(changedFields(before, { ...before, rate: { limit: 600, seconds: 60 } })).toEqual({})
  expect(changedFields(before, { friendlyName: 'reports', rate: { ...before.rate, limit: 5 } })).toEqual({
    friendlyName: 'reports',
    rate: { limit: 5, seconds: 60 },
  })
  // What is taken away was changed, too.
  const rule = { ...newRule, name: 'Freight', words: ' pallets \n\ncrates', pattern: 'a+' }
  expect(changedFields(inputOf(rule), inputOf({ ...rule, words: 'pallets\ncrates', pattern: '' }))).toEqual({
    pattern: null,
  })
})
