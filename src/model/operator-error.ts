/** What keeps the server from starting and is for its operator to mend. The message is a sentence that names the setting. */
export class OperatorError extends Error {
  override readonly name: string = 'OperatorError'
}
