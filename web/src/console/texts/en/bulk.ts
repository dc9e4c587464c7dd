const things = (one: string, many: string) => (count: number) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

/** What can be done to several rows of a list at once. */
export const bulkTexts = {
  channels: {
    count: things('channel', 'channels'),
    all: 'All channels that match the filter',
    label: 'Delete channels',
    title: 'Delete these channels?',
    says: 'The channels are deleted for all users, with their messages. This cannot be undone.',
  },
  users: {
    count: things('user', 'users'),
    all: 'All users that match the filter',
    label: 'Delete users',
    title: 'Delete these users?',
    says: 'They leave all channels and are signed out; their messages stay. This cannot be undone.',
  },
  members: {
    count: things('member', 'members'),
    all: 'All members of the channel',
    label: 'Remove members',
    title: 'Remove these members?',
    says: 'They receive nothing that is sent from then on. They can be added again.',
  },
  messages: {
    count: things('message', 'messages'),
    label: 'Delete messages',
    title: 'Delete these messages?',
    says: 'Their texts are deleted for everybody. This cannot be undone.',
  },
} as const
