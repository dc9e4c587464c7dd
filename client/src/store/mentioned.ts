import type { Message } from './state.ts'

/** Whether a message of somebody else names a user, by itself or with all of the channel. */
export const isMentioned = (
  { authorIdentity, mentions }: Pick<Message, 'authorIdentity' | 'mentions'>,
  identity: string,
): boolean =>
  authorIdentity !== identity && (mentions?.channel === true || mentions?.identities.includes(identity) === true)
