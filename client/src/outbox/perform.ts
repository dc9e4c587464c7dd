import { ChatError } from '../errors.ts'
import type { Document } from '../graphql/document.ts'
import {
  AddReactionDocument,
  DeleteMessageDocument,
  MessageDocument,
  RemoveReactionDocument,
  SendMessageDocument,
  UpdateMessageDocument,
} from '../graphql/generated/documents.ts'
import type { SendMessageInput, UpdateMessageInput } from '../graphql/generated/types.ts'
import type { Change } from '../store/change.ts'
import type { Message, OutboxAction, OutboxItem } from '../store/state.ts'
import { messageChange, removalChange } from '../store/thread.ts'

export type Request = <Result, Variables>(
  document: Document<Result, Variables>,
  variables: Variables,
) => Promise<Result>

type Edit = Extract<OutboxAction, { readonly kind: 'edit' }>

export interface Performed {
  /** The message; undefined of a deletion and a reaction. */
  readonly payload: Message | undefined
  readonly changes: readonly Change[]
}

/** Does what an item says. Doing it again, after an answer that was lost, is the same as doing it once (O2). */
export async function perform(request: Request, { channelId, action }: OutboxItem): Promise<Performed> {
  switch (action.kind) {
    case 'send': {
      const { kind: _kind, ...input } = action
      const { sendMessage } = await request(SendMessageDocument, { input: { channelId, ...input } as SendMessageInput })
      return changed(sendMessage!)
    }
    case 'edit': {
      const { kind: _kind, ...input } = action
      try {
        const { updateMessage } = await request(UpdateMessageDocument, { input: input as UpdateMessageInput })
        return changed(updateMessage!)
      } catch (error) {
        if (!(error instanceof ChatError) || error.currentVersion !== (input.expectedVersion ?? 0) + 1) throw error
        const { message } = await request(MessageDocument, { id: input.messageId })
        if (!message || !isDone(message, input)) throw error
        return changed({ message })
      }
    }
    case 'pin': {
      const document = action.document as Document<Readonly<Record<string, { readonly message: Message }>>, object>
      const answer = await request(document, { input: { messageId: action.messageId } })
      return changed(Object.values(answer)[0]!)
    }
    case 'react': {
      const { messageId, reaction, isAdded } = action
      const input = { messageId, reaction }
      const payload = isAdded
        ? (await request(AddReactionDocument, { input })).addReaction
        : (await request(RemoveReactionDocument, { input })).removeReaction
      const { index, revision: at, reactions } = payload!.message
      return { payload: undefined, changes: [{ kind: 'reactions', channelId, index, at, reactions }] }
    }
    case 'delete': {
      try {
        const { deleteMessage } = await request(DeleteMessageDocument, { input: { messageId: action.messageId } })
        return { payload: undefined, changes: [removalChange(deleteMessage!.message)] }
      } catch (error) {
        // Deleted already: by this item before its answer was lost, or by somebody else.
        if (error instanceof ChatError && error.code === 'NOT_FOUND') return { payload: undefined, changes: [] }
        throw error
      }
    }
  }
}

/** Whether a message is what an edit that expected the version before makes of it: then it was this edit, and its answer was lost. */
function isDone({ version, body, attributes }: Message, edit: Omit<Edit, 'kind'>): boolean {
  const made = [edit.expectedVersion! + 1, edit.body ?? body, edit.attributes ?? attributes]
  return JSON.stringify(made) === JSON.stringify([version, body, attributes])
}

const changed = ({
  message,
  droppedMentions = [],
}: Pick<Message, 'droppedMentions'> & { readonly message: Message }): Performed => ({
  payload: droppedMentions.length > 0 ? { ...message, droppedMentions } : message,
  changes: [messageChange(message)],
})
