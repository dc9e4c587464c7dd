import { backup } from './entries/backup.ts'
import { check } from './entries/check.ts'
import { doctor } from './entries/doctor.ts'
import { keysCreate, keysDelete, keysList } from './entries/keys.ts'
import { migrate } from './entries/migrate.ts'
import { move } from './entries/move.ts'
import { reseal } from './entries/reseal.ts'
import { restored } from './entries/restored.ts'
import { start } from './entries/start.ts'
import { token } from './entries/token.ts'
import { version } from './entries/version.ts'
import type { Entry } from './entry.ts'

/** All commands, in the order in which the help lists them. `help` is the program's own. */
export const table: readonly Entry[] = [
  start,
  check,
  doctor,
  migrate,
  backup,
  restored,
  move,
  reseal,
  token,
  keysList,
  keysCreate,
  keysDelete,
  version,
]
