import type { RequestOptions } from '../graphql/document.ts'
import { JoinChannelDocument } from '../graphql/generated/documents.ts'
import { listedChanges } from '../sync/page-changes.ts'
import type { HandleContext } from './context.ts'

/** Joins a channel by its SID or unique name, and resolves with its SID once the state has it. */
export async function join(
  { host, store }: HandleContext,
  idOrUniqueName: string,
  options?: RequestOptions,
): Promise<string> {
  const before = store.getSnapshot()
  const { joinChannel } = await host.request(JoinChannelDocument, { input: { channelId: idOrUniqueName } }, options)
  const { member } = joinChannel!
  host.apply(listedChanges([member], before))
  return member.channelId
}
