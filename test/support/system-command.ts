import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The Redis server of this machine. No package of a registry has one. */
export function redisCommand(): string {
  return systemCommand(['redis-server', 'valkey-server'], 'redis-server')
}

/** One of these commands. Where there is none the system's package gives it. */
export function systemCommand(names: readonly string[], systemPackage: string): string {
  return findCommand(names) ?? install(names, systemPackage)
}

/** The first of these commands that is there. For what is too large to be installed for a spec. */
export function findCommand(names: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function install(names: readonly string[], systemPackage: string): string {
  const wanted = `the tests need ${names.join(' or ')}, which is not on the PATH`
  if (process.getuid?.() !== 0) throw new Error(`${wanted}; install it, for example: apt-get install ${systemPackage}`)
  installPackages([systemPackage], wanted)
  const command = findCommand(names)
  if (command === undefined) throw new Error(`${wanted}, not even after installing it`)
  return command
}

/** Needs root. */
export function installPackages(packages: readonly string[], wanted: string): void {
  process.stderr.write(`${wanted}; installing ${packages.join(', ')} with apt-get\n`)
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', ...packages]]) {
    const { status, error } = spawnSync('apt-get', ['--quiet', ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    if (status !== 0) throw new Error(`${wanted}, and apt-get ${args[0]} failed`, { cause: error })
  }
}
