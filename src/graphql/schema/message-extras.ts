import type { Message, MessageExtras } from '../../model/message.ts'
import type { Context } from './context.ts'

export type Extras = MessageExtras | null | undefined

/** What others have added to a message, read together for all messages of a page. A message that came with it needs no reading. */
export function extrasOf(message: Message, { loaders }: Context): Extras | Promise<Extras> {
  return message.extras === undefined ? loaders.extras().load(message) : message.extras
}

/** A part of what others have added to a message. */
export function pick<Value>(
  message: Message,
  context: Context,
  read: (extras: Extras) => Value,
): Value | Promise<Value> {
  const extras = extrasOf(message, context)
  return extras instanceof Promise ? extras.then(read) : read(extras)
}
