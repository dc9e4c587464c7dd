import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Where Debian has its versions of Postgres. */
export const systemPostgres = '/usr/lib/postgresql'

/** The folder of the commands of the newest Postgres of the system that has this one: the packages of the registry leave out most. */
export function findSystemPostgres(command: string): string | undefined {
  return (existsSync(systemPostgres) ? readdirSync(systemPostgres) : [])
    .toSorted((one, other) => Number(other) - Number(one))
    .map((version) => join(systemPostgres, version, 'bin'))
    .find((path) => existsSync(join(path, command)))
}
