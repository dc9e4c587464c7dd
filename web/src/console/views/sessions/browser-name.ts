/** By the words that browsers send: those that others send too, for the sake of old sites, stand last. */
const browsers = [
  ['Edg', 'Edge'],
  ['OPR', 'Opera'],
  ['Firefox', 'Firefox'],
  ['HeadlessChrome', 'Chrome'],
  ['Chrome', 'Chrome'],
  ['Safari', 'Safari'],
] as const
const systems = [
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['CrOS', 'ChromeOS'],
  ['Linux', 'Linux'],
] as const

/** `Firefox on Linux`, from what a browser calls itself; the beginning of that where it says nothing known. */
export function browserName(userAgent: string | null | undefined): string | undefined {
  if (userAgent == null || userAgent === '') return undefined
  const browser = browsers.find(([word]) => userAgent.includes(word))?.[1]
  const system = systems.find(([word]) => userAgent.includes(word))?.[1]
  if (!browser) return userAgent.slice(0, 40)
  return system ? `${browser} on ${system}` : browser
}
