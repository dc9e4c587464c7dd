import { builder } from './builder.ts'

export const OrderDirection = builder.enumType('OrderDirection', {
  description: 'The direction of a list.',
  values: {
    ASC: { value: 'asc', description: 'Ascending: from the smallest or oldest on.' },
    DESC: { value: 'desc', description: 'Descending: from the greatest or newest on.' },
  } as const,
})

export const orderDescription =
  'The order of the list. A cursor belongs to one order and filter, and is refused (BAD_USER_INPUT) with any other.'

export const directionDescription = 'The direction of the list; ASC, the oldest first, by default.'
