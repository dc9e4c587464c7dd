import { existsSync } from 'node:fs'
import { installPackages } from '../support/system-command.ts'
import { findSystemPostgres, systemPostgres } from '../support/system-postgres.ts'

/** What the run needs of the system, by the package of Debian that has it. */
const needed: Readonly<Record<string, string>> = {
  patroni: '/usr/bin/patroni',
  'python3-etcd': '/usr/lib/python3/dist-packages/etcd',
  'etcd-server': '/usr/bin/etcd',
  haproxy: '/usr/sbin/haproxy',
  iproute2: '/usr/sbin/ip',
  postgresql: systemPostgres,
}

/** Installs what is missing, and answers the folder of Postgres's commands. */
export function prepareSystem(): { readonly postgres: string } {
  if (process.getuid?.() !== 0) {
    throw new Error('the run of failovers needs root: each database has a network of its own, whose cable is pulled')
  }
  const missing = Object.keys(needed).filter((name) => !existsSync(needed[name]!))
  if (missing.length > 0) installPackages(missing, 'the run of failovers needs Patroni, etcd, HAProxy and Postgres')
  const postgres = findSystemPostgres('pg_rewind')
  if (postgres === undefined) throw new Error(`no Postgres with pg_rewind is in ${systemPostgres}`)
  return { postgres }
}
