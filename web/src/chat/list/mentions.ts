import type { MessageRow } from '@fonechat/client'
import type { Name } from '../../lib/mentions.ts'
import type { Look } from './look.ts'

/** Whom a row names, as one text, so that it can be compared; empty where that is nobody. */
export function namedOf({ mentions, authorIdentity }: MessageRow, { self, nameOf }: Look): string {
  const { identities = [], channel } = mentions
  if (identities.length === 0 && !channel) return ''
  const names = identities.flatMap((identity) => [
    [nameOf(identity), identity],
    [identity, identity],
  ])
  return JSON.stringify([...names, ...(channel ? [['channel', authorIdentity === self ? '' : self]] : [])])
}

/** The names of that text. */
export const toNames = (named: string): readonly Name[] =>
  named === '' ? [] : (JSON.parse(named) as [string, string][]).map(([name, key]) => ({ name, key }))

/** Whether a row of somebody else names the user. */
export const namesSelf = ({ authorIdentity, mentions }: MessageRow, self: string): boolean =>
  authorIdentity !== self && (mentions.channel === true || mentions.identities?.includes(self) === true)
