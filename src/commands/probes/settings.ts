import type { SettingFault } from '../../config/read-config.ts'
import type { Finding } from '../../model/finding.ts'

/** Settings that keep the server from starting. */
export function faultFindings(faults: readonly SettingFault[]): Finding[] {
  return faults.map(({ setting, text }) => ({
    code: 'setting.wrong',
    severity: 'error',
    subject: setting,
    text: `${setting}: ${text}.`,
    remedy: 'Set it as docs/settings.md says.',
  }))
}
