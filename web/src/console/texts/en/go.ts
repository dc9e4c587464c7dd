/** Opening what a text names. */
export const goTexts = {
  title: 'Go to',
  label: 'Go to a SID, identity or unique name',
  placeholder: 'SID, identity or unique name',
  go: 'Go',
  looking: 'Looking for it…',
  nothing: (text: string) => `Nothing here is called “${text}”.`,
  says: 'No thing has this SID, and in the chosen service no user has this identity and no channel this unique name. Upper and lower case differ.',
  searchUsers: 'Search users for it',
  searchChannels: 'Search channels for it',
  searchMessages: 'Search messages for it',
} as const
