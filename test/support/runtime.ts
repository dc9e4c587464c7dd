import { spawnSync } from 'node:child_process'
import { installPackages } from './system-command.ts'

/**
 * The first of these commands that succeeds with these arguments; undefined where there is none and none can be installed. For what
 * is worth trying and not worth refusing to run.
 */
export function findRuntime(
  commands: readonly string[],
  args: readonly string[],
  packages: readonly string[],
): string | undefined {
  const find = (): string | undefined =>
    commands.find((command) => spawnSync(command, [...args], { stdio: 'ignore' }).status === 0)
  const found = find()
  if (found !== undefined || process.getuid?.() !== 0) return found
  try {
    installPackages(packages, `a spec wants ${packages.join(', ')}`)
  } catch {
    return undefined
  }
  return find()
}
