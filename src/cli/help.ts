import { exitCodes, type Entry, type ExitCode } from './entry.ts'

const columns = 80

/** How the command is called, in a line. */
export function usageOf({ name, arguments: values, options }: Entry): string {
  const given = values.map((value) => ` <${value.name}>`)
  const chosen = Object.entries(options).map(([option, { value }]) => ` [${optionText(option, value)}]`)
  return `fonechat ${name}${given.join('')}${chosen.join('')}`
}

/** All commands, a line for each. */
export function helpOfAll(table: readonly Entry[]): string {
  return [
    'fonechat, a self-hosted chat server',
    '',
    'Usage: fonechat [command] [arguments] [options]',
    '',
    'Commands:',
    ...pairs(table.map(({ name, summary }) => [name, summary])),
    '',
    ...wrap('Without a command it starts the server. `fonechat help <command>` says more of one.'),
    ...wrap('Settings come from the environment: docs/settings.md lists them.'),
    '',
  ].join('\n')
}

/** What one wants to know before running a command. */
export function helpOf(entry: Entry): string {
  const { arguments: values, options, isInspection, settings, examples } = entry
  const codes: ExitCode[] = isInspection ? [0, 1, 2, 3] : [0, 1, 2]
  const sections = [
    [`Usage: ${usageOf(entry)}`],
    ...entry.description.map((paragraph) => (paragraph.startsWith(' ') ? [paragraph] : wrap(paragraph))),
    section(
      'Arguments',
      values.map(({ name, meaning }) => [`<${name}>`, meaning]),
    ),
    section('Options', [
      ...Object.entries(options).map(([name, { value, meaning }]) => [optionText(name, value), meaning] as const),
      ['-h, --help', 'Print this and do nothing.'],
    ]),
    section(
      'Examples',
      examples.map(({ line, meaning }) => [line, meaning]),
      40,
    ),
    section(
      'Exit codes',
      codes.map((code) => [String(code), exitCodes[code]]),
    ),
    settings.length > 0 ? ['Settings that count:', ...wrap(settings.join(', '), 2)] : [],
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

type Pair = readonly [term: string, meaning: string]

function section(title: string, all: readonly Pair[], widest?: number): string[] {
  return all.length > 0 ? [`${title}:`, ...pairs(all, widest)] : []
}

/** Terms in one column and what they mean in the next; below it, where one is too wide. */
function pairs(all: readonly Pair[], widest = 24): string[] {
  const lengths = all.map(([term]) => term.length)
  const width = Math.max(...lengths) > widest ? 4 : Math.max(...lengths)
  return all.flatMap(([term, meaning]) => {
    const lines = wrap(meaning, width + 4)
    if (term.length > width) return [`  ${term}`, ...lines]
    return [`  ${term.padEnd(width)}  ${lines[0]!.trimStart()}`, ...lines.slice(1)]
  })
}

function optionText(name: string, value: string | undefined): string {
  return value === undefined ? `--${name}` : `--${name} <${value}>`
}

function wrap(text: string, indent = 0): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > columns) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line].map((each) => ' '.repeat(indent) + each)
}
