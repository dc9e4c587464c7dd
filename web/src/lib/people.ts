const colors = 8

/** The colour of a person: the same wherever the person appears. Alice and Bob have the first two. */
export function personColor(identity: string): string {
  const known = ['alice', 'bob', 'mira', 'kenji', 'nour', 'tomas'].indexOf(identity.toLowerCase())
  if (known >= 0) return `var(--person-${known})`
  let sum = 0
  for (const char of identity) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) >>> 0
  return `var(--person-${sum % colors})`
}

/** One or two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u)
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return letters
    .map((word) => Array.from(word ?? '?')[0] ?? '?')
    .join('')
    .toLocaleUpperCase()
}
