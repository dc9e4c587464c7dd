/** What a worker asks the primary, which answers by number. A kind of shared state has its own verbs here. */
export type Question =
  | { readonly ask: 'add'; readonly set: string; readonly entry: string; readonly milliseconds: number }
  | { readonly ask: 'remove'; readonly set: string; readonly entry: string }
  | { readonly ask: 'isInhabited'; readonly set: string }
  | { readonly ask: 'metrics' }

/** From a worker to the primary. */
export type WorkerMessage =
  | { readonly type: 'ready'; readonly url: string }
  /** Each second, by which the primary knows that it does not stand still. */
  | { readonly type: 'alive' }
  | { readonly type: 'questions'; readonly questions: readonly (readonly [number: number, question: Question])[] }
  | { readonly type: 'metrics'; readonly number: number; readonly metrics: unknown }
  /** The database has outgrown this version: all have to stop. */
  | { readonly type: 'outdated' }

/** From the primary to a worker. */
export type PrimaryMessage =
  | { readonly type: 'answers'; readonly answers: readonly (readonly [number: number, answer: unknown])[] }
  | { readonly type: 'leads'; readonly leads: boolean }
  | { readonly type: 'metricsAsked'; readonly number: number }
  | { readonly type: 'stop'; readonly immediate: boolean }
