import type { CodegenPlugin } from '@graphql-codegen/plugin-helpers'
import { operationTexts } from './operation-texts.ts'

/** The same texts for the server, which answers them also where it answers only documents that it knows. */
export const plugin: CodegenPlugin['plugin'] = (_schema, files) =>
  `${JSON.stringify(
    operationTexts(files).map(({ text }) => text),
    null,
    2,
  )}\n`
