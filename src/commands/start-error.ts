import postgres from 'postgres'
import type { Config } from '../config/config.ts'
import { hideCredentials } from '../config/logger.ts'
import { ConfigError } from '../config/read-config.ts'
import { SettingError } from '../model/setting-error.ts'
import { DataDirectoryError } from '../store/engine/directory-lock.ts'
import { DatabaseFault } from '../store/engine/fault.ts'
import { MigrationError } from '../store/migration/error.ts'

type Settings = Pick<Config, 'PORT' | 'HOST' | 'DATA_DIR' | 'DATABASE_URL' | 'DATABASE_DIRECT_URL'>

/** Explains a mistake of the operator in a sentence that names the setting; undefined for a fault of the server. */
export function explainStartError(error: unknown, settings?: Settings): string | undefined {
  const causes = causesOf(error)
  const own = causes.find(
    (each) =>
      each instanceof ConfigError ||
      each instanceof DataDirectoryError ||
      each instanceof MigrationError ||
      each instanceof SettingError,
  )
  if (own) return own.message
  if (!settings) return undefined
  const sentence =
    explainListening(causes, settings) ?? explainFiles(causes, settings) ?? explainDatabase(causes, settings)
  return sentence && hideCredentials(sentence)
}

/** What helps where the database refuses a connection; undefined where it does not answer, or something else is wrong. */
export function refusalRemedy(error: unknown): string | undefined {
  const answer = causesOf(error).find((each) => each instanceof postgres.PostgresError)
  switch (answer?.code ?? '') {
    case '53300':
      return 'Lower DATABASE_POOL of the processes, end sessions that nobody needs (pg_stat_activity), or raise max_connections, or the CONNECTION LIMIT of the role or the database.'
    case '28P01':
    case '28000':
    case '3D000':
      return 'Give the processes the user, password and database that Postgres has, or mend those there.'
    default:
      return undefined
  }
}

function causesOf(error: unknown): Error[] {
  const causes: Error[] = []
  for (let each = error; each instanceof Error && causes.length < 10; each = each.cause) {
    causes.push(each)
    if (each instanceof AggregateError) causes.push(...each.errors.filter((inner) => inner instanceof Error))
  }
  return causes
}

type SystemError = NodeJS.ErrnoException & { readonly hostname?: string }

function explainListening(causes: readonly SystemError[], { PORT, HOST }: Settings): string | undefined {
  const found = causes.find(
    ({ syscall, hostname }) => syscall === 'listen' || (syscall === 'getaddrinfo' && hostname === HOST),
  )
  if (!found) return undefined
  switch (found.code ?? '') {
    case 'EADDRINUSE':
      return `PORT: another process listens on port ${PORT} of ${HOST} already; stop it, or choose another port`
    case 'EACCES':
      return `PORT: this user may not listen on port ${PORT}; choose one from 1024 on`
    default:
      return `HOST: ${HOST} is no address of this machine (${found.code})`
  }
}

/** Errors of files are of the data directory: the database has its own. */
function explainFiles(causes: readonly SystemError[], { DATA_DIR }: Settings): string | undefined {
  const error = causes.find(({ code, path }) => path !== undefined && fileCodes.has(code ?? ''))
  return error && `DATA_DIR: ${DATA_DIR} must be a folder that this user can write to (${error.code} at ${error.path})`
}

const fileCodes = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EISDIR', 'EDQUOT'])

function explainDatabase(causes: readonly Error[], settings: Settings): string | undefined {
  const isAboutDatabase = causes.some((each) => each instanceof DatabaseFault || each instanceof postgres.PostgresError)
  if (settings.DATABASE_URL === undefined || !isAboutDatabase) return undefined
  const names = settings.DATABASE_DIRECT_URL === undefined ? 'DATABASE_URL' : 'DATABASE_URL or DATABASE_DIRECT_URL'
  const answered = causes.find((each) => each instanceof postgres.PostgresError)
  return `${names}: ${answered ? explainAnswer(answered) : explainSilence(causes)}`
}

function explainAnswer({ code, message }: postgres.PostgresError): string {
  switch (code) {
    case '28P01':
    case '28000':
      return `Postgres refuses the user or its password (${message})`
    case '3D000':
      return `the database does not exist; create it (${message})`
    case '42501':
      return `the user lacks a privilege; make it the owner of the database (${message})`
    case '53300':
      return `Postgres has no connection left (${message})`
    default:
      return `Postgres answers with an error (${code}: ${message})`
  }
}

function explainSilence(causes: readonly SystemError[]): string {
  const last = causes.at(-1)!
  const system = causes.find(({ code, syscall }) => syscall !== undefined && code !== undefined)
  if (system?.code === 'ENOTFOUND' || system?.code === 'EAI_AGAIN') {
    return `no host is known by the name of ${system.hostname ?? 'its host'} (${system.code})`
  }
  if (system?.code === 'ECONNREFUSED') return `nothing listens there (${system.message})`
  const isSilent = causes.some((each) => each instanceof DatabaseFault && each.code === 'POOL_TIMEOUT')
  if (isSilent || last.name === 'TimeoutError') return 'nobody has answered in time'
  return last.message
}
