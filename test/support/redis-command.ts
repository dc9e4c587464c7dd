import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['redis-server', 'valkey-server']

/** The Redis server of this machine. No registry package carries one, so where there is none the system's packages give it. */
export function redisCommand(): string {
  return findOnPath() ?? installRedis()
}

function findOnPath(): string | undefined {
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

function installRedis(): string {
  const wanted = 'the tests need a Redis server: neither redis-server nor valkey-server is on the PATH'
  if (process.getuid?.() !== 0) throw new Error(`${wanted}; install one, for example: apt-get install redis-server`)
  process.stderr.write(`${wanted}; installing redis-server with apt-get\n`)
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', 'redis-server']]) {
    const { status, error } = spawnSync('apt-get', ['--quiet', ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    if (status !== 0) throw new Error(`${wanted}, and apt-get ${args[0]} failed`, { cause: error })
  }
  const command = findOnPath()
  if (command === undefined) throw new Error(`${wanted}, not even after installing it`)
  return command
}
