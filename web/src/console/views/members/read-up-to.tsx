import type { MemberRowFieldsFragment } from '../../generated/types.ts'
import { membersTexts as texts } from '../../texts/en/members.ts'

/** The index up to which a member has read. Where the service keeps none there is no count of what is unread either. */
export function ReadUpTo({
  member: { lastReadIndex, unreadCount },
}: {
  readonly member: Pick<MemberRowFieldsFragment, 'lastReadIndex' | 'unreadCount'>
}) {
  if (lastReadIndex !== null) return <>{lastReadIndex.toLocaleString('en')}</>
  return <span className="none">{unreadCount === null ? texts.notKept : texts.nothingRead}</span>
}
