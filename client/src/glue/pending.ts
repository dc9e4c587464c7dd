const prefix = 'pending:'

/** What a sender knows of its message before the server has answered. */
export interface PendingMessageInput {
  /** SID of the channel. Its unique name will not do: the list is found by it. */
  readonly channelId: string
  readonly body: string
  /** Chosen by the sender, once for each message: by it the answer and the event take the place of this one. */
  readonly clientMessageId: string
  readonly attributes?: unknown
  /** The author as the document selects it, with `__typename` and `id`; null where it does not. */
  readonly author?: Readonly<Record<string, unknown>> | null
  readonly authorIdentity: string
  /** Of a reply: SID of the message that it answers. */
  readonly parentId?: string | null | undefined
  readonly showInChannel?: boolean | null | undefined
}

/** A message that is on its way, with all the scalar fields of `Message`. It is the last of its channel until the server gives it its index. */
export function pendingMessage({ attributes = {}, author = null, ...input }: PendingMessageInput) {
  const now = new Date().toISOString()
  const { parentId, showInChannel } = input
  return {
    __typename: 'Message' as const,
    id: `${prefix}${input.clientMessageId}`,
    index: Number.MAX_SAFE_INTEGER,
    revision: 0,
    cursor: '',
    ...input,
    attributes,
    author,
    createdAt: now,
    updatedAt: now,
    lastUpdatedBy: null,
    wasEdited: false,
    version: 1,
    editedAt: null,
    pinnedAt: null,
    pinnedBy: null,
    isSilent: false,
    parentIndex: null,
    parent: parentId == null ? null : { __typename: 'Message' as const, id: parentId },
    isShownInChannel: parentId == null || showInChannel === true,
    streamState: null,
    replyCount: 0,
    reactions: [],
    lastReplyAt: null,
    deletedAt: null,
    deliveredCount: null,
    readCount: null,
  }
}

/** Whether the server has not answered yet for this message. */
export function isPending({ id }: { readonly id: string }): boolean {
  return id.startsWith(prefix)
}
