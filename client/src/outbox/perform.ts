import { ChatError } from '../errors.ts'
import type { Document } from '../graphql/document.ts'
import { DeleteMessageDocument, SendMessageDocument, UpdateMessageDocument } from '../graphql/generated/documents.ts'
import type { Change } from '../store/change.ts'
import type { Message, OutboxItem } from '../store/state.ts'

export type Request = <Result, Variables>(
  document: Document<Result, Variables>,
  variables: Variables,
) => Promise<Result>

export interface Performed {
  /** The message; undefined of a deletion. */
  readonly payload: Message | undefined
  readonly changes: readonly Change[]
}

/** Does what an item says. Doing it again, after an answer that was lost, is the same as doing it once (O2). */
export async function perform(request: Request, { channelId, action }: OutboxItem): Promise<Performed> {
  switch (action.kind) {
    case 'send': {
      const { clientMessageId, body, attributes } = action
      const input = { channelId, clientMessageId, body, ...(attributes === undefined ? {} : { attributes }) }
      const { sendMessage } = await request(SendMessageDocument, { input })
      return changed(channelId, sendMessage!.message)
    }
    case 'edit': {
      const { messageId, body, attributes } = action
      const input = {
        messageId,
        ...(body === undefined ? {} : { body }),
        ...(attributes === undefined ? {} : { attributes }),
      }
      const { updateMessage } = await request(UpdateMessageDocument, { input })
      return changed(channelId, updateMessage!.message)
    }
    case 'delete': {
      try {
        const { deleteMessage } = await request(DeleteMessageDocument, { input: { messageId: action.messageId } })
        const { index, revision } = deleteMessage!.message
        return { payload: undefined, changes: [{ kind: 'messageRemoved', channelId, index, revision }] }
      } catch (error) {
        // Deleted already: by this item before its answer was lost, or by somebody else.
        if (error instanceof ChatError && error.code === 'NOT_FOUND') return { payload: undefined, changes: [] }
        throw error
      }
    }
  }
}

const changed = (channelId: string, message: Message): Performed => ({
  payload: message,
  changes: [{ kind: 'messages', channelId, messages: [message], covered: null }],
})
