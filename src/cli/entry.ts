import type { Config } from '../config/config.ts'

/** What the program ends with. Of every command, so that scripts may rely on it. */
export const exitCodes = {
  0: 'It is done, and nothing is wrong.',
  1: 'It has failed. stderr says why, in a sentence that names the setting where one is wrong.',
  2: 'It was called in a way that it does not know. Nothing was done.',
  3: 'It is done, and has found an error or a warning.',
} as const

export type ExitCode = keyof typeof exitCodes

export interface Argument {
  readonly name: string
  readonly meaning: string
}

export interface Option {
  readonly meaning: string
  /** What stands for the value in the usage; without it, the option is a switch. */
  readonly value?: string
}

type Options = Readonly<Record<string, Option>>

export type Values<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends { readonly value: string } ? string | undefined : boolean
}

interface Texts {
  /** One word, or two where a command has several ways, as `keys list`. */
  readonly name: string
  /** One line, for the list of all commands. */
  readonly summary: string
  /** What it does, and when one needs it. Paragraphs; those that begin with spaces stay as they are. */
  readonly description: readonly string[]
  /** Settings that change what it does. */
  readonly settings: readonly (keyof Config)[]
  readonly examples: readonly { readonly line: string; readonly meaning: string }[]
  /** Whether it looks for something, and ends with 3 when it has found it. */
  readonly isInspection?: true
}

/** A command as the program is told to run it: its texts, what it takes, and what it does. */
export interface Entry extends Texts {
  readonly arguments: readonly Argument[]
  readonly options: Options
  /** Without an answer, what was started sets the exit code itself. */
  run(
    values: readonly string[],
    options: Readonly<Record<string, string | boolean | undefined>>,
  ): Promise<ExitCode | void>
}

/** The same with its values as they were declared. `run` is where a command's code is loaded: the texts of all are loaded for each. */
export function defineEntry<
  const A extends readonly Argument[] = readonly [],
  const O extends Options = Readonly<Record<never, never>>,
>(
  entry: Texts & {
    readonly arguments?: A
    readonly options?: O
    run(values: { readonly [Key in keyof A]: string }, options: Values<O>): Promise<ExitCode | void>
  },
): Entry {
  const { run } = entry
  return {
    ...entry,
    arguments: entry.arguments ?? [],
    options: entry.options ?? {},
    // The parser has seen to it that these are the ones that were declared.
    run: (values, options) => run(values as { readonly [Key in keyof A]: string }, options as Values<O>),
  }
}

/** Of every command that reports something. */
export const json = {
  meaning: 'Print one JSON document instead of sentences.',
} as const satisfies Option
