/** What is wrong with a setting, or with what it leads to: a sentence for the operator that begins with its name. */
export class SettingError extends Error {
  override readonly name = 'SettingError'
}
