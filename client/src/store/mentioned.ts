import type { Message } from './state.ts'

/** Whether a message of somebody else names a user, by itself or with all of the channel. */
export const isMentioned = (
  { authorIdentity, deletedAt, mentions }: Pick<Message, 'authorIdentity' | 'deletedAt' | 'mentions'>,
  identity: string,
): boolean =>
  authorIdentity !== identity &&
  deletedAt == null &&
  (mentions?.channel === true || mentions?.identities.includes(identity) === true)
