import { ChatError } from '../errors.ts'
import { MessageDocument } from '../graphql/generated/documents.ts'
import { placeOf } from '../store/messages.ts'
import type { Message } from '../store/state.ts'
import { messageChange } from '../store/thread.ts'
import type { HandleContext } from './context.ts'

/** Milliseconds between two readings: the server stores within two seconds what is appended. */
const pause = 1000

/**
 * Reads a text that is being written again, until what is stored reaches to what the stream has brought of it, or it has ended. `messages` are those among
 * which it stands.
 */
export async function mendText(
  { env, log, host }: HandleContext,
  { id, index }: Message,
  messages: () => readonly Message[],
): Promise<void> {
  const isTorn = (): boolean => {
    const all = messages()
    const message = all[placeOf(all, index)]
    return message?.id === id && message.ahead !== undefined
  }
  for (;;) {
    await new Promise<void>((resolve) => env.clock.after(pause, resolve))
    if (!isTorn()) return
    try {
      const { message } = await host.request(MessageDocument, { id })
      if (!message) return
      host.apply([messageChange(message)])
    } catch (error) {
      if (error instanceof ChatError && error.code === 'CLOSED') return
      log.write('debug', 'a text was not read again', error)
    }
  }
}
