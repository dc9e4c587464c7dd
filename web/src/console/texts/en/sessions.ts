/** The view of the console's sessions. */
export const sessionsTexts = {
  title: 'Sessions',
  says: 'Who is signed in to this console. A session ends 12 hours after signing in, after 2 hours without a request, and with the credential that it was opened with.',
  empty: 'Nobody is signed in.',
  columns: { who: 'Signed in with', browser: 'Browser', address: 'From', used: 'Last used', ends: 'Ends' },
  authToken: 'Auth token',
  isCurrent: 'This one',
  noBrowser: 'gave no name',
  end: 'End session',
  endTitle: 'End this session?',
  endSays: 'Its browser has to sign in again, within 3 seconds. Nothing that it has changed is undone.',
  endOwnSays: 'It is the one that you are using: you will be signed out.',
  ended: 'Session ended.',
  gone: 'This session has ended.',
  created: 'Signed in',
} as const
