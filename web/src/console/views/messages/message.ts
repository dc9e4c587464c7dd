import type { MessageItemQuery } from '../../generated/types.ts'

/** A message that is open. */
export type Message = NonNullable<MessageItemQuery['message']>
