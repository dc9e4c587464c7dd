import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { installPackages } from '../support/system-command.ts'

/** The system user that Postgres and Patroni run as: `nobody` of every Linux, for Postgres refuses root. */
export const nobody = 65_534

/** What the run needs of the system, by the package of Debian that has it. */
const needed: Readonly<Record<string, string>> = {
  patroni: '/usr/bin/patroni',
  'python3-etcd': '/usr/lib/python3/dist-packages/etcd',
  'etcd-server': '/usr/bin/etcd',
  haproxy: '/usr/sbin/haproxy',
  iproute2: '/usr/sbin/ip',
  postgresql: '/usr/lib/postgresql',
}

/** Installs what is missing, and answers the folder of Postgres's commands. */
export function prepareSystem(): { readonly postgres: string } {
  if (process.getuid?.() !== 0) {
    throw new Error('the run of failovers needs root: each database has a network of its own, whose cable is pulled')
  }
  const missing = Object.keys(needed).filter((name) => !existsSync(needed[name]!))
  if (missing.length > 0) installPackages(missing, 'the run of failovers needs Patroni, etcd, HAProxy and Postgres')
  const folder = needed['postgresql']!
  const newest = readdirSync(folder)
    .toSorted((one, other) => Number(other) - Number(one))
    .find((version) => existsSync(join(folder, version, 'bin', 'pg_rewind')))
  if (newest === undefined) throw new Error(`no Postgres with pg_rewind is in ${folder}`)
  return { postgres: join(folder, newest, 'bin') }
}
