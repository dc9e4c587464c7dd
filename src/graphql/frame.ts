import type { ExecutionResult, GraphQLFormattedError } from 'graphql'

export interface FormattedResult {
  readonly data?: ExecutionResult['data']
  readonly errors?: readonly GraphQLFormattedError[]
}

/**
 * One result of an execution that many subscribers share: serialised once, whoever sends it.
 */
export class Frame {
  readonly result: FormattedResult
  #bytes: string | undefined

  constructor(result: FormattedResult) {
    this.result = result
  }

  /** The UTF-8 bytes of the result as JSON, one character each: what a socket writes as latin1 without looking again. */
  get bytes(): string {
    return (this.#bytes ??= toByteString(JSON.stringify(this.result)))
  }
}

// oxlint-disable-next-line no-control-regex -- the question is whether there is anything but ASCII
const ascii = /^[\x00-\x7f]*$/

export function toByteString(text: string): string {
  return ascii.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}
