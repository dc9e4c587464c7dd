import packageJson from '../../package.json' with { type: 'json' }
import { printOutcome, type Output } from './command.ts'

/** Prints what this program is. */
export async function version(output: Output): Promise<0> {
  const { version } = packageJson
  printOutcome({ text: version, data: { version, node: process.versions.node } }, output)
  return 0
}
