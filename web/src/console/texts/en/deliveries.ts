/** The view of webhook deliveries. */
export const deliveriesTexts = {
  title: 'Webhook deliveries',
  says: 'Events on their way to the receivers of a service, the newest first. Those about the same channel or user arrive one after the other: one that fails holds back those behind it.',
  empty: 'Nothing was delivered yet. A service sends events once it has an address for them.',
  filters: { status: 'Status', event: 'Event', subject: 'Channel or user' },
  subjectPlaceholder: 'SID',
  columns: { event: 'Event', subject: 'About', address: 'To', status: 'Status', attempts: 'Attempts', at: 'Happened' },
  statuses: { PENDING: 'Waiting', DELIVERED: 'Delivered', DEAD: 'Given up' },
  failing: 'Failing',
  heldBack: (ahead: number) => `Held back by ${ahead.toLocaleString('en')}` as const,
  order: 'Order',
  isNext: 'It is the next of its order to be sent.',
  ahead: (count: number) =>
    count === 1 ? '1 delivery is sent before it.' : `${count.toLocaleString('en')} deliveries are sent before it.`,
  behind: (count: number) =>
    count === 0
      ? 'Nothing waits behind it.'
      : count === 1
        ? '1 delivery waits behind it.'
        : `${count.toLocaleString('en')} deliveries wait behind it.`,
  showBehind: 'Show what waits',
  heldBackBy: 'Held back by',
  heldBackBySays: (attempts: number) =>
    `It was attempted ${attempts === 1 ? 'once' : `${attempts} times`}, and has to arrive or be given up first.`,
  next: 'Next attempt',
  nextNow: 'under way',
  nextSays: 'Each attempt waits about twice as long as the one before, at most an hour.',
  attempted: 'Last attempt',
  notYet: 'not yet',
  answer: 'Last answer',
  noAnswer: 'No answer',
  answerStatus: (status: number) => `HTTP ${status}`,
  request: 'Request',
  json: 'JSON',
  form: 'form',
  parameters: 'Parameters',
  signature: 'Signature',
  signatureSays:
    'Each attempt is signed anew: X-Twilio-Signature with the account’s auth token, and the headers of Standard Webhooks with the secret of the service. Each has this SID as “webhook-id”: a receiver that keeps it does nothing twice.',
  replay: 'Send again',
  replayTitle: 'Send this delivery again?',
  replaySays:
    'It goes to the address that the service has now for the event, with the same SID, after all that waits for that address. Its receiver gets it once more.',
  replayed: 'The delivery waits to be sent again.',
  replayMany: 'Send again since…',
  manyTitle: 'Send deliveries again',
  manySays:
    'All deliveries of this service whose events happened since a time, in that order, with their SIDs, to the addresses that the service has now.',
  since: 'Events since',
  which: 'Which',
  onlyDead: 'Those that were given up',
  onlyDelivered: 'Those that have arrived',
  both: 'Both',
  counting: 'Counting…',
  noTime: 'Choose a time.',
  willSend: (count: number, isComplete: boolean) =>
    isComplete
      ? count === 1
        ? '1 delivery will be sent again.'
        : `${count.toLocaleString('en')} deliveries will be sent again.`
      : `More than ${count.toLocaleString('en')} deliveries will be sent again.`,
  willSendNone: 'There is nothing to send again since then.',
  targetCount: (url: string, count: number) => `${count.toLocaleString('en')} to ${url}`,
  manyAction: 'Send again',
  manyDone: (count: number) =>
    count === 1
      ? '1 delivery waits to be sent again.'
      : `${count.toLocaleString('en')} deliveries wait to be sent again.`,
  gone: 'This delivery does not exist any more. Settled ones are kept for WEBHOOK_LOG_DAYS.',
} as const
