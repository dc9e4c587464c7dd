/** The view of the addresses that webhooks go to. */
export const endpointsTexts = {
  title: 'Webhook endpoints',
  says: 'The addresses that the service sends events to, what waits for each, and whether it answers.',
  empty: 'The service sends no events anywhere.',
  columns: {
    address: 'Address',
    events: 'Events',
    waiting: 'Waiting',
    failing: 'Failing',
    since: 'Since',
    state: 'State',
  },
  eventCount: (count: number) => (count === 0 ? 'none now' : String(count)),
  waiting: (waiting: number, queues: number) =>
    waiting === 0
      ? '0'
      : `${waiting.toLocaleString('en')} in ${queues === 1 ? '1 queue' : `${queues.toLocaleString('en')} queues`}`,
  states: {
    idle: 'Nothing waits',
    waits: 'Under way',
    failing: 'Does not take them',
    open: 'Circuit open',
    former: 'Former address',
  },
  nothing: 'none',
  queues: 'Queues',
  queuesSays:
    'One for each channel or user that events are about. Each is sent in order; a delivery that fails holds back its own queue alone.',
  failingSays: 'Queues whose first delivery was attempted and has not arrived.',
  showWaiting: 'Show what waits',
  eventsTitle: 'Events',
  noEvents: 'The service sends nothing here now. What still waits goes here.',
  circuits: 'Circuit breakers',
  circuitsSays:
    'Pre-events are asked by each process. After 5 timeouts in a row a process asks nothing for 30 seconds.',
  noCircuits: 'No process has asked it lately.',
  silent: (ids: readonly string[]) =>
    ids.length === 1
      ? `Process ${ids[0]} does not answer; it may have one, too.`
      : `${ids.length} processes do not answer; they may have one, too: ${ids.join(', ')}.`,
  circuitStates: { CLOSED: 'Closed', OPEN: 'Open', HALF_OPEN: 'Half open' },
  process: 'Process',
  openUntil: 'asks again',
  timeouts: 'Timeouts',
  running: 'Under way',
  waitTurn: 'Wait',
  test: 'Send a test',
  testTitle: 'Send a test',
  testSays:
    'A sample of an event, signed like every other and with SIDs of nothing that exists. Nothing changes in the service, and it is sent once.',
  testEvent: 'Event',
  testAction: 'Send',
  testAnswer: (status: number, ms: number) => `HTTP ${status} after ${ms.toLocaleString('en')} ms` as const,
  testNone: (ms: number) => `No answer after ${ms.toLocaleString('en')} ms` as const,
  close: 'Close',
  emptyAnswer: 'an empty body',
} as const
