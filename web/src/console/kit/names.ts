import type { ChannelNameFieldsFragment } from '../generated/types.ts'
import { peopleTexts as texts } from '../texts/en/people.ts'

/** What a channel is called: names by which people find it, or else what it is. */
export function channelName({
  friendlyName,
  uniqueName,
  isDirect,
}: Pick<ChannelNameFieldsFragment, 'friendlyName' | 'uniqueName' | 'isDirect'>): string {
  return friendlyName ?? uniqueName ?? (isDirect ? texts.directChannel : texts.unnamedChannel)
}

/** `public`, `private` or `direct`. */
export function channelKind({ type, isDirect }: Pick<ChannelNameFieldsFragment, 'type' | 'isDirect'>): string {
  if (isDirect) return texts.direct
  return type === 'PUBLIC' ? texts.public : texts.private
}

const sidPattern = /^([A-Z]{2})[0-9a-f]{32}$/u

/** The two letters that a SID begins with; undefined for what is none. */
export const sidPrefix = (text: string): string | undefined => sidPattern.exec(text)?.[1]
