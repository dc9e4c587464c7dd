import { expect, test } from 'vitest'
import { refetchAfter } from '../../src/console/kit/refetch.ts'
import { RequestError } from '../../src/console/kit/request.ts'
import { wayOutOf } from '../../src/console/kit/way-out.ts'

const errorOf = (code: string, field?: string) =>
  new RequestError(code, 'It failed.', field === undefined ? {} : { field })

test('what changes no more is not read again, and neither is what can only be refused again', () => {
  const refetch = { refetchMs: 1000, isFinal: (state: string) => state === 'DONE' }
  expect(refetchAfter({ data: undefined, error: null }, refetch)).toBe(1000)
  expect(refetchAfter({ data: 'RUNNING', error: null }, refetch)).toBe(1000)
  expect(refetchAfter({ data: 'DONE', error: null }, refetch)).toBe(false)
  expect(refetchAfter({ data: 'DONE', error: null }, {})).toBe(false)
  expect(refetchAfter({ data: 'DONE', error: errorOf('AWAY') }, refetch)).toBe(1000)
  for (const code of ['AWAY', 'UNAVAILABLE', 'NOT_FOUND'])
    expect(refetchAfter({ data: 'RUNNING', error: errorOf(code) }, refetch)).toBe(1000)
  for (const code of ['BAD_USER_INPUT', 'UNAUTHENTICATED'])
    expect(refetchAfter({ data: 'RUNNING', error: errorOf(code) }, refetch)).toBe(false)
})

test('where the address of a list is at fault, the way out is what the address can be without', () => {
  const [wrong, missing, cursor] = [errorOf('BAD_USER_INPUT'), errorOf('NOT_FOUND'), errorOf('BAD_USER_INPUT', 'after')]
  expect(wayOutOf(cursor, { isPlaced: true })).toBe('firstPage')
  expect(wayOutOf(cursor, { isPlaced: true, isFiltered: true })).toBe('firstPage')
  // Of a cursor it is not known to be.
  expect(wayOutOf(wrong, { isPlaced: true })).toBe('firstPage')
  expect(wayOutOf(wrong, { isPlaced: true, isFiltered: true })).toBe('clearFilters')
  expect(wayOutOf(missing, { isFiltered: true, hasService: true })).toBe('clearFilters')
  expect(wayOutOf(missing, { isPlaced: true, hasService: true })).toBe('defaultService')
  expect(wayOutOf(missing, { isPlaced: true })).toBe('tryAgain')
  expect(wayOutOf(errorOf('UNAVAILABLE'), { isPlaced: true, isFiltered: true, hasService: true })).toBe('tryAgain')
  expect(wayOutOf(wrong, {})).toBe('tryAgain')
})
