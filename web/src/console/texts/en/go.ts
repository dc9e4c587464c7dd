/** Opening what a text names. */
export const goTexts = {
  title: 'Go to',
  label: 'Go to a SID, identity or unique name',
  placeholder: 'SID, identity or unique name',
  go: 'Go',
  looking: 'Looking for it…',
  nothing: (text: string) => `Nothing here is called “${text}”.`,
  says: 'Looked for were things with this SID, and in the chosen service users with this identity and channels with this unique name. Its case counts.',
  searchUsers: 'Search users for it',
  searchChannels: 'Search channels for it',
  searchMessages: 'Search messages for it',
} as const
