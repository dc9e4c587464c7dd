import { expect, test } from 'vitest'
import { choices, fromField, refusalOf, toField } from '../src/chat/later/times.ts'

/** Local times, as the page shows them. */
const timesFrom = (now: Date): readonly string[] => choices(now).map(({ label, at }) => `${label} ${toField(at)}`)

test('the times that are offered are the next mornings, by the calendar; on a Sunday Monday is tomorrow', () => {
  // A Friday, a Sunday and a Monday.
  expect(timesFrom(new Date(2027, 0, 8, 23, 50))).toEqual([
    'In 20 minutes 2027-01-09T00:10',
    'Tomorrow 2027-01-09T09:00',
    'Monday 2027-01-11T09:00',
  ])
  expect(timesFrom(new Date(2027, 0, 10, 8))).toEqual(['In 20 minutes 2027-01-10T08:20', 'Tomorrow 2027-01-11T09:00'])
  expect(timesFrom(new Date(2027, 0, 11, 8)).at(-1)).toBe('Monday 2027-01-18T09:00')
  // In some zones clocks are set on one of these days.
  for (let day = 0; day < 366; day++) {
    const [, ...mornings] = choices(new Date(2027, 0, day, 12))
    for (const { at } of mornings) expect(at.getHours()).toBe(9)
  }
})

test('a time of one’s own is read as it is written, in the future, and at most a year ahead', () => {
  const now = new Date(2027, 0, 8, 9)
  const why = (text: string) => refusalOf(fromField(text), now)
  expect(toField(fromField('2027-01-08T09:01')!)).toBe('2027-01-08T09:01')
  expect(why('2027-01-08T09:01')).toBeNull()
  expect(why('2028-01-08T09:00')).toBeNull()
  expect(why('2028-01-08T09:01')).toBe('At most a year ahead.')
  expect(why('2027-01-08T09:00')).toBe('This time has passed.')
  for (const text of ['', 'soon', '2027-02-31T09:00:00:00']) expect(why(text)).toBe('Choose a date and a time.')
})
