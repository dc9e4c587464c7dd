'use client'
import type { Client } from '../../../client.ts'

/** Drafts beyond these lose the oldest. */
const maxDrafts = 100

const drafts = new WeakMap<Client, Map<string, string>>()

/** What was written in a channel and not sent, in the memory of this tab. */
export const draftOf = (client: Client, channelId: string): string => drafts.get(client)?.get(channelId) ?? ''

/** Keeps a draft; an empty one is none. */
export function keepDraft(client: Client, channelId: string, text: string): void {
  const kept = drafts.get(client) ?? new Map<string, string>()
  drafts.set(client, kept)
  kept.delete(channelId)
  if (text !== '') kept.set(channelId, text)
  const [oldest] = kept.keys()
  if (kept.size > maxDrafts && oldest !== undefined) kept.delete(oldest)
}
