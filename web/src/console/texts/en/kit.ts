/** What all views share. */
export const kitTexts = {
  loading: 'Loading…',
  tryAgain: 'Try again',
  notLoaded:
    'This could not be loaded: the server does not answer. What you have written is kept; try again in a moment.',
  asOf: (age: string) => `As of ${age} ago: it cannot be read again now.`,
  never: 'never',
  justNow: 'just now',
  inAMoment: 'in a moment',
  all: 'All',
  clearFilters: 'Clear filters',
  nothingMatches: 'Nothing matches these filters.',
  pages: 'Pages',
  previousPage: 'Previous',
  firstPage: 'First page',
  noSuchPage: 'This page of the list is not there: its address is an old one, or that of another list.',
  wrongFilter: (why: string) => `The address has a filter with a value that is not possible.${why && ` ${why}`}`,
  defaultService: 'Default service',
  nextPage: 'Next',
  rows: (count: number, isAll: boolean) =>
    isAll ? (count === 1 ? '1 in all' : `${count} in all`) : `${count} on this page`,
  selectSays: 'Select rows to do something to several at once.',
  selectPage: 'Select all rows of this page',
  selectRow: (name: string) => `Select ${name}`,
  selectAll: (all: string) => `Select ${all.charAt(0).toLowerCase()}${all.slice(1)}`,
  selectNone: 'Select none',
  selected: (count: string) => `${count} selected`,
  close: 'Close',
  notices: 'Notices',
  closeNotice: 'Close this notice',
  cancel: 'Cancel',
  typeToConfirm: (phrase: string) => `Type “${phrase}” to confirm`,
  copySid: 'Copy the SID',
  copied: 'Copied',
  notCopied: 'The browser did not allow to copy.',
  edited: 'not saved',
  notDefault: 'changed',
  defaultIs: (value: string) => `Default: ${value}.`,
  job: {
    looks: 'Looking for what it would change…',
    finds: (count: number, isAll: boolean) => {
      const things = `${count.toLocaleString('en')}${isAll ? '' : ' or more'}`
      if (count === 0)
        return isAll ? 'Nothing matches: there is nothing to do.' : 'Nothing was found in the first two seconds.'
      return count === 1 && isAll ? 'This is what it is done to:' : `It is done to ${things}:`
    },
    more: (count: number, isAll: boolean) => `and ${count.toLocaleString('en')}${isAll ? '' : ' or more'} others`,
    started: 'Job started.',
  },
  chart: {
    unknown: '–',
    time: 'Time',
    most: (name: string, value: string) => `most: ${value} on ${name}`,
    summary: (title: string, unit: string, last: string, highest: string, at: string) =>
      `${title}, ${unit}: ${last} now, at most ${highest} at ${at}`,
  },
  problems: {
    away: 'The server does not answer. It is asked again by itself.',
    unreadable: 'The server answered something that is not of its API.',
  },
} as const
