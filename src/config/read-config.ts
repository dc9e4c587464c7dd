import { isBehindPooler, settings, type Config, type Setting } from './config.ts'
import { readSecretFile, SecretFileError } from './secret-file.ts'

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

type Environment = Readonly<Record<string, string | undefined>>

export interface SettingFault {
  readonly setting: string
  /** What is wrong, as it follows the name. */
  readonly text: string
}

/** Reads all settings. Throws one ConfigError that names every wrong one and what is expected. An empty value counts as unset. */
export function readConfig(environment: Environment): Config {
  const { config, faults } = inspectConfig(environment)
  if (faults.length === 0) return config
  throw new ConfigError(`wrong settings:\n  ${faults.map(({ setting, text }) => `${setting}: ${text}`).join('\n  ')}`)
}

/** The same for whoever goes on with what is right: a setting that is wrong is undefined in the answer. */
export function inspectConfig(environment: Environment): { config: Config; faults: readonly SettingFault[] } {
  const faults: SettingFault[] = []
  const given = new Set<string>()
  const entries = Object.entries<Setting>(settings).map(([name, { schema, isSecret }]) => {
    if (environment[name] || (isSecret && environment[`${name}_FILE`])) given.add(name)
    const value = isSecret ? readSecret(name, environment, faults) : environment[name]
    const result = schema.safeParse(value || undefined)
    if (!result.success) faults.push({ setting: name, text: `expected ${result.error.issues[0]!.message}` })
    return [name, result.data]
  })
  const config = Object.fromEntries(entries) as Config
  faults.push(...conflictsOf(config, given))
  return { config, faults }
}

/** From the environment, or from the file that it names. */
function readSecret(name: string, environment: Environment, faults: SettingFault[]): string | undefined {
  const [value, path] = [environment[name], environment[`${name}_FILE`]]
  if (!path) return value
  if (value) {
    faults.push({ setting: name, text: `expected either ${name} or ${name}_FILE, not both` })
    return undefined
  }
  try {
    return readSecretFile(path)
  } catch (error) {
    if (!(error instanceof SecretFileError)) throw error
    faults.push({ setting: `${name}_FILE`, text: `${path} ${error.message}` })
    return undefined
  }
}

/** Settings that do not fit each other. */
function conflictsOf(config: Config, given: ReadonlySet<string>): SettingFault[] {
  const faults: SettingFault[] = []
  const add = (sentence: string): void => {
    const colon = sentence.indexOf(': ')
    faults.push({ setting: sentence.slice(0, colon), text: sentence.slice(colon + 2) })
  }
  if (config.DATABASE_URL !== undefined && !given.has('SECRET_KEY')) {
    add('SECRET_KEY: expected 64 hex digits, since DATABASE_URL is set; `openssl rand -hex 32` makes them')
  }
  if (!given.has('DATABASE_URL') && typeof config.PROCESSES === 'number' && config.PROCESSES > 1) {
    add('PROCESSES: expected 1 or auto, since the embedded engine is one process; more need DATABASE_URL')
  }
  if (isBehindPooler(config) && config.DATABASE_DIRECT_URL === undefined) {
    add('DATABASE_DIRECT_URL: expected the database without its pooler, for migrations')
  }
  if (config.PERSISTED_DOCUMENTS_ONLY && config.PERSISTED_DOCUMENTS === undefined) {
    add('PERSISTED_DOCUMENTS: expected a file, since PERSISTED_DOCUMENTS_ONLY is set')
  }
  if (config.JWKS_URL !== undefined && (config.JWT_ISSUER === undefined || config.JWT_AUDIENCE === undefined)) {
    add('JWT_ISSUER and JWT_AUDIENCE: expected both, since JWKS_URL is set')
  }
  return faults
}
