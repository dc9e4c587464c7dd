import type { ChatError } from '../errors.ts'

const final: ReadonlySet<ChatError['code']> = new Set(['BAD_USER_INPUT', 'FORBIDDEN', 'NOT_FOUND', 'CLOSED'])

/** Whether a subscription that ended so would end in the same way again. */
export const isFinal = ({ code }: ChatError): boolean => final.has(code)
