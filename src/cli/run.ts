import type { Entry, ExitCode } from './entry.ts'
import { helpOf, helpOfAll, usageOf } from './help.ts'
import { findEntry, parseCall, UsageError } from './parse.ts'
import { table } from './table.ts'

const print = (text: string): void => void process.stdout.write(text)

/** Does what the words say. A call that is wrong does nothing, and says how it would be right. */
export async function runProgram(words: readonly string[]): Promise<ExitCode | void> {
  try {
    return await dispatch(words)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const usage = error.entry ? `usage: ${usageOf(error.entry)}` : '`fonechat help` lists the commands'
    process.stderr.write(`fonechat: ${error.message}\n${usage}\n`)
    return 2
  }
}

async function dispatch(words: readonly string[]): Promise<ExitCode | void> {
  const [first, ...others] = words
  if (first === undefined) return dispatch(['start'])
  if (first === '--version' || first === '-v') return dispatch(['version', ...others])
  if (first === 'help' || first === '--help' || first === '-h') return help(others)
  if (first.startsWith('-')) throw new UsageError(`there is no option ${first} without a command`)
  if (isGroup(first) && (others[0] === '--help' || others[0] === '-h')) return help([first])
  const { entry, rest } = findEntry(words, table)
  const { isHelp, values, options } = parseCall(entry, rest)
  if (isHelp) return help(entry.name.split(' '))
  return entry.run(values, options)
}

/** The ways of a command that has several, as `keys`. */
function ofGroup(word: string): readonly Entry[] {
  return table.filter(({ name }) => name.startsWith(`${word} `))
}

const isGroup = (word: string): boolean => ofGroup(word).length > 0

function help(words: readonly string[]): ExitCode {
  if (words.length === 0) print(helpOfAll(table))
  else if (words.length === 1 && isGroup(words[0]!)) print(ofGroup(words[0]!).map(helpOf).join('\n'))
  else print(helpOf(findEntry(words, table).entry))
  return 0
}
