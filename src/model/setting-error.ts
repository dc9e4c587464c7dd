/** A setting is wrong. The message is a sentence for the operator that begins with its name. */
export class SettingError extends Error {
  override readonly name = 'SettingError'
}
