import { builder } from './builder.ts'

export const OrderDirection = builder.enumType('OrderDirection', {
  description: 'The direction of a list.',
  values: {
    ASC: { value: 'asc', description: 'From the smallest, or the oldest, on.' },
    DESC: { value: 'desc', description: 'From the greatest, or the newest, on.' },
  } as const,
})

export const orderDescription =
  'The order of the list. A cursor is of one order and filter, and is refused (BAD_USER_INPUT) with any other.'
